"""The list equals {case : can(actor, CASE_VIEW, case)}, whatever roles, branches, shares, blocks and own businesses there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from django.contrib.auth.models import Permission as Codename
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.access.roles import ROLE_TABLE, Role
from apps.access.services import can
from apps.accounts.models import Account, Branch
from apps.borrowers.models import StaffInterest
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors import CaseFilter, cases_counted, cases_visible_to
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.workflow import factories
from tests.worlds import once_a_module

STAFF = sorted(role for role in Role if role != Role.BORROWER)


@dataclass(frozen=True)
class Bank:
    """Five branches in a tree, a case in each, and two of one business; one person who is given all sorts of sight."""

    branches: Sequence[Branch]
    cases: Sequence[LoanCase]
    account: Account
    viewing: Codename


def build() -> Bank:
    root = people.branch("R")
    north, south = people.branch("N", root), people.branch("S", root)
    branches = [root, north, south, people.branch("N1", north), people.branch("S1", south)]
    cases = [factories.case(branch=branch) for branch in branches]
    cases.append(factories.case(branch=south, borrower=borrowers.borrower(branch=south)))
    kind = ContentType.objects.get_for_model(LoanCase)
    viewing, _made = Codename.objects.get_or_create(content_type=kind, codename=Permission.CASE_VIEW.value)
    return Bank(branches, cases, people.account(), viewing)


bank = once_a_module(build)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("bank"),
    pytest.mark.unrecorded,
]  # exceptions laid bare, by the dozen

HELD = st.lists(st.tuples(st.sampled_from(STAFF), st.sets(st.integers(0, 4)) | st.none()), max_size=3)
ENDS = st.sampled_from([None, -1, 1])
EXCEPTIONS = st.dictionaries(st.integers(0, 5), ENDS, max_size=3)


def ends(days: int | None) -> object:
    """A moment in the past or to come, or none."""
    return None if days is None else clock.now() + dt.timedelta(days=days)


def sight(bank: Bank, held: list[tuple[Role, set[int] | None]], tied: set[int]) -> Actor:
    """The actor with the roles and ties."""
    roles = tuple(
        HeldRole(role, None if at is None else frozenset(bank.branches[each].pk for each in at)) for role, at in held
    )
    own = frozenset(bank.cases[each].borrower_id for each in tied)
    return replace(people.actor_for(bank.account), held=roles, tied_borrower_ids=own)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    held=HELD,
    shared=EXCEPTIONS,
    blocked=EXCEPTIONS,
    tied=st.sets(st.integers(0, 5), max_size=2),
    limit=st.integers(1, 7),
)
def test_the_list_is_what_one_may_see(
    bank: Bank, held: list[tuple[Role, set[int] | None]], shared: dict[int, int | None], blocked: dict[int, int | None],
    tied: set[int], limit: int,
) -> None:  # fmt: skip
    actor = sight(bank, held, tied)
    with transaction.atomic():
        for each, days in shared.items():
            LoanCaseUserObjectPermission.objects.create(
                user=bank.account, permission=bank.viewing, content_object=bank.cases[each], ends_at=ends(days)
            )
        for each, days in blocked.items():
            CaseBlock.objects.create(
                case=bank.cases[each], person=bank.account.person, reason="cousin", ends_at=ends(days)
            )
        may = {case.pk for case in bank.cases if can(actor, Permission.CASE_VIEW, case).allowed}
        assert listed(actor, limit) == sorted(may, reverse=True)
        assert cases_counted(actor, CaseFilter()) == len(may)
        transaction.set_rollback(True)


def listed(actor: Actor, limit: int) -> list[int]:
    """Ids of all pages of the list, in its order."""
    page = cases_visible_to(actor, limit=limit)
    found = [case.pk for case in page.rows]
    while page.next_cursor:
        page = cases_visible_to(actor, cursor=page.next_cursor, limit=limit)
        found += [case.pk for case in page.rows]
    return found


def test_the_property_speaks_of_sight_and_of_none(bank: Bank) -> None:
    everywhere = [role for role in STAFF if Permission.CASE_VIEW in ROLE_TABLE[role]]
    nowhere = [role for role in STAFF if Permission.CASE_VIEW not in ROLE_TABLE[role]]
    assert len(listed(sight(bank, [(everywhere[0], None)], set()), 3)) == 6
    assert listed(sight(bank, [(nowhere[0], None)], set()), 3) == []
    assert not StaffInterest.objects.exists()
