"""Who can take each step from where a case stands, and for the reader: why they, or why not, and who can.

What it says of the reader comes from the same checks as ``advance()`` itself; what it says of others from roles at the
branch, blocks, ties and duties done, and from the step's own guards, asked as if each of them acted. A handful of queries,
however many people and steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty, excluded
from apps.access.roles import roles_with
from apps.access.selectors import people_at
from apps.core import clock
from apps.core.actor import Actor, ActorKind, HeldRole
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow import process, registry
from apps.workflow.buttons import ASKED_OF_THE_READER
from apps.workflow.chart import state_words, who_words
from apps.workflow.checks import check_actor, check_freeze
from apps.workflow.dutybook import duties_by_person, loosened, people_off, person_did
from apps.workflow.eligibility import WORK_OF, duty_here
from apps.workflow.models import LoanCase
from apps.workflow.process import Event, Row, Who
from apps.workflow.reopening import people_decided_before

MOST_NAMED = 6
NEVER = frozenset({
    "eligible_here", "others_decide", "another_froze", "authority", "more_signatures_needed", "last_signature",
    "decline_within_authority", "next_level", "signer_or_above",
})  # fmt: skip
"""Guards about the reader that nothing mends: what fails them makes the answer no."""
Staff = Mapping[int, tuple[str, frozenset[str]]]
YES, LACKS, NO = "yes", "lacks", "no"
ORDER = (YES, LACKS, NO)


@dataclass(frozen=True, slots=True)
class StepStanding:
    """One step: who takes it, how it is with the reader (``yes``, ``lacks`` something, or ``no``), why, and who can now.

    Where people are eligible but nobody can now, ``lacking`` says what keeps all of them off.
    """

    event: str
    label: Any
    target: Any
    who: Any
    duty: Any
    step_up: bool
    reader: str
    why: Sequence[Any]
    people: Sequence[str]
    more: int
    by_person: bool
    lacking: Sequence[Any] = ()

    @property
    def nobody(self) -> bool:
        """Tell whether a person has to take it and nobody eligible is there."""
        return self.by_person and not self.people and not self.lacking


def steps_standing(case: LoanCase, actor: Actor) -> list[StepStanding]:
    """Every step from here, those of the reader first."""
    staff, off, done = people_at(case.branch_id), people_off(case), duties_by_person(case)
    before = people_decided_before(case)
    found = []
    for row in process.rows_from(case.state):
        kept = off | _kept_from(case, row, before)
        able = _eligible(*_work(case, row), staff, kept, done)
        if "holder" in row.guards and case.holder_id is None:
            able &= _eligible(WORK_OF.get(case.state), duty_here(case), staff, kept, done)
        found.append(_standing(case, actor, row, able, staff))
    return sorted(found, key=lambda each: (ORDER.index(each.reader), not each.by_person))


def _standing(case: LoanCase, actor: Actor, row: Row, eligible: Collection[int], staff: Staff) -> StepStanding:
    reader, why = _of_reader(case, actor, row)
    by_person = row.who is Who.PERSON
    short = {person: _short_of(case, row, person, staff[person]) for person in eligible} if by_person else {}
    able = sorted(staff[person][0] for person, lines in short.items() if not lines)
    lacking = () if able else tuple(dict.fromkeys(line for lines in short.values() for line in lines))
    return StepStanding(
        row.event, Event(row.event).label, state_words(row.target), who_words(row), Duty(row.duty).label if row.duty else "",
        row.step_up, reader, why, able[:MOST_NAMED] if by_person else (), max(len(able) - MOST_NAMED, 0), by_person, lacking,
    )  # fmt: skip


def _short_of(case: LoanCase, row: Row, person_id: int, known: tuple[str, frozenset[str]]) -> list[Any]:
    """What keeps one eligible person from a step now, by the guards that ask who acts: their labels."""
    if row.event == Event.CLAIM:
        return [] if case.holder_id in (None, person_id) else [_("Nobody holds the case")]
    handle, roles = known
    held = tuple(HeldRole(role, frozenset({case.branch_id})) for role in sorted(roles))
    other = Actor(ActorKind.PERSON, handle, person_id, held=held)
    asked = [registry.guards[name] for name in row.guards if name in registry.guards]
    return [
        each.label
        for each in asked
        if each.personal and not _to_be_taken(case, each.name) and each.check(case, other, {})
    ]


def _to_be_taken(case: LoanCase, guard: str) -> bool:
    """Tell whether a guard asks for the holder of a case that whoever is eligible may still take."""
    return guard == "holder" and case.holder_id is None


def _of_reader(case: LoanCase, actor: Actor, row: Row) -> tuple[str, list[Any]]:
    try:
        check_actor(case, row, actor)
    except NotVisible:
        return NO, [_("Your role reaches other branches than the case's.")]
    except Refused as refusal:
        return NO, [refusal.message]
    never = _unmet(case, actor, row, NEVER if case.holder_id is None else NEVER | {"holder"})
    if any(_to_be_taken(case, name) for name in row.guards):
        never = [*never, *registry.guards["eligible_here"].lacks(case, actor)]
    if never:
        return NO, never
    lacking = [*_frozen(case, row), *_unmet(case, actor, row)]
    if row.step_up and not actor.is_fresh(clock.now()):
        lacking.append(_("A code not older than five minutes is asked for."))
    return (LACKS, lacking) if lacking else (YES, [_allowed(row)])


def _allowed(row: Row) -> Any:
    if row.duty is None:
        return _("Your role includes this step, and nothing keeps you off it.")
    return _("Your role includes this step, and you did nothing here that excludes “%(duty)s”.") % {
        "duty": Duty(row.duty).label
    }


def _frozen(case: LoanCase, row: Row) -> list[Any]:
    try:
        if not row.while_frozen:
            check_freeze(case, row)
    except Refused as refusal:
        return [refusal.message]
    return []


def _unmet(case: LoanCase, actor: Actor, row: Row, only: Collection[str] = ()) -> list[Any]:
    known = [registry.guards[name] for name in row.guards if name in registry.guards]
    asked = [each for each in known if each.standing or each.personal or each.name in ASKED_OF_THE_READER]
    return [line for each in asked if not only or each.name in only for line in each.lacks(case, actor)]


def _work(case: LoanCase, row: Row) -> tuple[Permission | None, Duty | None]:
    """Permission and duty that decide who is eligible: for taking a case, those of the work that waits in it."""
    if row.event == Event.CLAIM:
        return WORK_OF.get(case.state), duty_here(case)
    return row.permission, row.duty


def _kept_from(case: LoanCase, row: Row, decided: Collection[int]) -> set[int]:
    """Persons whom something about this step keeps off it: who decided before, who froze."""
    kept = set(decided) if "others_decide" in row.guards else set()
    if "another_froze" in row.guards and case.frozen_by_id is not None:
        kept.add(case.frozen_by_id)
    return kept


def _eligible(
    permission: Permission | None,
    duty: Duty | None,
    staff: Staff,
    off: Collection[int],
    done: Mapping[int, frozenset[Duty]],
) -> set[int]:
    """Those who may take a step: role at the branch, no block, no tie, no duty done that excludes it."""
    wanted, loose = set(roles_with(permission)) if permission is not None else set(), loosened()
    return {
        person
        for person, (_handle, roles) in staff.items()
        if roles & wanted
        and person not in off
        and (duty is None or excluded(duty, done.get(person, ()), loose) is None)
    }


def person_duties(case: LoanCase, actor: Actor) -> list[Any]:
    """Duties that the reader took on in this very case, in words."""
    return [duty.label for duty in Duty if duty in person_did(case, actor.person_id or 0)]
