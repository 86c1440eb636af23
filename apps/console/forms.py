"""Forms of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.core.forms import AmountField, CleanForm
from apps.core.money import MINOR_UNITS
from apps.core.text import whole_number
from apps.workflow.models import Product, ReasonKind
from apps.workflow.rules import DEFAULT_HOURS


class CatalogueForm(CleanForm):
    """Code and names; the code stays as it was first set, because rows and letters refer to it."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens; it cannot be changed later.")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=160)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=160, required=False)
    fixed: tuple[str, ...] = ("code",)

    def __init__(self, *args: Any, row: Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fixed if row is not None else ():
            self.fields[name].disabled = True


def _term(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=600)


def _rate(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=7, decimal_places=4, min_value=Decimal(0), max_value=Decimal(100))


NAMES = ("code", "currency", "name_en", "name_zh")
LENT = (
    "min_amount", "max_amount", "min_term", "max_term", "min_rate", "max_rate", "repayment", "day_count", "is_secured",
    "is_revolving",
)  # fmt: skip


class ProductForm(CatalogueForm):
    """What may be lent, on which terms."""

    fixed = ("code", "currency")
    sections = (
        (_("Product"), NAMES),
        (_("Terms of the product"), LENT),
        (_("Offer and service"), ("offer_days", "service_hours")),
    )
    field_order = NAMES
    halves = (*NAMES, *LENT)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS])
    min_amount = AmountField(label=_("Smallest amount"))
    max_amount = AmountField(label=_("Largest amount"))
    min_term = _term(_("Shortest term, months"))
    max_term = _term(_("Longest term, months"))
    min_rate = _rate(_("Lowest rate, % a year"))
    max_rate = _rate(_("Highest rate, % a year"))
    repayment = forms.ChoiceField(label=_("Repayment"), choices=Product._meta.get_field("repayment").choices or ())
    day_count = forms.ChoiceField(
        label=_("Day count"), choices=[(name, name) for name in ("30/360", "ACT/365", "ACT/360", "ACT/ACT")]
    )
    is_secured = forms.BooleanField(label=_("Secured by collateral"), required=False)
    is_revolving = forms.BooleanField(label=_("Revolving limit"), required=False)
    offer_days = forms.IntegerField(label=_("An offer stands for, days"), min_value=1, max_value=365, initial=30)
    service_hours = forms.CharField(
        label=_("Service time, working hours"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One line a state, such as “approval 24”. States left out take the usual time."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = self.data.get("currency") or self.get_initial_for_field(self.fields["currency"], "currency")
        for name in ("min_amount", "max_amount") if typed in MINOR_UNITS else ():
            self.fields[name].currency = typed  # type: ignore[attr-defined]

    def clean_service_hours(self) -> dict[str, int]:
        """Read the lines; refuses a state without a service time and hours that are no number."""
        lines = [
            line.replace(":", " ").split() for line in self.cleaned_data["service_hours"].splitlines() if line.strip()
        ]
        wrong = [" ".join(line) for line in lines if not _is_hours(line)]
        if wrong:
            known = ", ".join(DEFAULT_HOURS)
            raise ValidationError(
                _("“%(line)s” cannot be read. Write a state (%(known)s) and a number of hours."),
                params={"line": wrong[0], "known": known},
            )
        return {line[0]: int(line[1]) for line in lines}


def _is_hours(line: list[str]) -> bool:
    return len(line) == 2 and line[0] in DEFAULT_HOURS and 0 < (whole_number(line[1]) or 0) <= 2000


class ReasonForm(CatalogueForm):
    """A reason that may be chosen."""

    fixed = ("code", "kind")
    kind = forms.ChoiceField(label=_("Given for"), choices=ReasonKind.choices)
    field_order = ("kind", "code", "name_en", "name_zh")
    halves = ("kind", "code", "name_en", "name_zh")


def initial_of(form: type[CatalogueForm], row: Model) -> Mapping[str, Any]:
    """Present values of a row for its form."""
    values = {name: _plain(getattr(row, name)) for name in form.base_fields}
    if "service_hours" in values:
        values["service_hours"] = "\n".join(f"{state} {hours}" for state, hours in values["service_hours"].items())
    return values


def _plain(value: Any) -> Any:
    """A rate as it is typed, ``4.35`` and not ``4.3500``; anything else as it is."""
    return Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value
