"""Words of workflow's own codes, for templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from apps.workflow.models import Notice
from apps.workflow.process import Event

register = template.Library()

WORDS: dict[str, Any] = {
    "message": _("a new message"), "answered": _("your question was answered"), Event.ASK_COLLEAGUE: _("a colleague asks you"), Event.ANSWER: _("the borrower has answered"),
    Event.ANSWER_RECORDED: _("the borrower has answered"), Event.REASSIGN: _("the case was handed to you"),
    Event.HOLDER_LEFT: _("the case comes to you: its holder left"),
    Event.FREEZE: _("the case was frozen"), Event.UNFREEZE: _("the freeze was lifted"), "due": _("the deadline is near"),
    "late": _("the deadline has passed"), "late_lead": _("a deadline in your branch has passed"),
    "data_asked": _("a borrower asks for a copy of their data"), "review_asked": _("a borrower asks to look at a decision again"),
    "review_referred": _("a second look asks for other terms"),
    "condition_overdue": _("a condition after payout is overdue"), "witness_asked": _("you are asked to witness a signature"),
    "release_collateral": _("collateral waits to be released"), "signatures_voided": _("your signature was voided by a change"),
    "rows_differ": _("rows were changed behind the application's back: read the audit log"),
    "delegation_made": _("a colleague hands you a right for a time"), "delegation_asked": _("a delegation waits for your agreement"),
    "delegation_agreed": _("a delegation was agreed to"), "delegation_ended": _("a delegation has ended"),
    "factor_reset_asked": _("somebody asks for a new factor in place of yours: stop it if it was not you"),
    "factor_reset_done": _("your lost factors were taken away: under Second factors stands when you sign again"),
    "recovery_used": _("a recovery code of yours was used: if it was not you, tell your security officer at once"),
    "recovery_done": _("new factors of yours rest on a recovery code: under Second factors stands when you sign again"),
    "recovery_watched": _("a colleague's new factors rest on a recovery code: see in the log whose, and ask them"),
    "factor_reset_stopped": _("a request for a new factor was stopped"),
    "right_asked": _("one of your people asks for a right"), "right_agreed": _("a right is agreed to and waits to be given"),
    "right_declined": _("a request for a right was declined"), "right_given": _("a right was given as asked for"),
    "right_ending": _("a right ends within two weeks: ask for it anew"), "right_ended": _("a right has ended"),
    "few_administrators": _("soon fewer than two administrators are left: give the role to another in time"),
    "role_recovered": _("an administrator's role was recovered by command: look at who and why in the log"),
    "review_asked_of_rights": _("rights of your people wait for your review"), "review_ending": _("a review of rights ends soon: what is unanswered is suspended"),
    "review_revoked": _("a right of yours was ended by the review"),
    "legal": _("a legal term is close or past"), "expiring": _("the case will expire"),
}  # fmt: skip


@register.filter
def notice_words(notice: Notice) -> Any:
    """Say what a notice is about."""
    kind = notice.kind.split(".")[0]
    if kind in WORDS:
        return WORDS[kind]
    return Event(notice.kind).label if notice.kind in Event.values else notice.kind.replace("_", " ")
