"""What upper floors do when a payment is settled; they connect themselves in ``AppConfig.ready()``, an empty port refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.disbursement.models import Drawdown

OnPaid = Callable[[Actor, Drawdown, dt.date], None]

_on_paid: list[OnPaid] = []


def when_paid(handler: OnPaid) -> None:
    """Call ``handler`` in the act that confirms a payment, with the value date."""
    if handler not in _on_paid:
        _on_paid.append(handler)


def paid(actor: Actor, drawdown: Drawdown, value_on: dt.date) -> None:
    """Tell every handler that a drawdown is paid; raises ``Unavailable`` where nobody would open the loan."""
    if not _on_paid:
        raise Unavailable("No part of the system opens loans; the payment is not confirmed.")
    for handler in _on_paid:
        handler(actor, drawdown, value_on)
