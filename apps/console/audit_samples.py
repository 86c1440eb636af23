"""Random samples of the log: drawn on record, shown with seed and population, exported as they were drawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.looks import list_seen
from apps.access.roles import permissions_held
from apps.audit.selectors import picked
from apps.audit.services import record_read
from apps.audit.services.drawing import MOST, opened_since, sample_draw, sample_of, samples_drawn
from apps.audit.tags import Tag
from apps.console.audit_forms import AuditFilterForm, filter_words, places_of
from apps.console.audit_lines import line_of
from apps.console.audit_scope import scope_of
from apps.console.saved import filters_of
from apps.core.errors import LoanFlowError
from apps.core.pages import keep
from apps.core.permissions import Permission
from apps.core.requires import requires


class SampleForm(AuditFilterForm):
    """Which events a sample is drawn from, and how many."""

    halves = tuple(AuditFilterForm.base_fields)
    sections = ((_("Which events"), tuple(AuditFilterForm.base_fields)),)
    size = forms.IntegerField(label=_("How many events"), min_value=1, max_value=MOST, initial=25)
    field_order = ("size",)


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: Any) -> HttpResponse:
    """Show the samples drawn so far, and draw another."""
    posted, scope = request.method == "POST", scope_of(request.actor, Permission.AUDIT_VIEW)
    form = SampleForm(request.POST) if posted else SampleForm(initial={"size": 25, **request.GET.dict()})
    shown: dict[str, Any] = {"form": form, "saved_filters": filters_of(request.actor)}
    shown["drawn"] = [{"event": each, "note": each.data["note"]} for each in samples_drawn(scope=scope)]
    if not posted:
        list_seen(request, Tag.LOG_READ, len(shown["drawn"]))
    if not posted or not form.is_valid():
        return render(request, "console/audit_samples.html", shown, status=400 if posted else 200)
    size = form.cleaned_data["size"]
    try:
        made = sample_draw(actor=request.actor, asked=form.asked(scope), scope=scope, size=size)
    except LoanFlowError as error:
        problem = keep(form, error, request)
        return render(request, "console/audit_samples.html", {**shown, "problem": problem}, status=error.status)
    return redirect("console:audit_sample", made.pk)


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def sample(request: Any, number: int) -> HttpResponse:
    """Show a sample's events, and which of them the reader has opened; the look goes on record before it is shown."""
    scope = scope_of(request.actor, Permission.AUDIT_VIEW)
    found = sample_of(number, scope=scope)
    if found is None:
        raise Http404
    rows = list(picked(found.drawn.numbers, scope=scope))
    record_read(Tag.LOG_READ, actor=request.actor, note={"sample": number, "rows": len(rows)})
    opened = opened_since(found.event, found.drawn.numbers, actor=request.actor)
    shown = {
        "sample": found.drawn.sample, "population": found.drawn.population, "event": found.event,
        "about": filter_words(found.asked, found.scope, places_of([found.scope])), "hidden": len(found.drawn.numbers) - len(rows),
        "lines": [line_of(event) for event in rows], "opened": opened, "same": found.is_as_recorded,
        "can_export": Permission.AUDIT_EXPORT in permissions_held(request.actor.held),
    }  # fmt: skip
    return render(request, "console/audit_sample.html", shown)
