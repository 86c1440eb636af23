"""Whoever leaves holds no case any more: each goes to the lead of its branch, in the act that lets the person go."""

from __future__ import annotations

from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services.advancing import advance
from apps.workflow.services.reminding import leads_of
from apps.workflow.states import OPEN


def cases_pass_on(actor: Actor, person_id: int) -> int:
    """Give the open cases of somebody who leaves to the leads of their branches; returns how many. Where nobody leads, a case
    goes back to the queue. Inside the open act: who suspends the person is named behind each step.
    """
    mover = Actor.system("leaving", channel=actor.channel, on_behalf_of=actor.person_id, on_behalf_name=actor.name)
    cases = LoanCase.objects.filter(holder_id=person_id, state__in=OPEN).order_by("pk")
    for case in cases:
        lead = min(leads_of(case) - {person_id}, default=None)
        advance(case, Event.HOLDER_LEFT, actor=mover, version=None, data={"new_holder_id": lead})
    return len(cases)
