"""Forms of the steps that belong to no stage."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import Stale
from apps.core.forms import CleanForm, DayField
from apps.workflow.differences import named, snapshot
from apps.workflow.models import LoanCase, Reason, ReasonKind
from apps.workflow.selectors.people import colleagues, possible_holders
from apps.workflow.states import EARLIER_THAN, State

LONGEST = 4000


class CaseForm(CleanForm):
    """Base of forms that advance a case: the version its reader saw, and how the case looked then."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, case: LoanCase, actor_person: int | None = None, **kwargs: Any) -> None:
        self.case, self.actor_person = case, actor_person
        kwargs["initial"] = {
            "version": case.version,
            "seen": json.dumps(snapshot(case)),
            **(kwargs.get("initial") or {}),
        }
        super().__init__(*args, **kwargs)
        self.offer()

    def offer(self) -> None:
        """Fill the choices that depend on the case."""

    def overtaken(self) -> Stale | None:
        """What the service would say of the version that was sent."""
        given = str(self.data.get(self.add_prefix("version"), ""))
        if not given.isdecimal() or given == str(self.case.version):
            return None
        return Stale(by=self.case.changed_by, at=self.case.changed_at, subject=self.case)

    def since(self, stale: Stale) -> Mapping[str, tuple[Any, Any]]:
        """What differs now in the case."""
        case = stale.subject if isinstance(stale.subject, LoanCase) else self.case
        return named(str(self.data.get(self.add_prefix("seen"), "")), case)

    @staticmethod
    def facts(cleaned: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG004  what subclasses take
        """What of the cleaned data the event takes as ``data``."""
        return {}


def offer_choices(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """Fill the choices of a field that is to choose from; raises ``TypeError`` for another."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} has no choices")
    field.choices = list(choices)


class NothingMoreForm(CaseForm):
    """A step that asks nothing but a yes."""


class ReasonedForm(CaseForm):
    """A step with reasons from the catalogue, in words if none fits."""

    kind = ReasonKind.RETURN
    reasons = forms.MultipleChoiceField(label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("In your own words"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )

    def offer(self) -> None:
        """List the reasons in use."""
        reasons = Reason.objects.filter(kind=self.kind, is_active=True).order_by("code")
        choices = [(reason.code, reason.name) for reason in reasons]
        offer_choices(self, "reasons", choices)
        if not choices:
            del self.fields["reasons"]
            self.fields["text"].required = True

    def clean(self) -> dict[str, Any]:
        """Ask for one or the other."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("reasons") and not (cleaned.get("text") or "").strip():
            raise ValidationError(_("Choose a reason or write one."), code="reason")
        return cleaned


class ReassignForm(CaseForm):
    """Who holds the case from now on, and why."""

    new_holder = forms.TypedChoiceField(
        label=_("New holder"), coerce=int, help_text=_("People who do this stage's work at the case's branch.")
    )
    text = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))

    def offer(self) -> None:
        """List the people who may."""
        people = possible_holders(self.case)
        offer_choices(self, "new_holder", [("", _("Choose…")), *people])
        if not people:
            self.fields["new_holder"].help_text = _(
                "Nobody else at this branch does this stage's work: ask another branch or head office."
            )

    @staticmethod
    def facts(cleaned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the new holder."""
        return {"new_holder_id": cleaned["new_holder"]}


class AskBorrowerForm(CaseForm):
    """What the borrower is asked, and by when."""

    text = forms.CharField(
        label=_("What do you ask?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The borrower reads this as you write it. The service clock stops until the answer; legal clocks run on."),
    )  # fmt: skip
    due_on = DayField(label=_("Answer by"))

    def clean_due_on(self) -> dt.date:
        """Refuse a day that has passed."""
        day: dt.date = self.cleaned_data["due_on"]
        if day < clock.today():
            raise ValidationError(_("This day has passed. Choose today or a later one."), code="past")
        return day

    @staticmethod
    def facts(cleaned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say by when."""
        return {"due_on": cleaned["due_on"]}


class AskColleagueForm(CaseForm):
    """What a colleague is asked."""

    to_person = forms.TypedChoiceField(label=_("Whom do you ask?"), coerce=int)
    text = forms.CharField(
        label=_("What do you ask?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Question and answer stand on the case, for everybody who decides on it."),
    )  # fmt: skip

    def offer(self) -> None:
        """List the people who may speak on the case."""
        offer_choices(self, "to_person", [("", _("Choose…")), *colleagues(self.case, self.actor_person)])

    @staticmethod
    def facts(cleaned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name who is asked."""
        return {"to_person_id": cleaned["to_person"]}


class AnswerForm(CaseForm):
    """What the borrower answered, taken down by an officer."""

    text = forms.CharField(
        label=_("The borrower's answer"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Write how it arrived: by phone, in the branch, by letter. Papers go to the documents of the case."),
    )  # fmt: skip


class SendBackForm(ReasonedForm):
    """Where the case goes back to, and why."""

    to = forms.ChoiceField(label=_("Back to"), widget=forms.RadioSelect)
    field_order = ("to", "reasons", "text")

    def offer(self) -> None:
        """List the earlier stages."""
        super().offer()
        earlier = [
            state
            for state in EARLIER_THAN.get(self.case.state, ())
            if self.case.is_secured or state != State.COLLATERAL_CHECK
        ]
        offer_choices(self, "to", [(state.value, state.label) for state in earlier])

    @staticmethod
    def facts(cleaned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Name the stage."""
        return {"to": cleaned["to"]}


class WithdrawForm(ReasonedForm):
    """Why the borrower withdraws."""

    kind = ReasonKind.WITHDRAW


class FreezeForm(ReasonedForm):
    """Why the case is frozen, or not any more."""

    kind = ReasonKind.FREEZE


class UrgentForm(CaseForm):
    """Why the case goes on the urgent lane, or off it."""

    text = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class ReopenForm(CaseForm):
    """Why an ended case is taken up again."""

    text = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class MessageForm(CleanForm):
    """A message on the case."""

    audience = forms.ChoiceField(
        label=_("To whom"), widget=forms.RadioSelect, choices=[("colleague", _("Colleagues")), ("borrower", _("The borrower"))],
        initial="colleague",
    )  # fmt: skip
    body = forms.CharField(label=_("Message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class ReplyForm(CleanForm):
    """The answer to a colleague's question."""

    body = forms.CharField(label=_("Your answer"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}))


class BlockForm(CleanForm):
    """Whom a conflict of interest keeps off a case, and until when."""

    handle = forms.CharField(label=_("Colleague"), max_length=64, help_text=_("The name they sign in with."))
    until = DayField(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class ShareForm(BlockForm):
    """With whom a case is shared, and until when."""
