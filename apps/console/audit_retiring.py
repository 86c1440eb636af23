"""Pages on which stretches of the log retire: what is due, a proposal, the second person's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.access.looks import list_seen
from apps.audit.retiring.agreed import Proposal
from apps.audit.tags import Tag
from apps.console.retiring import (
    log_stretch_agree,
    log_stretch_decline,
    log_stretch_propose,
    proposal_get,
    standing,
)
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

FORM = require_http_methods(["GET", "HEAD", "POST"])
MOST = (1 << 63) - 1


class StretchForm(CleanForm):
    """Which events, by their places in the tree, and why."""

    halves = ("first", "last")
    first = forms.IntegerField(label=gettext_lazy("From place"), min_value=1, max_value=MOST)
    last = forms.IntegerField(
        label=gettext_lazy("To place"), min_value=1, max_value=MOST,
        help_text=gettext_lazy("Places in the tree. A stretch begins and ends where a batch was sealed."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Recorded for good. Write no personal data here."),
    )  # fmt: skip


@requires(Permission.AUDIT_RETIRE, step_up=True)
@never_cache
@FORM
def retiring(request: Any) -> HttpResponse:
    """Show what is due and what was proposed, and take the next proposal; the look goes on record before."""
    shown = standing(request.actor)
    list_seen(request, Tag.STRETCHES_LISTED, len(shown.proposals))
    initial = {"first": shown.due.start + 1, "last": shown.due.stop} if shown.due else {}
    return post_form(
        request, StretchForm, success=gettext_lazy("Another person has to agree now."), success_url=reverse("console:audit_retiring"),
        template="console/audit_retiring.html", initial=initial,
        service=lambda data: log_stretch_propose(actor=request.actor, **data),
        context={"standing": shown, "lines": [_line(each, request.actor.person_id) for each in shown.proposals]},
    )  # fmt: skip


@requires(Permission.AUDIT_RETIRE, step_up=True)
@never_cache
@FORM
def agree(request: Any, number: int) -> HttpResponse:
    """Agree, as the second person."""
    found = proposal_get(request.actor, number)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("You have agreed. The stretch is archived, and then it goes."),
        service=lambda _data: log_stretch_agree(actor=request.actor, asked=number), success_url=reverse("console:audit_retiring"),
        context={
            "title": _("Let a stretch of the log retire"), "submit_label": _("Agree"), "danger": True,
            "question": _("Take the bodies of the events at the places %(first)s to %(last)s out of the database?") % _places(found),
            "consequences": _told(found), **_back(),
        },
    )  # fmt: skip


@requires(Permission.AUDIT_RETIRE, step_up=True)
@never_cache
@FORM
def decline(request: Any, number: int) -> HttpResponse:
    """Refuse, or take one's own proposal back."""
    found = proposal_get(request.actor, number)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The stretch stays."),
        service=lambda _data: log_stretch_decline(actor=request.actor, asked=number), success_url=reverse("console:audit_retiring"),
        context={
            "title": _("Keep a stretch of the log"), "submit_label": _("Keep it"),
            "question": _("Keep the events at the places %(first)s to %(last)s?") % _places(found), "consequences": [found.words], **_back(),
        },
    )  # fmt: skip


def _told(found: Proposal) -> list[str]:
    """What the answer is about, line by line."""
    return [
        _("Proposed by %(name)s: %(words)s") % {"name": found.proposed.data["name"], "words": found.words},
        _(
            "They are written to the archive first, as an evidence bundle that anybody can verify; its hash goes on record."
        ),
        _(
            "Hashes, heads and numbers stay: the log still verifies and says that these events have retired, and by whom."
        ),
        _("A hold that is placed, or a time of keeping that is set, before they go stops it."),
    ]


def _places(found: Proposal) -> dict[str, int]:
    return {"first": found.start + 1, "last": found.stop}


def _line(found: Proposal, person: int | None) -> dict[str, Any]:
    told = found.retired.data["note"] if found.retired is not None else {}
    return {
        "found": found, **_places(found), "state": found.state.value, "by": found.proposed.data["name"],
        "is_own": found.proposed.data.get("person") == person, "answered_by": found.answer.data["name"] if found.answer else "",
        "events": told.get("events", 0), "file": told.get("archive", {}),
    }  # fmt: skip


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:audit_retiring"), "back_label": _("Retiring of the log")}
