"""The form of a new policy version: a page of rows, copied from the version in force and edited."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.approval import wording
from apps.approval.models.conditions import AppliesTo, ConditionKind
from apps.approval.rules import LEVELS, AuthorityRow, Limit, PolicyRules, rank
from apps.approval.selectors.policy_pages import KINDS
from apps.approval.services import PolicyDraft
from apps.core import figures
from apps.core.drafting import Several
from apps.core.forms import AmountField, CleanForm
from apps.credit_review.scorecard import GRADES
from apps.workflow.models import Product

SPARE = 3
MOST_ROWS = 60
GRADE_CHOICES = [(grade, grade) for grade in GRADES]
KIND_OF = {"both": None, "secured": True, "unsecured": False}
BY_PRODUCT = frozenset({"amount", "rate", "term"})
"""Measures that the product bounds: a policy's limit on them would meet no figure."""


def _levels(empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *((each, _t("Level %(number)s") % {"number": rank(each)}) for each in LEVELS)]


class SmallForm(CleanForm):
    """A form whose fields stand in the cells of a table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            shape = field.widget.attrs.get("class", "")
            if shape in ("form-select", "form-control"):
                field.widget.attrs["class"] = f"{shape} {shape}-sm"


def _grades(label: Any, **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=GRADE_CHOICES, widget=forms.CheckboxSelectMultiple, required=False, **kwargs
    )


class PolicyForm(CleanForm):
    """What a version says beside its rows. ``base`` is the version it was made from, ``seen`` the draft that was shown."""

    halves = ("memo_days", "totp_up_to", "visit_free_up_to")
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    memo_days = forms.IntegerField(label=_("A memo holds for, days"), min_value=1, max_value=365)
    totp_up_to = AmountField(
        label=_("Largest amount signed by one-time code"), required=False, allow_zero=True,
        help_text=_("Empty: any amount; above it only a passkey signs."),
    )  # fmt: skip
    visit_free_up_to = AmountField(
        label=_("Largest amount lent without a visit"), required=False, allow_zero=True,
        help_text=_("Empty: every business is visited. A waiver is named in the memo and in the log."),
    )  # fmt: skip
    nobody_for = _grades(_("Grades that nobody approves"), help_text=_("Every other grade needs rows below."))
    why = forms.CharField(
        label=_("Why this version"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands beside the version for everybody who reads it later."),
    )  # fmt: skip

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("totp_up_to", "visit_free_up_to"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]


class RowForm(SmallForm):
    """A row of the authority matrix."""

    grades = _grades(_("Grades"))
    kind = forms.ChoiceField(label=_("Cases"), initial="both")
    up_to = AmountField(label=_("Amount up to"))
    first = forms.ChoiceField(label=_("First signature"))
    second = forms.ChoiceField(label=_("Second signature"), required=False)
    third = forms.ChoiceField(label=_("Third signature"), required=False)
    decline_level = forms.ChoiceField(label=_("Declines alone"), required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: dict[str, list[tuple[str, Any]]] = {
            "kind": [("both", _("both")), ("secured", KINDS[True]), ("unsecured", KINDS[False])], "first": _levels("–"), "second": _levels("–"),
            "third": _levels("–"), "decline_level": _levels(_("highest")),
        }  # fmt: skip
        for name, choices in chosen.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["up_to"].currency = currency  # type: ignore[attr-defined]

    def clean_grades(self) -> list[str]:
        """A row is for at least one grade."""
        if not self.cleaned_data["grades"]:
            raise ValidationError(_("Choose at least one grade."))
        return list(self.cleaned_data["grades"])

    def row(self) -> AuthorityRow:
        """The row as plain values."""
        data = self.cleaned_data
        signatures = tuple(sorted(filter(None, (data["first"], data["second"], data["third"])), key=LEVELS.index))
        return AuthorityRow(
            frozenset(data["grades"]), data["up_to"], signatures, KIND_OF[data["kind"]], data["decline_level"]
        )


class LimitForm(SmallForm):
    """A limit on one measure."""

    measure = forms.ChoiceField(label=_("Measure"))
    bound = forms.ChoiceField(label=_("Bound"), choices=[("max", _("at most")), ("min", _("at least"))], initial="max")
    value = forms.DecimalField(
        label=_("Value"), max_digits=18, decimal_places=4, min_value=0, localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    products = forms.MultipleChoiceField(label=_("Products"), widget=forms.CheckboxSelectMultiple, required=False)
    grades = _grades(_("Grades"))
    exception_level = forms.ChoiceField(label=_("Beyond it must sign"), required=False)

    def __init__(self, *args: Any, products: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measures = [(code, words) for code, words in wording.MEASURES.items() if code not in BY_PRODUCT]
        self.fields["measure"].choices = [("", "–"), *measures]  # type: ignore[attr-defined]
        self.fields["products"].choices = list(products.items())  # type: ignore[attr-defined]
        self.fields["exception_level"].choices = _levels(_("nobody"))  # type: ignore[attr-defined]

    def limit(self) -> Limit:
        """The limit as plain values."""
        data = self.cleaned_data
        return Limit(
            data["measure"], data["bound"], data["value"], frozenset(data["products"]), frozenset(data["grades"]),
            data["exception_level"],
        )  # fmt: skip


class PolicyPage:
    """The whole page: one form and two lists of rows, empty ones at the end for more; a ticked “remove” takes a row out."""

    def __init__(self, draft: PolicyDraft, base: int, data: Any = None) -> None:
        products = dict(Product.objects.order_by("code").values_list("code", "name_en"))
        self.currency = draft.currency
        rows = _rows_of(draft) if data is None else None
        limits = _limits_of(draft.rules()) if data is None else None
        self.head = PolicyForm(data, initial={"base": base, **_head_of(draft)}, currency=draft.currency)
        self.rows = _several(RowForm)(data, prefix="rows", initial=rows, form_kwargs={"currency": draft.currency})
        self.limits = _several(LimitForm)(data, prefix="limits", initial=limits, form_kwargs={"products": products})

    def is_valid(self) -> bool:
        """Tell whether everything typed can be read; asks all three, so that all complaints stand on the page at once."""
        return all([self.head.is_valid(), self.rows.is_valid(), self.limits.is_valid()])

    def whole(self) -> Several:
        """All of it as one form, for what is kept while it is typed."""
        return Several([self.head, *self.rows.forms, *self.limits.forms])

    def draft(self) -> PolicyDraft:
        """What was typed, as a draft."""
        data = self.head.cleaned_data
        return PolicyDraft(
            self.currency, [form.row() for form in _kept(self.rows)], [form.limit() for form in _kept(self.limits)],
            data["memo_days"], data["totp_up_to"], data["visit_free_up_to"], frozenset(data["nobody_for"]),
        )  # fmt: skip

    def show(self, seen: str) -> None:
        """Let the next submit say which draft was shown."""
        data: Any = self.head.data.copy()  # type: ignore[attr-defined]  # a QueryDict: the form was posted
        data["seen"] = seen
        self.head.data = data


class Rows(forms.BaseFormSet[Any]):
    """Rows of a list; each can be ticked to be taken out."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Word and dress the tick as the house's forms do."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")
        form.fields["DELETE"].widget.attrs["class"] = "form-check-input"


def _several(form: type[CleanForm]) -> Any:
    return forms.formset_factory(
        form,
        formset=Rows,
        extra=SPARE,
        can_delete=True,
        max_num=MOST_ROWS,
        validate_max=True,
        absolute_max=MOST_ROWS + SPARE,
    )


def _kept(formset: Any) -> list[Any]:
    return [form for form in formset.forms if form.has_changed() and form not in formset.deleted_forms]


def _head_of(draft: PolicyDraft) -> dict[str, Any]:
    return {
        "memo_days": draft.memo_days, "totp_up_to": _typed(draft.totp_up_to, draft.currency),
        "visit_free_up_to": _typed(draft.visit_free_up_to, draft.currency), "nobody_for": sorted(draft.nobody_for),
    }  # fmt: skip


def _typed(amount: Decimal | None, currency: str) -> str:
    """An amount as a person would type it, its thousands apart."""
    return "" if amount is None else figures.amount(amount, currency, brief=True)


def _rows_of(draft: PolicyDraft) -> list[dict[str, Any]]:
    kinds = {held: code for code, held in KIND_OF.items()}
    ordered = sorted(draft.authorities, key=lambda row: (sorted(row.grades), row.secured is not False, row.up_to))
    return [
        {
            "grades": sorted(row.grades), "kind": kinds[row.secured], "up_to": _typed(row.up_to, draft.currency),
            "decline_level": row.decline_level, **dict(zip(("first", "second", "third"), row.signatures, strict=False)),
        }
        for row in ordered
    ]  # fmt: skip


def _limits_of(rules: PolicyRules) -> list[dict[str, Any]]:
    return [
        {
            "measure": limit.measure, "bound": limit.bound, "value": _plain(limit.value),
            "products": sorted(limit.products), "grades": sorted(limit.grades), "exception_level": limit.exception_level,
        }
        for limit in rules.limits
    ]  # fmt: skip


def _plain(value: Decimal) -> Decimal:
    """A figure without trailing zeros, never in exponent form."""
    return Decimal(format(value.normalize(), "f"))


class TemplateForm(CleanForm):
    """A condition for the list."""

    halves = ("kind", "applies_to", "code", "due_days")
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens; it cannot be changed later.")
    )
    kind = forms.ChoiceField(label=_("To be met"), choices=ConditionKind.choices)
    applies_to = forms.ChoiceField(label=_("Proposed for"), choices=AppliesTo.choices, initial=AppliesTo.CHOSEN)
    due_days = forms.IntegerField(
        label=_("Due after payout, days"), required=False, min_value=1, max_value=3650,
        help_text=_("Only for conditions after payout."),
    )  # fmt: skip
    text_en = forms.CharField(label=_("Text in English"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    text_zh = forms.CharField(
        label=_("Text in Chinese"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
