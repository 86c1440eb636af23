"""Policy limits: which one holds for a case, and how a figure stands to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from apps.approval.rules.policies import Limit

NEAR = Decimal("0.95")
"""From this share of a largest value on, a figure is shown with how much of it is used."""


class Flag(StrEnum):
    """How a figure stands to its limit."""

    WITHIN = "within"
    NEAR = "near"
    EXCEPTION = "exception"
    UNKNOWN = "unknown"
    UNLIMITED = "unlimited"


OUTSIDE = frozenset({Flag.EXCEPTION, Flag.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the memo's table: asked, recommended, the limit from ``low`` to ``high``, and who must sign for it.

    ``kind`` says how the figures are written: ``amount``, ``rate`` (percent), ``share`` (of one), ``ratio`` or ``months``.
    ``used`` is the share of a largest value that is used, in percent; ``level`` must sign where the figure is outside.
    """

    measure: str
    kind: str
    requested: Decimal | None
    recommended: Decimal | None
    low: Decimal | None
    high: Decimal | None
    flag: Flag
    used: Decimal | None = None
    level: str = ""


def limit_for(measure: str, product: str, grade: str, limits: Iterable[Limit]) -> Limit | None:
    """The most specific limit on a measure; of equally specific ones the strictest."""
    fitting = [limit for limit in limits if limit.measure == measure and limit.fits(product, grade)]
    if not fitting:
        return None
    finest = max(limit.precision for limit in fitting)
    return min((limit for limit in fitting if limit.precision == finest), key=_strictness)


def _strictness(limit: Limit) -> Decimal:
    return limit.value if limit.bound == "max" else -limit.value


def flag_of(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> Flag:
    """How a figure stands to its bounds; a missing figure under a bound is ``unknown``, which counts as an exception."""
    if low is None and high is None:
        return Flag.UNLIMITED
    if value is None:
        return Flag.UNKNOWN
    if (high is not None and value > high) or (low is not None and value < low):
        return Flag.EXCEPTION
    return Flag.NEAR if low is None and high and value / high >= NEAR else Flag.WITHIN


def line_for(
    measure: str, kind: str, requested: Decimal | None, recommended: Decimal | None, limit: Limit | None
) -> Measured:
    """Build a line under a limit of the policy, or under none."""
    low = limit.value if limit and limit.bound == "min" else None
    high = limit.value if limit and limit.bound == "max" else None
    return line_between(measure, kind, requested, recommended, low, high, limit.exception_level if limit else "")


def line_between(
    measure: str,
    kind: str,
    requested: Decimal | None,
    recommended: Decimal | None,
    low: Decimal | None,
    high: Decimal | None,
    level: str = "",
) -> Measured:
    """Build a line under two bounds, such as a product's smallest and largest rate."""
    flag = flag_of(recommended, low, high)
    used = _used(recommended, high) if low is None else None
    return Measured(measure, kind, requested, recommended, low, high, flag, used, level if flag in OUTSIDE else "")


def _used(value: Decimal | None, high: Decimal | None) -> Decimal | None:
    if value is None or not high:
        return None
    return (value / high * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


def exception_levels(lines: Iterable[Measured]) -> tuple[str, ...]:
    """Levels that the lines outside their limits ask for; an empty one among them means that nobody may sign."""
    return tuple(line.level for line in lines if line.flag in OUTSIDE)
