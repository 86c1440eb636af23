"""What the review comes to: a recommendation sent on, or a decline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.applications.selectors import visit_waived
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.credit_review.models import Recommendation, RecommendedTerms
from apps.credit_review.selectors import newest_score, recommendation_standing
from apps.credit_review.services.entry import review_enter, text_taken
from apps.credit_review.services.proposals import FacilityProposal, check_terms, conditions_taken
from apps.credit_review.services.scoring import score_write
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, case_touch


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an analyst proposes: terms per facility, the collateral it counts on, and why."""

    facilities: Sequence[FacilityProposal]
    narrative: str
    assumed_collateral_value: Decimal = Decimal(0)
    strengths: str = ""
    risks: str = ""
    mitigants: str = ""
    conditions: Sequence[str] = ()


@act
def recommendation_save(*, actor: Actor, case: LoanCase, version: int, proposal: Proposal) -> Recommendation:
    """Write a recommendation down without sending it on; it takes the place of the last, and the case is scored on its terms."""
    locked = review_enter(case, actor=actor, version=version, permission=Permission.CREDIT_RECOMMEND)
    written = _write(locked, actor, proposal)
    record(
        Tag.NARRATIVE_WRITTEN, actor=actor, subject=written, case=locked, stage=locked.stage,
        note={"amount": str(written.amount), "secured": written.is_secured},
    )  # fmt: skip
    return written


@act
def recommend(*, actor: Actor, case: LoanCase, version: int, proposal: Proposal | None = None) -> LoanCase:
    """Send the recommendation on: to the collateral check when it rests on collateral, else to approval.

    With ``proposal`` it is written first, in the same transaction.
    """
    locked = review_enter(case, actor=actor, version=version, permission=Permission.CREDIT_RECOMMEND)
    if proposal is not None:
        _write(locked, actor, proposal)
    standing = recommendation_standing(locked)
    if standing is not None:
        _send(locked, actor, standing)
    event = Event.RECOMMEND_SECURED if locked.is_secured else Event.RECOMMEND_UNSECURED
    return advance(locked, event, actor=actor, version=locked.version)


def _send(case: LoanCase, actor: Actor, standing: Recommendation) -> None:
    """Mark the recommendation as sent, with what the policy lets go; a waiver is an event of its own."""
    waived = visit_waived(case)
    standing.score, standing.sent_at, standing.waivers = newest_score(case), clock.now(), []
    if waived is not None:
        named = {"guard": "visit_fresh", "up_to": _plain(waived.up_to), "amount": _plain(case.amount_asked)}
        standing.waivers = [{**named, "policy": waived.policy}]
    standing.save(update_fields=["score", "sent_at", "waivers"])
    if waived is not None:
        record(
            Tag.POLICY_WAIVED, actor=actor, subject=standing, case=case, stage=case.stage, policy=str(waived.policy),
            note={**named, "currency": case.currency},
        )  # fmt: skip


def _plain(amount: Decimal) -> str:
    """An amount as text, the same on every database."""
    return format(amount.normalize(), "f")


@act
def decline(*, actor: Actor, case: LoanCase, version: int, reasons: Sequence[str], text: str = "") -> LoanCase:
    """Decline after review, with reasons of the list; the letter quotes them."""
    locked = case_lock(case, actor=actor, version=version)
    return advance(locked, Event.DECLINE_REVIEW, actor=actor, version=version, reasons=reasons, text=text)


def _write(case: LoanCase, actor: Actor, proposal: Proposal) -> Recommendation:
    terms = check_terms(case, proposal.facilities, proposal.assumed_collateral_value)
    for old in Recommendation.objects.filter(case=case, superseded_at=None):
        old.superseded_at = clock.now()
        old.save(update_fields=["superseded_at"])
    written = Recommendation.objects.create(
        case=case, key_owner_id=case.borrower.key_owner_id, currency=case.currency, amount=sum(each.amount for _facility, each in terms),
        assumed_collateral_value=proposal.assumed_collateral_value, conditions=conditions_taken(proposal.conditions),
        narrative=text_taken("narrative", proposal.narrative, most=8000, required=True),
        strengths=text_taken("strengths", proposal.strengths, most=4000), risks=text_taken("risks", proposal.risks, most=4000),
        mitigants=text_taken("mitigants", proposal.mitigants, most=4000), created_by_id=actor.person_id,
    )  # fmt: skip
    for facility, each in terms:
        RecommendedTerms.objects.create(
            recommendation=written, facility=facility, amount=each.amount, term_months=each.term_months, rate=each.rate,
            repayment=each.repayment,
        )  # fmt: skip
    made = score_write(case, actor)
    grade = made.grade if made else case.grade
    case_touch(case, actor=actor, amount_proposed=written.amount, is_secured=written.is_secured, grade=grade)
    return written
