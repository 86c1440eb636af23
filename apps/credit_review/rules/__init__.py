"""What the figures say: balance, ratios, trends, debt service cover and age of papers. Pure: values in, values out.

Amounts are in units of one currency; ratios are plain numbers (0.25, not 25 %); ``None`` stands for "cannot be known",
such as a ratio whose denominator is zero.
"""

from apps.credit_review.rules.ages import (
    BUREAU_DAYS,
    STATEMENT_DAYS,
    YEARS_ASKED,
    are_consecutive,
    is_stale,
    years_between,
    years_needed,
)
from apps.credit_review.rules.debt import Terms, debt_service_cover, first_year_service
from apps.credit_review.rules.figures import FIGURE_NAMES, SIGNED, ZERO, Figures, divide, imbalances
from apps.credit_review.rules.ratios import (
    RATIOS,
    Better,
    Direction,
    Ratio,
    RatioLine,
    Unit,
    growth,
    latest_ratios,
    ratio_lines,
    trend,
)

__all__ = [
    "BUREAU_DAYS", "FIGURE_NAMES", "RATIOS", "SIGNED", "STATEMENT_DAYS", "YEARS_ASKED", "ZERO", "Better", "Direction", "Figures",
    "Ratio", "RatioLine", "Terms", "Unit", "are_consecutive", "debt_service_cover", "divide", "first_year_service", "growth",
    "imbalances", "is_stale", "latest_ratios", "ratio_lines", "trend", "years_between", "years_needed",
]  # fmt: skip
