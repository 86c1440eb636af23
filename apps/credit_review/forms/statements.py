"""Three yearly statements side by side in one form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from apps.core import clock, money
from apps.core.forms import AmountField, DayField
from apps.credit_review.facts import Year
from apps.credit_review.models import FinancialStatement
from apps.credit_review.rules import FIGURE_NAMES, SIGNED, YEARS_ASKED, Figures
from apps.workflow.forms import CaseForm
from apps.workflow.models import LoanCase

ALWAYS = frozenset(
    {"revenue", "net_profit", "current_assets", "total_assets", "current_liabilities", "total_liabilities", "equity"}
)
"""Lines that every statement has; the others may be left empty and count as zero."""
SUMS = frozenset({"net_profit", "current_assets", "total_assets", "total_liabilities", "equity"})
HINTS: dict[str, Any] = {
    "operating_expenses": _("without depreciation"),
    "other_income": _("below zero for costs"),
    "net_profit": _("below zero for a loss"),
    "debt_service": _("principal and interest due within twelve months on debts that stay"),
}
PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Income statement"), FIGURE_NAMES[:8]), (_("Balance sheet: assets"), FIGURE_NAMES[8:14]), (_("Liabilities and equity"), FIGURE_NAMES[14:18]),
    (_("Debts"), FIGURE_NAMES[18:]),
)  # fmt: skip


def label_of(name: str) -> Any:
    """Words of a line of the statement."""
    return cast("models.Field[Any, Any]", FinancialStatement._meta.get_field(name)).verbose_name


class SignedAmountField(AmountField):
    """An amount that may be below zero."""

    def validate(self, value: Any) -> None:
        """Check range and places of the amount without its sign."""
        super().validate(abs(value) if isinstance(value, Decimal) else value)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: its name, a hint, whether it is a sum, and one field a year."""

    label: Any
    hint: Any
    is_sum: bool
    fields: Sequence[BoundField]


class StatementsForm(CaseForm):
    """Yearly statements, the oldest on the left; a year whose figures are all left empty is left out.

    Fields are named ``figure_column``. Cleaning gives ``years`` (``facts.Year``) and ``columns``, where each stands.
    """

    def __init__(self, *args: Any, case: LoanCase, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.columns = range(YEARS_ASKED)
        for column in self.columns:
            self._add_column(column, case.currency)

    def _add_column(self, column: int, currency: str) -> None:
        day = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
        self.fields[f"fiscal_year_{column}"] = forms.IntegerField(
            label=_("Fiscal year"),
            min_value=1950,
            max_value=2200,
            required=False,
            widget=forms.NumberInput(attrs={"class": "form-control"}),
        )
        self.fields[f"period_end_{column}"] = DayField(label=_("End of the year"), required=False, widget=day)
        self.fields[f"is_audited_{column}"] = forms.BooleanField(
            label=_("Audited"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
        )
        for name in FIGURE_NAMES:
            label = label_of(name)
            kind = SignedAmountField if name in SIGNED else AmountField
            field = kind(label=label, required=False, allow_zero=True, currency=currency)
            field.widget.attrs |= {
                "class": "form-control num",
                "aria-label": _("%(figure)s, year %(column)s") % {"figure": label, "column": column + 1},
            }
            self.fields[f"{name}_{column}"] = field

    def clean(self) -> dict[str, Any]:
        """Gather the years that have figures; the errors of those left out do not matter."""
        cleaned = super().clean() or {}
        used = [column for column in self.columns if self._is_used(column)]
        if not used:
            raise ValidationError(_("Enter the figures of at least one year."), code="empty")
        for column in used:
            self._ask_for_the_rest(column, cleaned)
        cleaned["columns"] = used
        if not self.errors:
            cleaned["years"] = [self._year(column, cleaned) for column in used]
        return cleaned

    def _is_used(self, column: int) -> bool:
        return any(str(self.data.get(f"{name}_{column}", "")).strip() for name in FIGURE_NAMES)

    def _ask_for_the_rest(self, column: int, cleaned: Mapping[str, Any]) -> None:
        for name in ("fiscal_year", "period_end", *sorted(ALWAYS)):
            key = f"{name}_{column}"
            if cleaned.get(key) is None and key not in self.errors:
                self.add_error(key, _("Enter this figure; zero where there is none."))

    def _year(self, column: int, cleaned: Mapping[str, Any]) -> Year:
        figures = Figures(**{name: cleaned[f"{name}_{column}"] or Decimal(0) for name in FIGURE_NAMES})
        return Year(
            cleaned[f"fiscal_year_{column}"], cleaned[f"period_end_{column}"], cleaned[f"is_audited_{column}"], figures
        )

    def heads(self) -> Iterator[Line]:
        """Year, end and audit of each column."""
        for name, label in (
            ("fiscal_year", _("Fiscal year")),
            ("period_end", _("End of the year")),
            ("is_audited", _("Audited")),
        ):
            yield Line(label, "", False, [self[f"{name}_{column}"] for column in self.columns])

    def parts(self) -> Iterator[tuple[Any, list[Line]]]:
        """The table's parts with their lines."""
        for title, names in PARTS:
            yield title, [self._line(name) for name in names]

    def _line(self, name: str) -> Line:
        label = label_of(name)
        return Line(label, HINTS.get(name, ""), name in SUMS, [self[f"{name}_{column}"] for column in self.columns])


def statements_initial(case: LoanCase, known: Sequence[FinancialStatement]) -> dict[str, Any]:
    """What the table shows at first: the years entered, or the last three calendar years without figures."""
    if not known:
        last = clock.today().year - 1
        years = [last - YEARS_ASKED + 1 + column for column in range(YEARS_ASKED)]
        return {
            key: value for column, year in enumerate(years)
            for key, value in ((f"fiscal_year_{column}", year), (f"period_end_{column}", dt.date(year, 12, 31)))
        }  # fmt: skip
    shown = list(known)[-YEARS_ASKED:]
    names = ("fiscal_year", "period_end", "is_audited", *FIGURE_NAMES)
    first = YEARS_ASKED - len(shown)
    return {
        f"{name}_{first + at}": _shown(getattr(row, name), case.currency)
        for at, row in enumerate(shown)
        for name in names
    }


def _shown(value: Any, currency: str) -> Any:
    if not isinstance(value, Decimal):
        return value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else money.quantise(value, currency)
