"""Forms of the pages about what is kept."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import Basis, ForgetCause
from apps.borrowers.models.privacy import LONGEST
from apps.borrowers.services.keeping import MOST
from apps.core.forms import CleanForm


class ForgetAskForm(CleanForm):
    """Why a borrower is to be forgotten."""

    cause = forms.ChoiceField(label=_("Why"), choices=ForgetCause.choices, widget=forms.RadioSelect)


class HoldForm(CleanForm):
    """Why nothing may be forgotten."""

    why = forms.CharField(
        label=_("Why"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The proceedings or the order, with its number."),
    )  # fmt: skip


class RetentionForm(CleanForm):
    """For how long, and on what ground."""

    months = forms.IntegerField(
        label=_("Months after the last business"), min_value=0, max_value=MOST, help_text=_("120 months are ten years.")
    )
    basis = forms.ChoiceField(label=_("Why so long"), choices=Basis.choices, widget=forms.RadioSelect)
