"""Taking an approval back after it was given: to amend its terms, or to decide anew. The signatures are void."""

from __future__ import annotations

from apps.approval.selectors.offers import offer_standing
from apps.approval.services.offering import offer_revoke
from apps.approval.services.texts import text_taken
from apps.audit.services import act
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, check_event

REASON_LENGTH = 4000


@act
def approval_amend(*, actor: Actor, case: LoanCase, version: int, why: str) -> LoanCase:
    """Take the case back to approval to change its conditions or have its terms changed; everything signed is void."""
    return _take_back(Event.AMEND, case, actor, version, why)


@act
def approval_revoke(*, actor: Actor, case: LoanCase, version: int, why: str) -> LoanCase:
    """Take back an approval that was wrong; the case is decided anew."""
    return _take_back(Event.REVOKE, case, actor, version, why)


def _take_back(event: Event, case: LoanCase, actor: Actor, version: int, why: str) -> LoanCase:
    locked = case_lock(case, actor=actor, version=version)
    words = text_taken("why", why, most=REASON_LENGTH, required=True)
    check_event(locked, event, actor=actor, data={"text": words})
    offer = offer_standing(locked)
    if offer is not None:
        offer_revoke(offer, locked)
    return advance(locked, event, actor=actor, version=version, text=words)
