"""Handles of people: pages and the log name persons by their account, never by their personal name."""

from __future__ import annotations

from collections.abc import Iterable

from apps.access.selectors import accounts_who_can
from apps.accounts.models import Account, AccountKind
from apps.core import memory
from apps.core.permissions import Permission
from apps.workflow.eligibility import holders_possible
from apps.workflow.models import LoanCase

KNOWN = "handles"


def handles_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Handle of each person's staff account; one query for those not asked about yet, people without one are left out."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    known: dict[int, str] = memory.kept(KNOWN) or {}
    if missing := wanted - known.keys():
        known = {**dict.fromkeys(missing, ""), **_asked(missing), **known}
        memory.keep(KNOWN, known)
    return {person_id: known[person_id] for person_id in wanted if known[person_id]}


def _asked(person_ids: Iterable[int]) -> dict[int, str]:
    named = Account.objects.filter(person_id__in=person_ids, kind=AccountKind.STAFF).order_by("-is_active", "id")
    found: dict[int, str] = {}
    for person_id, handle in named.values_list("person_id", "handle"):
        found.setdefault(person_id, handle)
    return found


def possible_holders(case: LoanCase) -> list[tuple[int, str]]:
    """People who may do the work of the case's state at its branch, but for who holds it: person id and handle."""
    return [(person_id, handle) for person_id, handle in holders_possible(case) if person_id != case.holder_id]


def colleagues(case: LoanCase, but: int | None) -> list[tuple[int, str]]:
    """People who may speak on the case at its branch: person id and handle."""
    rows = accounts_who_can(Permission.CASE_MESSAGE, case.branch_id).exclude(person=but)
    return list(rows.values_list("person_id", "handle"))
