"""Pages of the second person: requests for exports in clear, agreed to or refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.looks import list_seen
from apps.audit.recipients import fingerprint
from apps.audit.selectors import counted
from apps.audit.tags import Tag
from apps.console.audit_fields import parted
from apps.console.audit_forms import FORMATS, filter_words, places_of
from apps.console.audit_purposes import purpose_words
from apps.console.clearing import ClearRequest, clear_export_agree, clear_export_decline, clear_request, clear_requests
from apps.console.opening import kinds_shown
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

FORM = require_http_methods(["GET", "HEAD", "POST"])
MOST_COUNTED = 10_000


class AnswerForm(CleanForm):
    """The number of the event that asked for what the reader was shown."""

    asked = forms.IntegerField(widget=forms.HiddenInput)


@requires(Permission.AUDIT_UNMASK)
@never_cache
@require_safe
def waiting(request: Any) -> HttpResponse:
    """Show what waits for an answer of the reader's; the look goes on record before it is shown."""
    found = clear_requests(request.actor)
    list_seen(request, Tag.LOG_READ, len(found))
    places = places_of(each.order.scope for each in found)
    lines = [
        {
            "request": each,
            "about": filter_words(each.order.asked, each.order.scope, places),
            "purpose": _purpose(each),
            "format": _format(each),
        }
        for each in found
    ]
    return render(request, "console/audit_clear.html", {"lines": lines})


@requires(Permission.AUDIT_UNMASK, step_up=True)
@never_cache
@FORM
def agree(request: Any, uuid: UUID) -> HttpResponse:
    """Agree, after having seen what it is that would be shown, to whom, and what for."""
    found = clear_request(request.actor, uuid)
    return post_form(
        request, AnswerForm, template="core/confirm.html", success=gettext_lazy("You have agreed. The export is being written."),
        service=lambda data: clear_export_agree(actor=request.actor, found=found, **data), success_url=reverse("console:audit_clear"),
        initial={"asked": found.row.event},
        context={
            "title": _("Agree to an export in clear"), "danger": True, "submit_label": _("Agree"),
            "question": _("Let %(name)s have this part of the log with personal data in clear?") % {"name": found.requester},
            "consequences": _told(found), **_back(),
        },
    )  # fmt: skip


@requires(Permission.AUDIT_UNMASK, step_up=True)
@never_cache
@FORM
def decline(request: Any, uuid: UUID) -> HttpResponse:
    """Refuse."""
    found = clear_request(request.actor, uuid)
    return post_form(
        request, AnswerForm, template="core/confirm.html", success=gettext_lazy("The request is refused."),
        service=lambda data: clear_export_decline(actor=request.actor, found=found, **data), success_url=reverse("console:audit_clear"),
        initial={"asked": found.row.event},
        context={
            "title": _("Refuse an export in clear"), "submit_label": _("Refuse"),
            "question": _("Refuse what %(name)s asks for?") % {"name": found.requester}, "consequences": _told(found), **_back(),
        },
    )  # fmt: skip


def _told(found: ClearRequest) -> list[str]:
    """Everything that the answer is about, line by line."""
    number = counted(found.order.asked, scope=found.order.scope, most=MOST_COUNTED + 1, upto=found.order.upto)
    about = filter_words(found.order.asked, found.order.scope, places_of([found.order.scope]))
    many = _("more than %(count)s") % {"count": MOST_COUNTED} if number > MOST_COUNTED else str(number)
    return [
        _("What for: %(words)s") % {"words": _purpose(found)},
        _("Which events: %(words)s") % {"words": about},
        _("How many: %(count)s, as %(format)s") % {"count": many, "format": _format(found)},
        _("What is shown, where it still stands. %(kinds)s. All else stays shut.") % {"kinds": parted(kinds_shown())},
        _("Encrypted to the key with the fingerprint %(print)s") % {"print": fingerprint(found.order.recipient)},
        _(
            "Your name and theirs stand in the file and in the log. Data of borrowers whom one of you is tied to stay shut."
        ),
    ]


def _purpose(found: ClearRequest) -> str:
    return purpose_words(found.order.purpose.code, found.order.purpose.text)


def _format(found: ClearRequest) -> str:
    return str(dict(FORMATS).get(found.order.form, found.order.form))


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:audit_clear"), "back_label": _("Exports in clear")}
