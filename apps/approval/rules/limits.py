"""Policy limits: which one holds for a case, and how a figure stands to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from apps.approval.rules.policies import Limit

NEAR = Decimal("0.95")


class Flag(StrEnum):
    """How a figure stands to its limit."""

    WITHIN = "within"
    NEAR = "near"
    EXCEPTION = "exception"
    UNKNOWN = "unknown"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the memo's table: what was asked, what is recommended, the limit, how they stand, who must sign for it.

    ``kind`` says how to write the figures: ``amount``, ``percent`` or ``ratio``. ``used`` is the share of a largest value used, in percent.
    """

    measure: str
    kind: str
    requested: Decimal | None
    recommended: Decimal | None
    bound: str
    limit: Decimal | None
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


def flag_of(value: Decimal | None, limit: Limit | None) -> Flag:
    """How a figure stands to a limit; a missing figure under a limit is ``unknown``, which counts as an exception."""
    if limit is None:
        return Flag.UNLIMITED
    if value is None:
        return Flag.UNKNOWN
    if value > limit.value if limit.bound == "max" else value < limit.value:
        return Flag.EXCEPTION
    return Flag.NEAR if limit.bound == "max" and limit.value and value / limit.value >= NEAR else Flag.WITHIN


def line_for(
    measure: str, kind: str, requested: Decimal | None, recommended: Decimal | None, limit: Limit | None
) -> Measured:
    """Build a line of the memo's table."""
    flag = flag_of(recommended, limit)
    return Measured(
        measure,
        kind,
        requested,
        recommended,
        limit.bound if limit else "",
        limit.value if limit else None,
        flag,
        used=_used(recommended, limit),
        level=limit.exception_level if limit and flag in (Flag.EXCEPTION, Flag.UNKNOWN) else "",
    )


def _used(value: Decimal | None, limit: Limit | None) -> Decimal | None:
    if value is None or limit is None or limit.bound != "max" or not limit.value:
        return None
    return (value / limit.value * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


def exception_levels(lines: Iterable[Measured]) -> tuple[str, ...]:
    """Levels that the lines outside their limits ask for; an empty one among them means that nobody may sign."""
    return tuple(line.level for line in lines if line.flag in (Flag.EXCEPTION, Flag.UNKNOWN))
