"""A loan's principal over time as two stepped lines, planned and real: pure geometry, drawn by a template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT, TOP = 640, 160, 4

Step = tuple[dt.date, Decimal]
"""From this day on, so much is owed."""


@dataclass(frozen=True, slots=True)
class BalanceChart:
    """Points of both lines for ``polyline``, where today stands (``None`` outside), the days at both ends."""

    planned: str
    real: str
    today_x: str | None
    begins_on: dt.date
    ends_on: dt.date


def balance_chart(planned: Sequence[Step], real: Sequence[Step], today: dt.date) -> BalanceChart | None:
    """Draw both lines over the days of the plan, and of what really happened until today; ``None`` without a plan."""
    if len(planned) < 2:
        return None
    real = [*real, (max(today, real[-1][0]), real[-1][1])] if real else []
    days = [day for day, _owed in (*planned, *real)]
    begins, ends = min(days), max(days)
    largest = max((owed for _day, owed in (*planned, *real)), default=Decimal(0))
    if begins == ends or not largest:
        return None
    scale = _Scale(begins, (ends - begins).days, largest)
    shown = scale.x(today) if begins <= today <= ends else None
    return BalanceChart(scale.line(planned), scale.line(real), shown, begins, ends)


@dataclass(frozen=True, slots=True)
class _Scale:
    begins: dt.date
    days: int
    largest: Decimal

    def x(self, day: dt.date) -> str:
        """Across: days since the first."""
        return _short(Decimal((day - self.begins).days * WIDTH) / self.days)

    def y(self, owed: Decimal) -> str:
        """Down: nothing is owed at the bottom."""
        return _short(HEIGHT - owed * (HEIGHT - TOP) / self.largest)

    def line(self, steps: Sequence[Step]) -> str:
        """A stepped line: flat until the day on which what is owed changes."""
        points: list[str] = []
        before = None
        for day, owed in steps:
            level = self.y(owed)
            corners = [f"{self.x(day)},{each}" for each in (before, level) if each is not None]
            points += [corner for corner in dict.fromkeys(corners) if corner not in points[-1:]]
            before = level
        return " ".join(points)


def _short(number: Decimal) -> str:
    return f"{number:.1f}"
