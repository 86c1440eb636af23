"""Asking for an export of the log: which events or which sample, in which form, what for, to whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.selectors import institution, recipient_of_account
from apps.audit import selectors
from apps.audit.manifest import Order
from apps.audit.selectors import EventFilter, Scope
from apps.audit.services.drawing import SampleOnRecord, sample_of
from apps.audit.services.exporting import export_made
from apps.audit.tags import Tag
from apps.audit.tasks import export_order
from apps.console.audit_forms import AuditExportForm
from apps.console.audit_scope import refuse_elsewhere, scope_of
from apps.console.saved import filters_of
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError, NotVisible
from apps.core.pages import keep
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.text import whole_number

AT_ONCE, MOST_AT_ONCE = ("csv", "jsonl"), 10_000


@requires(Permission.AUDIT_EXPORT, step_up=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def audit_export(request: Any) -> HttpResponseBase:
    """Ask what is exported for which purpose, then hand out the file, which is on record by then."""
    posted = request.method == "POST"
    given = request.POST if posted else request.GET
    sample = _sample(request.actor, given.get("sample", ""))
    own = {"format": "csv", "recipient": recipient_of_account(request.actor.account_id)}
    form = AuditExportForm(given, request.FILES) if posted else AuditExportForm(initial={**own, **given.dict()})
    shown: dict[str, Any] = {"form": form.of_sample() if sample else form, "sample": sample}
    shown["saved_filters"] = [] if sample else filters_of(request.actor)
    if not posted or not form.is_valid():
        return render(request, "console/audit_export.html", shown, status=400 if posted else 200)
    try:
        return _answered(request, _order(request.actor, form, sample))
    except LoanFlowError as error:
        problem = keep(form, error, request)
        return render(request, "console/audit_export.html", {**shown, "problem": problem}, status=error.status)


def _sample(actor: Actor, typed: str) -> SampleOnRecord | None:
    """The sample that an export is of; ``NotVisible`` for one that the actor may not export."""
    if not typed:
        return None
    scope = scope_of(actor, Permission.AUDIT_EXPORT)
    found = sample_of(whole_number(typed) or 0, scope=scope)
    if found is None or not scope.covers(found.scope):
        raise NotVisible(action=Tag.LOG_EXPORTED)
    return found


def _answered(request: Any, order: Order) -> HttpResponseBase:
    """Hand a small export out at once; leave a large one, and whatever takes its time, to the task worker."""
    if order.form in AT_ONCE and not order.in_clear and not _is_large(order):
        export = export_made(order, actor=request.actor)
        return FileResponse(export.file, as_attachment=True, filename=export.name, content_type="application/zip")
    export_order(actor=request.actor, order=order)
    later = _("The export is being written. It will lie here when it is ready.")
    asked = _("Another person has to agree now. The export will be written then.")
    messages.success(request, asked if order.in_clear else later)
    return redirect(reverse("console:audit_exports"))


def _is_large(order: Order) -> bool:
    return order.sample is None and selectors.are_more_than(MOST_AT_ONCE, order.asked, scope=order.scope)


def _order(actor: Actor, form: AuditExportForm, sample: SampleOnRecord | None) -> Order:
    """The export asked for."""
    here = institution()
    zone, name = (here.time_zone, here.name) if here else ("UTC", "LoanFlow")
    asked, scope = (sample.asked, sample.scope) if sample else _question(actor, form)
    return Order(
        asked, scope, form.cleaned_data["format"], form.stated(), zone, get_language() or "en", name,
        sample.drawn.sample if sample else None, form.cleaned_data["recipient"], form.cleaned_data["in_clear"],
        since=form.cleaned_data["kept"],
    )  # fmt: skip


def _question(actor: Actor, form: AuditExportForm) -> tuple[EventFilter, Scope]:
    """Which events, in which part of the log."""
    scope = scope_of(actor, Permission.AUDIT_EXPORT)
    asked = form.asked(scope)
    refuse_elsewhere(asked, scope)
    return asked, scope
