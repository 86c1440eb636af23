"""Identity checks, duplicates and visits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.access.selectors import accounts_who_can
from apps.applications.forms.fields import ManyFilesField, ManyFilesInput, PaperFields
from apps.applications.models import CheckMethod, Verdict
from apps.applications.services import VisitData
from apps.borrowers.forms import CHOOSE
from apps.borrowers.models import ConfirmedHow
from apps.core import clock
from apps.core.forms import CleanForm, DayField, MomentField
from apps.core.permissions import Permission
from apps.workflow.forms import CaseForm


class IdentityForm(CaseForm, PaperFields):
    """How somebody's identity was checked."""

    paper_codes = ("identity", "identity_evidence")
    halves = ("checked_on", "evidence", "document", "file")
    method = forms.ChoiceField(
        label=_("Method"), choices=CheckMethod.choices, widget=forms.RadioSelect,
        help_text=_("A valid number alone is no check: it says that the number exists, not who brings it."),
    )  # fmt: skip
    checked_on = DayField(label=_("Checked on"), initial=clock.today)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=400, required=False,
        help_text=_("Number of the register query, or which document was seen. Or attach the document."),
    )  # fmt: skip
    passed = forms.TypedChoiceField(
        label=_("Result"), choices=[("yes", _("the identity is confirmed")), ("no", _("the identity is not confirmed"))],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    field_order = ("method", "checked_on", "evidence", "document", "file", "passed")

    def offer(self) -> None:
        """List the documents that could be evidence."""
        self.offer_papers(self.case)


class ApplicantForm(CaseForm):
    """How one made sure that an applicant is who they say."""

    how = forms.ChoiceField(label=_("How did you make sure?"), choices=ConfirmedHow.choices, widget=forms.RadioSelect)


class DuplicateForm(CleanForm):
    """What a shared feature means."""

    verdict = forms.ChoiceField(label=_("What does it mean?"), choices=Verdict.choices, widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("Explanation"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you looked at and what you found, so that the next reader need not ask."),
    )  # fmt: skip


class VisitForm(CaseForm):
    """A visit report."""

    halves = ("second_visitor", "visited_at", "place", "staff_seen")
    second_visitor = forms.TypedChoiceField(
        label=_("Who went with you?"), coerce=int, help_text=_("They confirm the report from their own account.")
    )
    visited_at = MomentField(label=_("Visited at"))
    place = forms.CharField(
        label=_("Place"), max_length=400, help_text=_("Address or description of what you visited.")
    )
    staff_seen = forms.IntegerField(label=_("Staff seen"), min_value=0, max_value=100_000)
    stock = forms.CharField(label=_("Stock seen"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    narrative = forms.CharField(label=_("What was seen"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    differences = forms.CharField(
        label=_("Differences from the statements"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Where staff, stock or machines differ from what the borrower has stated."),
    )  # fmt: skip
    photographs = ManyFilesField(
        label=_("Photographs"),
        widget=ManyFilesInput(attrs={"accept": ".jpg,.jpeg,.png"}),
        help_text=_("JPEG or PNG, each at most 20 MB."),
        allow_empty_file=True,
    )

    def offer(self) -> None:
        """List the people of the branch who may report visits, without the reporter."""
        people = accounts_who_can(Permission.VISIT_REPORT, self.case.branch_id).exclude(
            person_id=self.actor_person or 0
        )
        rows = people.values_list("person_id", "handle")
        self.fields["second_visitor"].choices = [CHOOSE, *rows]  # type: ignore[attr-defined]

    @staticmethod
    def report(cleaned: dict[str, Any]) -> VisitData:
        """The report as typed."""
        named = {name: cleaned[name] for name in VisitData.__dataclass_fields__ if name in cleaned}
        return VisitData(second_visitor_id=cleaned["second_visitor"], **named)
