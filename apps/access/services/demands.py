"""What several services of rights demand of whoever acts: their own name, a fresh factor, a reason in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded

SHORTEST, LONGEST = 3, 300
"""Characters of a reason."""


def in_person(actor: Actor) -> None:
    """Raise ``Refused`` for a deputy: rights are asked for, handed over and reviewed in one's own name."""
    if actor.is_deputy:
        raise Refused("deputy", _("You act for another now. Act in your own name to do this."))


def fresh(actor: Actor, action: str, subject: Any = None) -> None:
    """Raise ``StepUpNeeded`` where the last factor is too old."""
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=subject, action=action)


def reason_fit(words: str) -> str:
    """Return a reason without what surrounds it; raises ``BadInput`` for one that says too little or too much."""
    reason = words.strip()
    if not SHORTEST <= len(reason) <= LONGEST:
        raise BadInput({"reason": [_("Say why, in 3 to 300 characters.")]})
    return reason
