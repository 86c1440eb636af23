"""What a review knows, gathered as plain values: bureau figures, answers to the scorecard, facts for alerts. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.credit_review import rules
from apps.credit_review.alerting import AlertFacts
from apps.credit_review.rules import Figures, Terms


@dataclass(frozen=True, slots=True)
class BureauFigures:
    """Figures of a bureau report: amounts in the case's currency, delays in days past due (DPD) within 24 months."""

    score: int | None = None
    open_loans: int = 0
    total_debt: Decimal = Decimal(0)
    overdue_now: Decimal = Decimal(0)
    worst_dpd: int = 0
    enquiries: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values for the encrypted column; amounts as text."""
        return {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BureauFigures:
        """Read what ``as_json`` made."""
        amounts = {name: Decimal(stored[name]) for name in ("total_debt", "overdue_now")}
        return cls(**{**stored, **amounts})


@dataclass(frozen=True, slots=True)
class Year:
    """One statement: its fiscal year, whether it was audited, when it ends, its figures."""

    fiscal_year: int
    period_end: dt.date
    is_audited: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """Everything that a score is made from; ``years`` stand oldest first."""

    years: tuple[Year, ...] = ()
    bureau: BureauFigures | None = None
    bureau_date: dt.date | None = None
    terms: tuple[Terms, ...] = ()
    founded_on: dt.date | None = None

    @property
    def latest(self) -> Figures | None:
        """Figures of the newest year."""
        return self.years[-1].figures if self.years else None

    @property
    def revenue_growth(self) -> Decimal | None:
        """Growth of revenue in the last year."""
        if len(self.years) < 2:
            return None
        before, last = self.years[-2:]
        return rules.growth(before.figures.revenue, last.figures.revenue)

    @property
    def dscr(self) -> Decimal | None:
        """Debt service cover with the proposed loans."""
        return rules.debt_service_cover(self.latest, self.terms) if self.latest else None

    def answers(self, on: dt.date) -> dict[str, Decimal | None]:
        """Answers to the scorecard's questions on a day."""
        ratios = rules.latest_ratios([year.figures for year in self.years])
        founded, bureau = self.founded_on, self.bureau
        return {
            "years_in_business": None if founded is None else Decimal(rules.years_between(founded, on)),
            **{
                code: ratios.get(code)
                for code in ("debt_to_assets", "current_ratio", "net_margin", "interest_cover", "receivable_days")
            },
            "dscr": self.dscr,
            "revenue_growth": self.revenue_growth,
            "audited": Decimal(self.years[-1].is_audited) if self.years else None,
            "worst_dpd": None if bureau is None else Decimal(bureau.worst_dpd),
            "overdue_now": None if bureau is None else bureau.overdue_now,
            "enquiries": None if bureau is None else Decimal(bureau.enquiries),
        }

    def alert_facts(self, shared: Mapping[str, tuple[str, ...]]) -> AlertFacts:
        """Facts for the alerts; ``shared`` maps kinds of detail to the other files that have the same."""
        latest, bureau = self.latest, self.bureau
        return AlertFacts(
            revenue_growth=self.revenue_growth, dscr=self.dscr, shared=shared,
            net_profit=latest.net_profit if latest else None, equity=latest.equity if latest else None,
            overdue_now=bureau.overdue_now if bureau else None, worst_dpd=bureau.worst_dpd if bureau else None,
            enquiries=bureau.enquiries if bureau else None,
        )  # fmt: skip

    def basis(self) -> str:
        """Digest of everything that goes into a score but the day: equal facts, equal digest."""
        parts = [
            [_plain(dataclasses.asdict(year)) for year in self.years], self.bureau.as_json() if self.bureau else None,
            str(self.bureau_date), [_plain(dataclasses.asdict(terms)) for terms in self.terms], str(self.founded_on),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _plain(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {key: _plain(value) for key, value in values.items()}
    return f"{values.normalize():f}" if isinstance(values, Decimal) else str(values)


def total(terms: Sequence[Terms]) -> Decimal:
    """Sum of the amounts."""
    return sum((each.amount for each in terms), Decimal(0))
