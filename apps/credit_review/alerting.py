"""What ought to make an analyst look twice: suggested alerts from plain facts, and their words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REVENUE_FALL = Decimal("-0.30")
MANY_ENQUIRIES = 4
LONG_DELAY = 30
THIN_COVER = Decimal("1.00")


class AlertKind(models.TextChoices):
    """What an alert is about."""

    REVENUE_FALL = "revenue_fall", gettext_lazy("Falling revenue")
    LOSS = "loss", gettext_lazy("Loss")
    NEGATIVE_EQUITY = "negative_equity", gettext_lazy("Negative equity")
    THIN_COVER = "thin_cover", gettext_lazy("Debt service not earned")
    OVERDUE_NOW = "overdue_now", gettext_lazy("Overdue debts")
    LONG_DELAY = "long_delay", gettext_lazy("Late payment")
    MANY_ENQUIRIES = "many_enquiries", gettext_lazy("Many enquiries")
    SHARED = "shared", gettext_lazy("Shared with another file")
    OTHER = "other", gettext_lazy("Noticed by a person")


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is known of a case; ``None`` where it is not known yet. ``shared`` maps a kind of detail to other files."""

    revenue_growth: Decimal | None = None
    net_profit: Decimal | None = None
    equity: Decimal | None = None
    dscr: Decimal | None = None
    overdue_now: Decimal | None = None
    worst_dpd: int | None = None
    enquiries: int | None = None
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An alert to raise: its kind, what tells it from another of that kind, and the figures for its words."""

    kind: AlertKind
    topic: str
    data: dict[str, str]


def suggest(facts: AlertFacts) -> list[Suggestion]:
    """Alerts that the facts call for."""
    found = [Suggestion(kind, "", {"value": str(value)}) for kind, value, raised in _tests(facts) if raised]
    shared = sorted(facts.shared.items())
    return found + [
        Suggestion(AlertKind.SHARED, topic, {"files": ", ".join(files)}) for topic, files in shared if files
    ]


def _tests(facts: AlertFacts) -> list[tuple[AlertKind, Any, bool]]:
    return [
        (
            AlertKind.REVENUE_FALL,
            facts.revenue_growth,
            facts.revenue_growth is not None and facts.revenue_growth < REVENUE_FALL,
        ),
        (AlertKind.LOSS, facts.net_profit, facts.net_profit is not None and facts.net_profit < 0),
        (AlertKind.NEGATIVE_EQUITY, facts.equity, facts.equity is not None and facts.equity < 0),
        (AlertKind.THIN_COVER, facts.dscr, facts.dscr is not None and facts.dscr < THIN_COVER),
        (AlertKind.OVERDUE_NOW, facts.overdue_now, facts.overdue_now is not None and facts.overdue_now > 0),
        (AlertKind.LONG_DELAY, facts.worst_dpd, facts.worst_dpd is not None and facts.worst_dpd >= LONG_DELAY),
        (AlertKind.MANY_ENQUIRIES, facts.enquiries, facts.enquiries is not None and facts.enquiries >= MANY_ENQUIRIES),
    ]


def wording(kind: str, topic: str, data: Mapping[str, str]) -> str:
    """An alert in one sentence of the reader's language."""
    value = data.get("value", "")
    if kind == AlertKind.SHARED:
        return _("%(detail)s is also found in %(files)s.") % {
            "detail": _shared_word(topic),
            "files": data.get("files", ""),
        }
    if kind == AlertKind.REVENUE_FALL:
        return _("Revenue fell by %(percent)s %% in the last year.") % {"percent": f"{-100 * Decimal(value):.0f}"}
    template = {
        AlertKind.LOSS: _("The last year ended with a loss of %(amount)s."),
        AlertKind.NEGATIVE_EQUITY: _("Liabilities exceed assets by %(amount)s."),
        AlertKind.OVERDUE_NOW: _("The bureau reports %(amount)s overdue now."),
        AlertKind.THIN_COVER: _("Debt service with the proposed loan is covered only %(value)s times."),
        AlertKind.LONG_DELAY: _("The bureau reports a payment delay of %(value)s days within two years."),
        AlertKind.MANY_ENQUIRIES: _("%(value)s lenders asked the bureau within 90 days."),
    }.get(AlertKind(kind), _("Noticed by a person: see the note."))
    return template % {"value": value, "amount": _amount(value)}


def _shared_word(topic: str) -> str:
    return {
        "phone": _("A phone number"),
        "account": _("A bank account"),
        "identifier": _("The identifier of the business"),
        "person": _("A person"),
    }.get(topic, _("A detail"))


def _amount(value: str) -> str:
    try:
        return f"{abs(Decimal(value)).normalize():,f}"
    except ArithmeticError:
        return value
