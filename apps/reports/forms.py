"""Forms of the reports app."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.audit.body import Purpose
from apps.core.forms import CleanForm
from apps.reports.casefile.file import PDF, PRINT
from apps.workflow.purposes import FILE_PURPOSES


class CaseFileForm(CleanForm):
    """What the file of a case is taken out for, and how."""

    form = forms.ChoiceField(
        label=_("As"),
        choices=[(PDF, _("PDF, to keep or send")), (PRINT, _("page to print"))],
        initial=PDF,
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(label=_("What is it for?"), choices=[("", _("Choose one")), *FILE_PURPOSES])
    words = forms.CharField(
        label=_("In your words"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Recorded, and printed on the file. Write no personal data here."),
    )  # fmt: skip

    def stated(self) -> Purpose:
        """What the file is for; only for a valid form."""
        return Purpose(self.cleaned_data["reason"], self.cleaned_data["words"])

    def label_of_reason(self) -> str:
        """The reason in words; only for a valid form."""
        return str(dict(FILE_PURPOSES)[self.cleaned_data["reason"]])
