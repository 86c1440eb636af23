"""The page on which one chooses which notices come by mail, and when."""

from __future__ import annotations

import functools
import zoneinfo
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.access.roles import permissions_held
from apps.accounts.selectors import home_zone
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import Rhythm
from apps.workflow.services.mailing import preference_of, preference_save

AREAS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip
NAMES = ("talk", "moved", "deadlines", "branch", "rhythm", "daily_at", "quiet_from", "quiet_until", "zone")


@functools.cache
def zones() -> tuple[str, ...]:
    """Names of the world's time zones by place."""
    return tuple(sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS))


def _zones() -> list[tuple[str, str]]:
    own = gettext_lazy("The institution's: %(zone)s") % {"zone": home_zone() or "UTC"}
    return [("", str(own)), *((name, name.replace("_", " ")) for name in zones())]


def _time(label: Any, **more: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


class NoticeMailForm(CleanForm):
    """Kinds of notices, the rhythm, quiet hours and the zone of one's clock."""

    halves = ("quiet_from", "quiet_until", "daily_at", "zone")
    talk = forms.BooleanField(label=gettext_lazy("Messages, questions and answers"), required=False)
    moved = forms.BooleanField(label=gettext_lazy("What others do to cases I hold"), required=False)
    deadlines = forms.BooleanField(label=gettext_lazy("Deadlines that are near or past"), required=False)
    branch = forms.BooleanField(label=gettext_lazy("Deadlines and legal terms of my branch"), required=False)
    rhythm = forms.ChoiceField(
        label=gettext_lazy("How often"), choices=Rhythm.choices, widget=forms.RadioSelect, initial=Rhythm.NOW
    )
    daily_at = _time(gettext_lazy("Time of the daily mail"), initial="08:00")
    zone = forms.ChoiceField(label=gettext_lazy("Time zone of your clock"), required=False, choices=_zones)
    quiet_from = _time(gettext_lazy("No mail from"), required=False)
    quiet_until = _time(gettext_lazy("until"), required=False)

    def __init__(self, *args: Any, leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not leads:
            del self.fields["branch"]

    def clean(self) -> dict[str, Any]:
        """Ask for both ends of the quiet hours or for neither."""
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("quiet_from"), data.get("quiet_until")
        if {"quiet_from", "quiet_until"} & set(self.errors):
            return data
        if (start is None) is not (end is None):
            self.add_error(
                "quiet_until" if end is None else "quiet_from", _("Give both ends of the quiet hours, or neither.")
            )
        elif start is not None and start == end:
            self.add_error(
                "quiet_until", _("The quiet hours end when they begin. Choose another time, or leave both empty.")
            )
        return {"branch": False, **data}


@requires(Permission.CASE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def notice_mail(request: Any) -> HttpResponse:
    """Show what is chosen, or keep it."""
    chosen = preference_of(request.actor)
    leads = Permission.CASE_REASSIGN in permissions_held(request.actor.held)
    site = request.build_absolute_uri("/")
    return post_form(
        request, NoticeMailForm, success=gettext_lazy("Your choice is kept."), success_url=reverse("console:notice_mail"),
        service=lambda data: preference_save(actor=request.actor, values=data, site=site),
        initial={name: getattr(chosen, name) for name in NAMES} if chosen else None, options={"leads": leads},
        context={
            "title": _("Notices by mail"), "back_url": reverse("accounts:profile"), "back_label": _("My account"),
            "lead": _("The bell shows every notice in any case. A mail names the case by its number only, and leads to it."),
        },
    )  # fmt: skip
