"""Handing over many cases: the reassign step, one case at a time, each in an act of its own."""

from __future__ import annotations

from collections.abc import Sequence

from apps.access.services import authorize
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors.handing import Chosen, Line, cases_chosen, reason_of
from apps.workflow.services.steps import case_step


def cases_hand_over(*, actor: Actor, chosen: Sequence[Chosen], new_holder_id: int, text: str) -> list[Line]:
    """Give each chosen case to the new holder, or say why it stays; what has moved stands whatever comes after it.

    Sent twice, it moves nothing twice: a case that the new holder has already is left alone.
    """
    authorize(actor, Permission.CASE_REASSIGN)
    seen = {each.number: each.version for each in chosen}
    return [_handed(actor, case, seen[case.number], new_holder_id, text) for case in cases_chosen(actor, chosen)]


def _handed(actor: Actor, case: LoanCase, version: int, new_holder_id: int, text: str) -> Line:
    if case.holder_id == new_holder_id:
        return Line(case, "there")
    data = {"new_holder_id": new_holder_id}
    try:
        moved = case_step(actor=actor, case=case, event=Event.REASSIGN, version=version, data=data, text=text)
    except Refused as refusal:
        now = LoanCase.objects.get(pk=case.pk)
        if now.holder_id == new_holder_id:  # the same form, sent twice at once
            return Line(case, "there")
        return Line(case, "stays", reason_of(refusal, case, new_holder_id), now.version)
    return Line(moved, "moves")
