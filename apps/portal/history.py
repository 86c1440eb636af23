"""What happened to an application so far and what comes by when, in the borrower's words: dates, and nobody of the bank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.disbursement.selectors.conditions import conditions_standing
from apps.workflow.legal import legal_terms
from apps.workflow.models import CaseStep, LoanCase
from apps.workflow.patience import expires_at
from apps.workflow.process import Event
from apps.workflow.states import State

HAPPENED: dict[str, Any] = {
    Event.SUBMIT: _("Application sent"), Event.SUBMIT_ONLINE: _("Application sent"), Event.ASK_BORROWER: _("We asked you something"),
    Event.ANSWER: _("You answered"), Event.ANSWER_RECORDED: _("You answered"), Event.SIGN_LAST: _("Offer made"),
    Event.OFFER_ACCEPT: _("Offer accepted"), Event.OFFER_ACCEPT_RECORDED: _("Offer accepted"), Event.NEGOTIATE: _("You asked for other terms"),
    Event.NEGOTIATE_RECORDED: _("You asked for other terms"), Event.LAPSE: _("The offer ended"), Event.CONTRACT_SIGNED: _("Contract signed"),
    Event.CONDITIONS_MET: _("Conditions met"), Event.PAYMENT_CONFIRMED_FIRST: _("Paid out"), Event.COMPLETE: _("Everything repaid"),
    Event.KNOCK_OUT: _("Decision: not granted"), Event.DECLINE_REVIEW: _("Decision: not granted"),
    Event.DECLINE_APPROVAL: _("Decision: not granted"), Event.WITHDRAW: _("Application withdrawn"),
    Event.WITHDRAW_RECORDED: _("Application withdrawn"), Event.WITHDRAW_CONSENT: _("Consent withdrawn"),
    Event.EXPIRE: _("Application expired"), Event.REOPEN: _("Application taken up again"), Event.AMEND: _("Terms are being changed"),
    Event.REVOKE: _("Terms are being changed"),
}  # fmt: skip
"""Events that a borrower is told of; what happens between people of the bank is not among them."""
EXPIRING = frozenset({State.DRAFT, State.WAITING})
"""States in which a case ends for want of a word from the borrower."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A day ahead: what is due on it, and whether the borrower has to do it."""

    label: Any
    day: dt.date
    is_yours: bool = False


def happened(case: LoanCase) -> list[tuple[Any, dt.datetime]]:
    """What happened, the newest first. One query."""
    steps = CaseStep.objects.filter(case=case, event__in=list(HAPPENED)).order_by("-id")
    return [(HAPPENED[event], at) for event, at in steps.values_list("event", "created_at")]


def coming(case: LoanCase) -> list[Coming]:
    """Days that count for the borrower now, the nearest first."""
    return sorted(_coming(case), key=lambda each: each.day)


def _coming(case: LoanCase) -> Iterator[Coming]:
    for term in legal_terms(case):
        yield Coming(_("Our answer to you") if term.code == "decision" else term.label, term.last_day)
    if case.state in EXPIRING:
        yield Coming(_("Without a word from you the application ends"), expires_at(case).date(), is_yours=True)


def to_be_met(case: LoanCase) -> list[tuple[str, str, dt.date | None]]:
    """Conditions of a signed loan: words of the list, where each stands, and its day if it has one."""
    if case.state not in (State.CONDITIONS, State.PAYOUT, State.ACTIVE):
        return []
    return [(each.condition.text, each.status, each.due_on) for each in conditions_standing(case)]
