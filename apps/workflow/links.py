"""Which pages carry out the events that belong to no stage."""

from __future__ import annotations

from apps.workflow.process import Event
from apps.workflow.registry import link

PAGES: dict[Event, str] = {
    Event.CLAIM: "workflow:claim", Event.REASSIGN: "workflow:reassign", Event.ASK_BORROWER: "workflow:ask_borrower",
    Event.ASK_COLLEAGUE: "workflow:ask_colleague", Event.ANSWER_RECORDED: "workflow:answer_recorded",
    Event.SEND_BACK: "workflow:send_back", Event.WITHDRAW_RECORDED: "workflow:withdraw_recorded",
    Event.FREEZE: "workflow:freeze", Event.UNFREEZE: "workflow:unfreeze", Event.REOPEN: "workflow:reopen",
    Event.URGENT_ON: "workflow:urgent_on", Event.URGENT_OFF: "workflow:urgent_off",
}  # fmt: skip
DANGERS = frozenset({Event.SEND_BACK, Event.WITHDRAW_RECORDED, Event.FREEZE})
LEADING = frozenset({Event.ANSWER_RECORDED, Event.REOPEN, Event.UNFREEZE})


def register_links() -> None:
    """Tell the registry."""
    for event, url_name in PAGES.items():
        link(event, url_name, primary=event in LEADING, danger=event in DANGERS)
