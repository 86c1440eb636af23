"""What later stages learn of an approval: frozen values of what was signed and offered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.approval.models import Condition, Offer
from apps.approval.selectors.conditions import conditions_standing
from apps.approval.selectors.memos import standing_of
from apps.approval.selectors.offers import offer_standing
from apps.workflow.models import Facility, LoanCase


@dataclass(frozen=True, slots=True)
class ApprovedTerms:
    """Terms approved for one facility: term in months, yearly rate in percent."""

    facility_id: int
    position: int
    kind: str
    amount: Decimal
    term_months: int
    rate: Decimal
    repayment: str
    available_until: dt.date | None


@dataclass(frozen=True, slots=True)
class ConditionSet:
    """A condition of the approval. ``text`` is in the reader's language; further words (``has_detail``) are opened by
    ``conditions_open``. ``due_days`` counts from the first payout for conditions that follow it."""

    id: int
    code: str
    kind: str
    text_en: str
    text_zh: str
    text: str
    due_days: int | None
    has_detail: bool


@dataclass(frozen=True, slots=True)
class ApprovalOutcome:
    """An approval that stands: the memo's digest, terms, conditions, offer, and the levels that signed for it.

    ``levels`` are those of the case: a waiver or deferral of a condition needs the same.
    """

    memo_id: int
    memo_number: int
    memo_digest: str
    policy_version: int
    currency: str
    amount: Decimal
    facilities: tuple[ApprovedTerms, ...]
    conditions: tuple[ConditionSet, ...]
    levels: tuple[str, ...]
    signer_ids: tuple[int, ...]
    offer_id: int
    offer_made_at: dt.datetime
    offer_ends_on: dt.date
    accepted_at: dt.datetime | None
    accepted_how: str


def approval_outcome(case: LoanCase) -> ApprovalOutcome | None:
    """The approval that stands for a case, or ``None`` before the last signature and after a revocation."""
    offer = offer_standing(case)
    if offer is None or offer.memo.voided_at is not None:
        return None
    standing = standing_of(offer.memo)
    return ApprovalOutcome(
        memo_id=offer.memo_id,
        memo_number=offer.memo.number,
        memo_digest=offer.memo.digest,
        policy_version=offer.memo.policy.version,
        currency=offer.currency,
        amount=offer.amount,
        facilities=_facilities(case, offer),
        conditions=tuple(condition_set(each) for each in conditions_standing(case)),
        levels=standing.needed,
        signer_ids=tuple(each.person_id for each in standing.signatures),
        offer_id=offer.pk,
        offer_made_at=offer.made_at,
        offer_ends_on=offer.ends_on,
        accepted_at=offer.accepted_at,
        accepted_how=offer.accepted_how,
    )


def _facilities(case: LoanCase, offer: Offer) -> tuple[ApprovedTerms, ...]:
    rows = {facility.position: facility for facility in Facility.objects.filter(case=case)}
    return tuple(_terms(rows[terms["position"]], terms) for terms in offer.terms["facilities"])


def _terms(facility: Facility, terms: dict[str, Any]) -> ApprovedTerms:
    return ApprovedTerms(
        facility.pk, facility.position, facility.kind, Decimal(terms["amount"]), terms["term"], Decimal(terms["rate"]),
        terms["repayment"], facility.available_until,
    )  # fmt: skip


def condition_set(condition: Condition) -> ConditionSet:
    """A condition as later stages see it."""
    return ConditionSet(
        condition.pk, condition.code, condition.kind, condition.text_en, condition.text_zh, condition.text,
        condition.due_days, bool(condition.detail),
    )  # fmt: skip
