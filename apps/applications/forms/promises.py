"""Consents, the declaration, and documents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications import facts
from apps.applications.forms.fields import OneByOneField, PaperFields, people_choices
from apps.applications.kinds import CONSENT, DECLARATION, kinds_known
from apps.applications.policy import CONSENT_TEXTS
from apps.applications.rules.completeness import SIGNER
from apps.applications.rules.promises import SPEAKERS
from apps.borrowers.forms import CHOOSE
from apps.core import clock
from apps.core.forms import CleanForm, DayField
from apps.core.labels import labelled
from apps.workflow.forms import CaseForm
from apps.workflow.models import Reason, ReasonKind


class ConsentsForm(CaseForm, PaperFields):
    """Consents that one sheet holds; nothing is ticked beforehand."""

    paper_codes = (CONSENT, DECLARATION)
    halves = ("party", "given_on", "document", "file")
    kinds = forms.MultipleChoiceField(
        label=_("Consents given"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what was consented to; each stands alone."),
    )
    party = forms.TypedChoiceField(label=_("Given by"), coerce=int)
    given_on = DayField(label=_("Given on"), initial=clock.today)
    field_order = ("kinds", "party", "given_on", "document", "file")

    def offer(self) -> None:
        """List the kinds of the pack with their texts, and who may speak for the business."""
        kinds = facts.consent_kinds()
        lines = [(code, labelled(label, CONSENT_TEXTS.get(code, ""))) for code, label in kinds.items()]
        self.fields["kinds"].choices = lines  # type: ignore[attr-defined]
        self.fields["party"].choices = people_choices(self.case, SPEAKERS)  # type: ignore[attr-defined]
        self.offer_papers(self.case)


class WithdrawConsentForm(CaseForm):
    """A consent that is taken back on paper; beyond the draft the case ends with it."""

    reason = forms.ChoiceField(label=_("Reason"), required=False)

    def offer(self) -> None:
        """List the reasons for withdrawing."""
        rows = Reason.objects.filter(kind=ReasonKind.WITHDRAW, is_active=True).order_by("code")
        self.fields["reason"].choices = [CHOOSE, *((row.code, row.name) for row in rows)]  # type: ignore[attr-defined]


class DeclarationForm(CaseForm, PaperFields):
    """Who declared the application complete and true, and on which paper."""

    paper_codes = (DECLARATION, CONSENT)
    halves = ("party", "signed_on", "document", "file")
    party = forms.TypedChoiceField(label=_("Signed by"), coerce=int)
    signed_on = DayField(label=_("Signed on"), initial=clock.today)
    field_order = ("party", "signed_on", "document", "file")

    def offer(self) -> None:
        """List the signers."""
        self.fields["party"].choices = people_choices(self.case, {SIGNER})  # type: ignore[attr-defined]
        self.offer_papers(self.case)


class DocumentForm(CleanForm):
    """A file and what it is."""

    code = forms.ChoiceField(label=_("What it is"))
    file = OneByOneField(label=_("File"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [CHOOSE, *kinds_known().items()]  # type: ignore[attr-defined]


class RejectForm(CleanForm):
    """What is wrong with a document."""

    why = forms.CharField(
        label=_("What is wrong with it?"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The borrower may be told this: what is unreadable, out of date or of somebody else."),
    )  # fmt: skip
