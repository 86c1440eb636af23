"""What approval shows on the case page; nothing here opens a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.access.services import can
from apps.approval import wording
from apps.approval.rules import open_slots
from apps.approval.selectors.conditions import conditions_standing
from apps.approval.selectors.memos import memo_live, standing_for
from apps.approval.selectors.offers import counter_offer, letters_of, offer_standing
from apps.approval.selectors.pages import lines_shown
from apps.approval.selectors.reviews import reviews_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.states import State

AFTER_CONTRACT = (State.CONDITIONS, State.PAYOUT, State.ACTIVE, State.COMPLETED)

Shown = Mapping[str, Any] | None


def memo(case: LoanCase, actor: Actor) -> Shown:
    """The memo's table with policy limits."""
    live = memo_live(case)
    return None if live is None else {"case": case, "memo": live, "lines": lines_shown(live)}


def signatures(case: LoanCase, actor: Actor) -> Shown:
    """Who signed, who referred, and what is still missing."""
    standing = standing_for(case)
    if standing is None:
        return None
    missing = [wording.level(each) for each in open_slots(standing.needed, standing.given)]
    return {
        "case": case,
        "standing": standing,
        "given": [(wording.level(each.level), each) for each in standing.signatures],
        "referred": [(wording.level(each.level), each) for each in standing.referrals],
        "missing": missing if case.state == State.APPROVAL else [],
        "nobody": case.state == State.APPROVAL and not standing.needed,
    }


def policy_checks(case: LoanCase, actor: Actor) -> Shown:
    """Figures against the policy, those outside first."""
    live = memo_live(case)
    if live is None:
        return None
    lines = [line for line in lines_shown(live) if line.flag]
    return {"lines": sorted(lines, key=lambda line: not line.is_outside), "memo": live}


def conditions(case: LoanCase, actor: Actor) -> Shown:
    """Conditions, read-only here."""
    # after the contract, disbursement shows them with how far each is met
    rows = [] if case.state in AFTER_CONTRACT else conditions_standing(case)
    return {"case": case, "conditions": rows} if rows else None


def offer(case: LoanCase, actor: Actor) -> Shown:
    """The offer with what became of it, the borrower's counter-offer, and letters."""
    standing, asked, letters = offer_standing(case), counter_offer(case), letters_of(case)
    if standing is None and asked is None and not letters:
        return None
    return {"case": case, "offer": standing, "counter": asked, "letters": letters, "today": clock.today()}


def reviews(case: LoanCase, actor: Actor) -> Shown:
    """Requests to look at a decision again, with what became of each."""
    found = reviews_of(case)
    return (
        {"case": case, "reviews": found, "may_review": can(actor, Permission.DECISION_REVIEW, case).allowed}
        if found
        else None
    )


PANELS = (
    ("reviews", reviews, 5, "main"),
    ("offer", offer, 10, "main"),
    ("memo", memo, 15, "main"),
    ("signatures", signatures, 10, "side"),
    ("policy_checks", policy_checks, 15, "side"),
    ("conditions", conditions, 30, "side"),
)
