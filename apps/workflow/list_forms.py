"""Forms of the lists of cases: their filters, and handing over what was chosen in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import CleanForm
from apps.workflow.forms import LONGEST, offer_choices
from apps.workflow.models import Product
from apps.workflow.states import Stage

GRADES = ("A", "B", "C", "D", "E")


class ListForm(CleanForm):
    """Filters of the lists of cases; a filter that makes no sense is left out."""

    stage = forms.ChoiceField(label=_("Stage"), required=False)
    product = forms.TypedChoiceField(label=_("Product"), required=False, coerce=int, empty_value=None)
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    sort = forms.ChoiceField(
        label=_("Order"), required=False,
        choices=[
            ("due", _("Due first")), ("due_last", _("Due last")), ("newest", _("Newest first")), ("oldest", _("Oldest first")),
            ("longest", _("Longest in stage")), ("shortest", _("Shortest in stage")), ("largest", _("Largest amount")),
            ("smallest", _("Smallest amount")),
        ],
    )  # fmt: skip
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    frozen = forms.BooleanField(label=_("Frozen only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = Product.objects.order_by("code").only("id", "code", "name_en", "name_zh")
        offer_choices(self, "stage", [("", _("Any stage")), *Stage.choices])
        offer_choices(self, "product", [("", _("Any product")), *((product.pk, product.name) for product in products)])
        offer_choices(self, "grade", [("", _("Any grade")), *((grade, grade) for grade in GRADES)])
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget.attrs["data-submit-on-change"] = ""

    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}

    def narrows(self) -> bool:
        """Tell whether any filter leaves cases out; an order leaves out none."""
        return bool(set(self.wanted()) - {"sort"})


class HandOverForm(CleanForm):
    """Who takes the cases, and why."""

    new_holder = forms.TypedChoiceField(
        label=_("New holder"), coerce=int, help_text=_("People who do the work of at least one of these cases; you see next which.")
    )  # fmt: skip
    text = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = dict(people)
        offer_choices(self, "new_holder", [("", _("Choose…")), *people])

    @property
    def taker(self) -> str:
        """Handle of the new holder; only for a valid form."""
        return self.people[self.cleaned_data["new_holder"]]
