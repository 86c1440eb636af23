"""The steps that belong to no stage: taking, handing over, asking, sending back, withdrawing, freezing, reopening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.workflow.eligibility import may_work_here
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors.free import free_for
from apps.workflow.selectors.lists import cases_visible_to
from apps.workflow.services.advancing import advance
from apps.workflow.services.talk import notify

GENERIC = frozenset({
    Event.CLAIM, Event.REASSIGN, Event.ASK_BORROWER, Event.ASK_COLLEAGUE, Event.ANSWER_RECORDED, Event.SEND_BACK,
    Event.WITHDRAW_RECORDED, Event.FREEZE, Event.UNFREEZE, Event.URGENT_ON, Event.URGENT_OFF, Event.REOPEN,
})  # fmt: skip
"""Events that no stage adds records of its own to."""
CANDIDATES = 25


@act
def case_step(
    *,
    actor: Actor,
    case: LoanCase,
    event: str,
    version: int,
    data: Mapping[str, Any] | None = None,
    reasons: Sequence[str] = (),
    text: str = "",
) -> LoanCase:
    """Carry out one of the generic events; raises what ``advance()`` raises, ``ValueError`` for another event."""
    if event not in GENERIC:
        raise ValueError(f"{event} belongs to a stage, which has its own service")
    facts = dict(data or {})
    notify([facts.get("to_person_id")], case, event)
    return advance(case, event, actor=actor, version=version, data=facts, reasons=reasons, text=text)


@act
def case_take_next(*, actor: Actor) -> LoanCase:
    """Take the case that is due first among those nobody holds and the actor may work on; raises ``BadInput`` when none waits.

    When another person takes a candidate at the same moment, the next one is tried: nobody gets the same case.
    """
    authorize(actor, Permission.CASE_CLAIM)
    wanted = replace(free_for(actor), sort="due")
    page = cases_visible_to(actor, wanted, limit=CANDIDATES) if wanted.states else None
    for case in page.rows if page else ():
        if not may_go_on(case, actor):
            continue
        try:
            return advance(case, Event.CLAIM, actor=actor, version=case.version)
        except Refused:
            continue  # taken or changed in between
    raise BadInput(str(_("Nothing waits to be taken.")))


def may_go_on(case: LoanCase, actor: Actor) -> bool:
    """Tell whether the actor could take the state's forward step: not frozen, no tie, no duty done that excludes it."""
    people = [person for person in (actor.person_id, actor.on_behalf_of) if person is not None]
    return not case.is_frozen and all(may_work_here(case, person) for person in people)
