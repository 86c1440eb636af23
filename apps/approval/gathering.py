"""Gathers what a memo binds from the earlier stages. It opens texts to bind them, never to show them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from decimal import Decimal
from typing import cast

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.applications.selectors import words_bound
from apps.approval.models import Condition, DecisionMemo
from apps.approval.rules import FacilityFacts, MemoFacts, ProductBounds, memo_content, memo_digest, memo_summary
from apps.audit.canonical import JSON, moment
from apps.collateral.selectors import CollateralOutcome, collateral_outcome
from apps.core.errors import Refused
from apps.core.gathered import rows
from apps.credit_review.selectors import CreditOutcome, credit_outcome, reasons_in, recommendation_words
from apps.workflow.dutybook import group_filter
from apps.workflow.models import Facility, FacilityState, LoanCase, Message
from apps.workflow.selectors.facilities import facilities_of

KEPT = "_memo_differs"
LANGUAGES = ("en", "zh-hans")
RUNNING = (FacilityState.APPROVED, FacilityState.ACTIVE)
_looked: ContextVar[dict[int, bool] | None] = ContextVar("memo_looked_at", default=None)


@contextlib.contextmanager
def one_look() -> Iterator[None]:
    """Look only once, until the block ends, whether a memo still holds.

    For an act that holds the case's lock and changes nothing that the memo binds: its guards, the move and the list of what
    is missing then rest on one look, taken under that lock.
    """
    token = _looked.set({})
    try:
        yield
    finally:
        _looked.reset(token)


def memo_differs(memo: DecisionMemo, case: LoanCase) -> bool:
    """Tell whether what a memo binds has changed since it was frozen.

    A page asks several times (buttons, checks, the memo itself): the answer is kept with the case's instance, for its
    version. So does an act inside ``one_look()``, whatever instance it holds.
    """
    looked, asked = _looked.get(), (memo.pk, case.version)
    if looked is not None and memo.pk in looked:
        return looked[memo.pk]
    kept: tuple[object, bool] | None = case.__dict__.get(KEPT)
    differs = kept[1] if looked is None and kept is not None and kept[0] == asked else _differs(memo, case)
    _keep(memo, case, differs)
    return differs


def just_frozen(memo: DecisionMemo, case: LoanCase) -> None:
    """Remember that a memo frozen a moment ago, from what stands now, holds: nobody looks again in this act."""
    _keep(memo, case, False)


def _keep(memo: DecisionMemo, case: LoanCase, differs: bool) -> None:
    looked = _looked.get()
    if looked is not None:
        looked[memo.pk] = differs
    case.__dict__[KEPT] = ((memo.pk, case.version), differs)


def _differs(memo: DecisionMemo, case: LoanCase) -> bool:
    try:
        return memo_digest(content_now(memo, case)) != memo.digest
    except Refused:
        return True


def content_now(memo: DecisionMemo, case: LoanCase, *, salt: str = "") -> dict[str, JSON]:
    """The content a memo would have if it were frozen now, under its own policy and salt."""
    kept = salt or str(memo.content.reveal()["salt"])
    return memo_content(memo_facts(case), memo.policy.rules(), number=memo.number, salt=kept)


def memo_facts(case: LoanCase) -> MemoFacts:
    """All that a memo binds, as it stands; raises ``Refused`` where no recommendation was sent."""
    outcome = credit_outcome(case)
    if outcome is None:
        raise Refused("recommendation_given", _("There is no recommendation to decide on."), subject=case)
    product, collateral = case.product, collateral_outcome(case)
    return MemoFacts(
        case=case.number,
        currency=case.currency,
        product=product.code,
        is_secured=case.is_secured,
        bounds=ProductBounds(
            product.max_amount, product.min_term, product.max_term, product.min_rate, product.max_rate
        ),
        facilities=_facilities(case, outcome),
        grade=outcome.grade,
        points=outcome.points,
        pd=outcome.pd,
        ratios=dict(outcome.ratios),
        dscr=outcome.dscr,
        collateral_value=collateral.total_value if collateral.is_confirmed else None,
        prior_liens=collateral.prior_liens,
        exposure_others=exposure_of_others(case),
        reasons=[{"attribute": reason.attribute, "points": reason.points} for reason in outcome.reasons],
        conditions=[_condition(each) for each in rows(case, Condition) if each.removed_at is None],
        guarantors=[
            {"party": each.party_id, "kind": each.kind, "amount": format(each.amount.normalize(), "f")}
            for each in outcome.guarantees
        ],
        texts=recommendation_words(case, outcome.recommendation_id),
        extra={
            "recommendation": outcome.recommendation_id,
            "scorecard": outcome.scorecard,
            "application": _application(case),
            "collateral": _collateral(collateral),
            **_where_any(waivers=_waivers(outcome), talk=_talk(case)),
        },
    )


def _where_any(**parts: list[JSON]) -> dict[str, JSON]:
    """Parts that hold something; an empty one leaves the content, and so the digest, as it was without it."""
    return {name: part for name, part in parts.items() if part}


def _waivers(outcome: CreditOutcome) -> list[JSON]:
    """What the credit policy let go when the recommendation was sent on."""
    return [cast("JSON", dict(waiver)) for waiver in outcome.waivers]


def _talk(case: LoanCase) -> list[JSON]:
    """What colleagues were asked on the case and what they answered, in order: a decision rests on it."""
    said = [row for row in rows(case, Message) if row.audience == "colleague" and row.kind in ("question", "answer")]
    return [
        {
            "kind": row.kind, "number": row.pk, "answers": row.reply_to_id, "by": row.author_name, "at": moment(row.created_at),
            "text": str(row.body.reveal()),
        }
        for row in said
    ]  # fmt: skip


def _application(case: LoanCase) -> dict[str, JSON]:
    """The borrower's words and the visit; whatever moves with the calendar stays out, or every memo would void itself."""
    known = words_bound(case)
    return {
        "revision": known.revision,
        "purpose": known.purpose,
        "repayment_source": known.repayment_source,
        "visit": known.visit,
        "visited_at": moment(known.visited_at) if known.visited_at else None,
    }


def _collateral(known: CollateralOutcome) -> dict[str, JSON]:
    return {
        "lending_value": format(known.lending_value.normalize(), "f"),
        "oldest_valuation_on": known.oldest_valuation_on.isoformat() if known.oldest_valuation_on else None,
        "assets": [dict(asset) for asset in known.assets],
    }


def _facilities(case: LoanCase, outcome: CreditOutcome) -> tuple[FacilityFacts, ...]:
    terms = {each.facility_id: each for each in outcome.facilities}
    return tuple(
        FacilityFacts(
            facility.position, facility.kind, facility.purpose.words, facility.amount, facility.term_months,
            terms[facility.pk].amount, terms[facility.pk].term_months, terms[facility.pk].rate, terms[facility.pk].repayment,
        )
        for facility in facilities_of(case)
        if facility.pk in terms
    )  # fmt: skip


def _condition(condition: Condition) -> dict[str, JSON]:
    return {
        "code": condition.code, "kind": condition.kind, "due_days": condition.due_days,
        "text_en": condition.text_en, "text_zh": condition.text_zh, "detail": str(condition.detail.reveal()),
    }  # fmt: skip


def exposure_of_others(case: LoanCase) -> Decimal:
    """What the borrower's group may owe besides this case: approved amounts of running facilities that it does not replace."""
    replaced = Facility.objects.filter(case=case, replaces__isnull=False).values("replaces")
    rows = Facility.objects.filter(group_filter(case), state__in=RUNNING, currency=case.currency)
    total = rows.exclude(case=case).exclude(pk__in=replaced).aggregate(total=Sum("approved_amount"))["total"]
    return Decimal(total or 0)


def summary_of(content: dict[str, JSON], case: LoanCase) -> dict[str, JSON]:
    """Figures of a memo for pages that open no secret, with the reasons of the score in both languages."""
    return memo_summary(content) | {"reasons": _worded_reasons(case)}


def _worded_reasons(case: LoanCase) -> list[JSON]:
    return [{"en": one.text, "zh": other.text, "points": one.points} for one, other in reasons_in(case, LANGUAGES)]
