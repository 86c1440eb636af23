"""What upper floors know about loans; they connect themselves in ``AppConfig.ready()``. An empty port refuses to pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.disbursement.models import Drawdown
from apps.workflow.models import Facility

OnPaid = Callable[[Actor, Drawdown, dt.date], None]
Repaid = Callable[[Facility], Decimal]
ToNet = Callable[[Facility, dt.date], Decimal]

_on_paid: list[OnPaid] = []
_repaid: list[Repaid] = []
_to_net: list[ToNet] = []


def when_paid(handler: OnPaid) -> None:
    """Call ``handler`` in the act that confirms a payment, with the value date."""
    if handler not in _on_paid:
        _on_paid.append(handler)


def ask_loans(*, repaid: Repaid, to_net: ToNet) -> None:
    """Ask ``repaid`` for the principal that came back of a facility, and ``to_net`` for what settles the loans it replaces."""
    _repaid[:], _to_net[:] = [repaid], [to_net]


def paid(actor: Actor, drawdown: Drawdown, value_on: dt.date) -> None:
    """Tell every handler that a drawdown is paid; raises ``Unavailable`` where nobody would open the loan."""
    if not _on_paid:
        raise Unavailable("No part of the system opens loans; the payment is not confirmed.")
    for handler in _on_paid:
        handler(actor, drawdown, value_on)


def repaid_of(facility: Facility) -> Decimal:
    """Principal repaid on a facility's loans; nothing where nobody keeps loans."""
    return sum((ask(facility) for ask in _repaid), Decimal(0))


def to_net(facility: Facility, on: dt.date) -> Decimal:
    """What a payment of the facility keeps back on a day to settle the loans it replaces; locks them, so needs an act."""
    if facility.replaces_id is None:
        return Decimal(0)
    return sum((ask(facility, on) for ask in _to_net), Decimal(0))
