"""Pages of audit engagements: the list, making one, and the second person's agreement."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.access.looks import list_seen
from apps.accounts import selectors as accounts
from apps.audit.tags import Tag
from apps.console.people import FORM
from apps.core import times
from apps.core.forms import CleanForm, DayField
from apps.core.labels import listed
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.text import whole_number
from apps.workflow.models.engagements import LONGEST_PURPOSE
from apps.workflow.selectors.engagements import Shown, engagement_get, engagements_of, may_manage
from apps.workflow.services import engaging
from apps.workflow.services.engaging import Plan

MANAGE = Permission.ENGAGEMENT_MANAGE
SEVERAL = gettext_lazy("Several are parted by spaces or commas.")


class BranchesChoice(forms.ModelMultipleChoiceField):
    """Branches, indented by their depth."""

    def label_from_instance(self, obj: Any) -> str:
        """Name with the code, set in below the branch above."""
        return f"{'— ' * obj.depth}{obj.name} ({obj.code})"


class EngagementForm(CleanForm):
    """Who audits what, what for, and until when."""

    halves = ("auditors", "ends", "since", "until", "cases", "borrowers")
    sections = (
        (gettext_lazy("Audit"), ("auditors", "ends", "purpose")),
        (gettext_lazy("What they read"), ("branches", "cases", "borrowers", "since", "until")),
    )
    field_order = ("auditors", "ends", "purpose", "branches", "cases", "borrowers", "since", "until")

    auditors = forms.CharField(label=gettext_lazy("Auditors (handles)"), max_length=600, help_text=SEVERAL)
    branches = BranchesChoice(
        label=gettext_lazy("Branches"), queryset=None, required=False,
        help_text=gettext_lazy("Each with all below it."),
    )  # fmt: skip
    cases = forms.CharField(label=gettext_lazy("Cases"), max_length=1500, required=False, help_text=SEVERAL)
    borrowers = forms.CharField(
        label=gettext_lazy("Borrowers (numbers)"), max_length=1000, required=False,
        help_text=gettext_lazy("Each with all its cases. Several are parted by spaces or commas."),
    )  # fmt: skip
    since = DayField(label=gettext_lazy("Events from day"), required=False)
    until = DayField(label=gettext_lazy("Events to day"), required=False)
    ends = DayField(label=gettext_lazy("Last day of the engagement"))
    purpose = forms.CharField(
        label=gettext_lazy("What the audit is for"), max_length=LONGEST_PURPOSE, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Such as the firm's name and the letter of engagement."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branches"].queryset = accounts.branches()  # type: ignore[attr-defined]

    def clean_borrowers(self) -> list[int]:
        """Numbers of borrowers."""
        found = [whole_number(word) for word in words_of(self.cleaned_data["borrowers"])]
        if any(number is None for number in found):
            raise forms.ValidationError(_("Enter borrowers by their numbers."))
        return [number for number in found if number is not None]


def words_of(text: str) -> list[str]:
    """Words parted by spaces, commas or semicolons, each once."""
    return list(dict.fromkeys(word for word in re.split(r"[\s,;，、；]+", text) if word))


def plan_of(cleaned: dict[str, Any]) -> Plan:
    """An engagement as the form gives it."""
    return Plan(
        auditors=words_of(cleaned["auditors"]), purpose=cleaned["purpose"], ends=cleaned["ends"],
        branches=list(cleaned["branches"]), cases=[word.upper() for word in words_of(cleaned["cases"])],
        borrowers=cleaned["borrowers"], since=cleaned["since"], until=cleaned["until"],
    )  # fmt: skip


@requires(MANAGE)
@never_cache
@require_safe
def engagements(request: Any) -> HttpResponse:
    """Show the engagements: all to who makes them, their own to their auditors; the look goes on record before."""
    if not any(held.engaged for held in request.actor.held):
        engaging.refuse_engaged(request.actor)
    shown = engagements_of(request.actor)
    list_seen(request, Tag.ENGAGEMENTS_LISTED, len(shown))
    context = {"rows": shown, "may_manage": may_manage(request.actor), "me": request.actor.person_id}
    return render(request, "console/engagements.html", context)


@requires(MANAGE, step_up=True)
@FORM
def engagement_new(request: Any) -> HttpResponse:
    """Make an engagement."""
    engaging.refuse_engaged(request.actor)
    return post_form(
        request, EngagementForm, success=gettext_lazy("The engagement waits for a second person."),
        success_url=reverse("console:engagements"),
        service=lambda data: engaging.engagement_ask(actor=request.actor, plan=plan_of(data)),
        context={
            "title": _("New audit engagement"), "submit_label": _("Make the engagement"), **_back(),
            "lead": _("Its auditors read the named branches, cases and borrowers, and nothing else. It counts once another person agrees, and ends by itself."),
        },
    )  # fmt: skip


@requires(MANAGE, step_up=True)
@FORM
def engagement_agree(request: Any, uuid: UUID) -> HttpResponse:
    """Agree to an engagement, as the second person."""
    found = engagement_get(request.actor, uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The engagement is in force."),
        service=lambda _data: engaging.engagement_agree(actor=request.actor, engagement=found.row),
        success_url=reverse("console:engagements"),
        context={"title": _("Agree to an audit engagement"), "submit_label": _("Agree"), "question": found.row.purpose.words,
                 "consequences": _told(found), **_back()},
    )  # fmt: skip


@requires(MANAGE, step_up=True)
@FORM
def engagement_end(request: Any, uuid: UUID) -> HttpResponse:
    """Reject an engagement that waits, or end one in force."""
    found = engagement_get(request.actor, uuid)
    service = engaging.engagement_reject if found.row.is_waiting else engaging.engagement_end
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The engagement has ended."),
        service=lambda _data: service(actor=request.actor, engagement=found.row), success_url=reverse("console:engagements"),
        context={"title": _("End an audit engagement"), "submit_label": _("End the engagement"), "danger": True,
                 "question": found.row.purpose.words, "consequences": _told(found), **_back()},
    )  # fmt: skip


def _told(shown: Shown) -> list[str]:
    """The bounds, a sentence each."""
    row = shown.row
    lines = [
        _("Auditors: %(names)s") % {"names": listed(shown.auditors)},
        _("Reads: %(places)s") % {"places": listed(shown.places)},
    ]
    if row.since:
        lines.append(_("Events from %(time)s") % {"time": times.exact(row.since)})
    if row.until:
        lines.append(_("Events before %(time)s") % {"time": times.exact(row.until)})
    return [
        *lines,
        _("Ends at %(time)s") % {"time": times.exact(row.ends_at)},
        _("Made by %(name)s") % {"name": shown.asked_by},
    ]


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:engagements"), "back_label": _("Audit engagements")}
