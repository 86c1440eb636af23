"""Handing over: which cases a lead has chosen, who could take them, and what would happen to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.selectors import accounts_who_can
from apps.accounts.models import Account, AccountKind
from apps.core.actor import Actor
from apps.core.errors import Refused, Stale
from apps.core.memory import remembering
from apps.workflow.eligibility import WORK_OF, why_no_holder
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors.lists import CaseFilter, cases_visible_to
from apps.workflow.selectors.scope import whole, without_excluded
from apps.workflow.services.advancing import check_event
from apps.workflow.states import OPEN

MOST = 100
"""Cases handed over at once; who has more is handed over in several goes."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case as the lead saw it: its number and version."""

    number: str
    version: int

    @classmethod
    def read(cls, text: str) -> Chosen | None:
        """Read ``LF-2026-000123:7``; ``None`` for what is no such thing."""
        number, _colon, version = text.partition(":")
        return cls(number, int(version)) if version.isdecimal() and len(version) <= 9 and number else None


@dataclass(frozen=True, slots=True)
class Line:
    """What happens, or happened, to one case: ``moves``, ``there`` already, or ``stays`` and why."""

    case: LoanCase
    outcome: str
    why: Any = ""
    version: int = 0

    @property
    def token(self) -> str:
        """The case as the lead saw it, for the next form."""
        return f"{self.case.number}:{self.version or self.case.version}"


def cases_chosen(actor: Actor, chosen: Iterable[Chosen]) -> list[LoanCase]:
    """Those of the chosen cases that the actor may see, by number."""
    scope, numbers = whole(actor), sorted({each.number for each in chosen})[:MOST]
    if scope is None or not numbers:
        return []
    rows = without_excluded(actor, LoanCase.objects.filter(scope, number__in=numbers))
    return list(rows.select_related("borrower__group", "product", "branch", "holder").order_by("number"))


def cases_held(actor: Actor, person_id: int) -> Sequence[LoanCase]:
    """Open cases of one holder in the actor's sight, due first; no more than are handed over at once."""
    return cases_visible_to(actor, CaseFilter(states=OPEN, holder_id=person_id, sort="due"), limit=MOST).rows


def holder_named(handle: str) -> Account | None:
    """The member of staff of a handle, in use or not: who has left still holds cases."""
    return Account.objects.filter(handle=handle, kind=AccountKind.STAFF).first()


def takers(cases: Iterable[LoanCase]) -> list[tuple[int, str]]:
    """People who do the work of at least one case's state at its branch; the preview says of which. Two queries a pair."""
    places = {(WORK_OF.get(case.state), case.branch_id) for case in cases}
    found: dict[int, str] = {}
    for work, branch_id in places:
        if work is not None:
            found |= dict(accounts_who_can(work, branch_id).values_list("person_id", "handle"))
    return sorted(found.items(), key=lambda pair: pair[1])


def previewed(actor: Actor, chosen: Sequence[Chosen], new_holder_id: int, text: str) -> list[Line]:
    """What handing each case over would do now; nothing is written and no refusal recorded."""
    seen = {each.number: each.version for each in chosen}
    with remembering():
        return [_line(actor, case, seen[case.number], new_holder_id, text) for case in cases_chosen(actor, chosen)]


def _line(actor: Actor, case: LoanCase, version: int, new_holder_id: int, text: str) -> Line:
    if case.holder_id == new_holder_id:
        return Line(case, "there")
    try:
        if case.version != version:
            raise Stale(by=case.changed_by, at=case.changed_at, subject=case)
        check_event(case, Event.REASSIGN, actor=actor, data={"new_holder_id": new_holder_id, "text": text})
    except Refused as refusal:
        return Line(case, "stays", reason_of(refusal, case, new_holder_id), version)
    return Line(case, "moves", version=version)


def reason_of(refusal: Refused, case: LoanCase, new_holder_id: int) -> Any:
    """Why a case stays, in words that name what keeps the new holder off."""
    if isinstance(refusal, Stale):
        return _("Changed since you looked: %(words)s") % {"words": refusal.message}
    if refusal.guard == "new_holder_eligible":
        return why_no_holder(case, new_holder_id) or refusal.message
    return refusal.message
