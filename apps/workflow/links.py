"""Which pages carry out the events that belong to no stage."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from apps.access.roles import permissions_held
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.process import Event
from apps.workflow.registry import link
from apps.workflow.states import State

PAGES: dict[Event, str] = {
    Event.CLAIM: "workflow:claim", Event.REASSIGN: "workflow:reassign", Event.ASK_BORROWER: "workflow:ask_borrower",
    Event.ASK_COLLEAGUE: "workflow:ask_colleague", Event.ANSWER_RECORDED: "workflow:answer_recorded",
    Event.SEND_BACK: "workflow:send_back", Event.WITHDRAW_RECORDED: "workflow:withdraw_recorded",
    Event.FREEZE: "workflow:freeze", Event.UNFREEZE: "workflow:unfreeze", Event.REOPEN: "workflow:reopen",
    Event.URGENT_ON: "workflow:urgent_on", Event.URGENT_OFF: "workflow:urgent_off",
}  # fmt: skip
DESKS: dict[str, tuple[Any, str]] = {
    State.DRAFT: (_("Open the application"), "applications:stage"),
    State.INTAKE: (_("Open the application"), "applications:stage"),
    State.CREDIT_REVIEW: (_("Open the review"), "credit_review:review"),
    State.COLLATERAL_CHECK: (_("Open the collateral check"), "collateral:overview"),
    State.APPROVAL: (_("Open the decision memo"), "approval:memo"),
    State.CONTRACTING: (_("Open the contract"), "disbursement:contract"),
    State.CONDITIONS: (_("Open the conditions"), "disbursement:conditions"),
    State.PAYOUT: (_("Open the payments"), "disbursement:payments"),
    State.ACTIVE: (_("Open the payments"), "disbursement:payments"),
}
"""Where the work of a state is done: its words and its page; every one of them is open to whoever sees the case."""
DANGERS = frozenset({Event.SEND_BACK, Event.WITHDRAW_RECORDED, Event.FREEZE})
LEADING = frozenset({Event.ANSWER_RECORDED, Event.REOPEN, Event.UNFREEZE})


def register_links() -> None:
    """Tell the registry."""
    for event, url_name in PAGES.items():
        link(event, url_name, primary=event in LEADING, danger=event in DANGERS)


def file_of(number: str) -> str:
    """Address of the page that takes the whole file of a case out on paper; ``""`` where reports are not installed."""
    try:
        return reverse("reports:case_file", args=[number])
    except NoReverseMatch:
        return ""


def evidence_of(number: str, actor: Actor) -> str:
    """Address of the page that exports what the log says of a case, to be verified offline; ``""`` for who may not."""
    if Permission.AUDIT_EXPORT not in permissions_held(actor.held):
        return ""
    try:
        return f"{reverse('console:audit_export')}?{urlencode({'about': number, 'format': 'bundle'})}"
    except NoReverseMatch:
        return ""


def desk_of(state: str, number: str) -> tuple[Any, str] | None:
    """Words and address of the page where a case of a state is worked on; ``None`` where there is none."""
    words, name = DESKS.get(state, ("", ""))
    try:
        return (words, reverse(name, args=[number])) if name else None
    except NoReverseMatch:  # the stage is not installed
        return None
