"""The offer: made when the last signature is given; it lapses by the clock and is revoked when the case turns back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.models import Offer
from apps.approval.rules import availability_end, offer_end
from apps.approval.selectors.conditions import condition_details, conditions_offered
from apps.approval.selectors.memos import memo_live
from apps.approval.selectors.offers import offer_standing, offers_ended
from apps.approval.services.letters import offer_letters
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.models import Facility, FacilityState, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, check_event


def offer_make(case: LoanCase, actor: Actor) -> None:
    """Handoff into offered: put the signed terms on the facilities, make the offer, write its letters."""
    memo = memo_live(case)
    if memo is None:
        raise Refused("memo_unchanged", _("There is no memo to make an offer from."), subject=case)
    today = clock.today()
    ends_on = offer_end(today, case.product.offer_days)
    for terms in memo.summary["facilities"]:
        _approve_facility(case, terms)
    offer = Offer.objects.create(
        case=case, memo=memo, currency=case.currency, amount=Decimal(str(memo.summary["amount"])), ends_on=ends_on,
        terms={"facilities": memo.summary["facilities"], "conditions": conditions_offered(case)}, made_at=clock.now(),
    )  # fmt: skip
    record(
        Tag.OFFER_MADE, actor=actor, subject=offer, case=case, stage=case.stage, policy=str(memo.policy.version),
        note={"memo": memo.number, "digest": memo.digest, "ends_on": ends_on},
    )  # fmt: skip
    offer_letters(case, actor, offer, condition_details(case))


def _approve_facility(case: LoanCase, terms: Mapping[str, Any]) -> None:
    facility = Facility.objects.get(case=case, position=terms["position"])
    facility.approved_amount, facility.approved_rate = Decimal(terms["amount"]), Decimal(terms["rate"])
    facility.approved_term, facility.repayment = terms["term"], terms["repayment"]
    facility.available_until = availability_end(clock.today(), facility.kind, terms["term"])
    facility.state = FacilityState.APPROVED
    facility.save()


@act
def offer_lapse(*, actor: Actor, case: LoanCase) -> LoanCase:
    """Let an offer lapse whose last day is over; only the clock does."""
    locked, offer = offer_lock(case, actor, None)
    check_event(locked, Event.LAPSE, actor=actor)
    offer.lapsed_at = clock.now()
    offer.save(update_fields=["lapsed_at"])
    facilities_release(locked)
    return advance(locked, Event.LAPSE, actor=actor, version=None, data={"offer": offer.pk})


def offers_lapse(actor: Actor) -> int:
    """Lapse every offer that is over, each in its own act; a frozen case waits. Returns how many lapsed."""
    lapsed = 0
    for offer in offers_ended(clock.today()):
        with contextlib.suppress(Refused):
            offer_lapse(actor=actor, case=offer.case)
            lapsed += 1
    return lapsed


def offer_close(case: LoanCase, actor: Actor) -> None:
    """Handoff into withdrawn and expired, and into stages before the offer: what stands of an offer is revoked."""
    offer = offer_standing(case)
    if offer is not None:
        offer_revoke(offer, case)


def offer_revoke(offer: Offer, case: LoanCase) -> None:
    """Revoke an offer and take the approved terms off the facilities, inside an open act."""
    offer.revoked_at = clock.now()
    offer.save(update_fields=["revoked_at"])
    facilities_release(case)


def facilities_release(case: LoanCase) -> None:
    """Take the approved terms off a case's facilities: they are only asked for again."""
    for facility in Facility.objects.filter(case=case, state=FacilityState.APPROVED):
        facility.approved_amount = facility.approved_rate = facility.approved_term = facility.available_until = None
        facility.state = FacilityState.ASKED
        facility.save()


def offer_lock(case: LoanCase, actor: Actor, version: int | None) -> tuple[LoanCase, Offer]:
    """Lock a case and its standing offer; raises ``Refused`` where there is none."""
    locked = case_lock(case, actor=actor, version=version)
    offer = offer_standing(locked)
    if offer is None:
        raise Refused("offer_open", _("There is no open offer."), subject=locked)
    return locked, offer
