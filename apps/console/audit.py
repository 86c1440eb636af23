"""The audit explorer: the log with its filters, one event, exports, verification. Every look is itself an event."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.access.roles import permissions_of
from apps.accounts.selectors import institution
from apps.audit import selectors
from apps.audit.canonical import digest
from apps.audit.cosigners import witnessed
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent
from apps.audit.overview import code_state, figures, last_verified, place_of, sealing
from apps.audit.reconciled import last_reconciled
from apps.audit.selectors import Scope
from apps.audit.services import record_read
from apps.audit.services.exporting import export_made
from apps.audit.services.verifying import log_verify
from apps.audit.tags import Tag, label_of
from apps.audit.tasks import export_order
from apps.audit.verify import Report
from apps.console.abilities import abilities
from apps.console.audit_forms import AuditExportForm, AuditFilterForm
from apps.console.audit_lines import body_of, line_of, pretty, purpose_of, reference_words
from apps.console.audit_scope import bounds_of, refuse_elsewhere, scope_of
from apps.console.saved import filters_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError, NotVisible
from apps.core.keyset import Page
from apps.core.pages import keep
from apps.core.permissions import Permission
from apps.core.requires import requires

CURSOR_LENGTH = 100
AT_ONCE, MOST_AT_ONCE = ("csv", "jsonl"), 10_000


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def audit(request: Any) -> HttpResponse:
    """Show a page of the log under its figures; the look goes on record before it is shown."""
    form, scope = AuditFilterForm(request.GET), scope_of(request.actor, Permission.AUDIT_VIEW)
    page: Page[AuditEvent] = Page([])
    if form.is_valid():
        asked = form.asked(scope)
        page = selectors.events(asked, scope=scope, cursor=request.GET.get("cursor", "")[:CURSOR_LENGTH])
        numbers = {"first": page.rows[0].pk, "last": page.rows[-1].pk} if page.rows else {}
        record_read(
            Tag.LOG_READ, actor=request.actor, note={"filter": asked.asked(), "rows": len(page.rows), **numbers}
        )
    shown = {
        "form": form, "page": Page([line_of(event) for event in page.rows], page.next_cursor, page.is_first),
        "figures": figures(timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0), scope),
        "verified": last_verified(), "sealing": sealing(), "witnessed": witnessed(), "rows": last_reconciled(), "newest": selectors.last_number(),
        "saved_filters": filters_of(request.actor),
        "reads": bounds_of(request.actor, scope),
        **abilities(request.actor, can_export=Permission.AUDIT_EXPORT, can_verify=Permission.AUDIT_VERIFY),
    }  # fmt: skip
    return render(request, "console/audit.html", shown, status=200 if form.is_valid() else 400)


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def audit_event(request: Any, number: int) -> HttpResponse:
    """Show one event: its body, whether its code fits, its neighbours on the same objects."""
    scope = scope_of(request.actor, Permission.AUDIT_VIEW)
    event = selectors.event_get(number, scope=scope)
    if event is None:
        raise NotVisible(action=Tag.EVENT_OPENED)
    record_read(Tag.EVENT_OPENED, actor=request.actor, note={"number": event.pk})
    shown = {
        "event": event, "line": line_of(event), "what": label_of(event.action or ""), "body": pretty(event),
        "digest": digest(event.body), "code": code_state(event).value, "neighbours": _neighbours(event, scope),
        "purpose": purpose_of(body_of(event)), "place": place_of(event),
        **abilities(request.actor, can_see_sight=Permission.SIGHT_VIEW),
    }  # fmt: skip
    return render(request, "console/audit_event.html", shown)


def _neighbours(event: AuditEvent, scope: Scope) -> list[selectors.Neighbours]:
    try:
        found = selectors.neighbours(event, scope=scope) if body_of(event) else []
        return [dataclasses.replace(one, ref=reference_words(one.ref)) for one in found]
    except (AttributeError, KeyError, TypeError):  # a body that somebody has tampered with
        return []


@requires(Permission.AUDIT_EXPORT, step_up=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def audit_export(request: Any) -> HttpResponseBase:
    """Ask what is exported for which purpose, then hand out the file, which is on record by then."""
    posted = request.method == "POST"
    form = AuditExportForm(request.POST) if posted else AuditExportForm(initial={"format": "csv", **request.GET.dict()})
    shown: dict[str, Any] = {"form": form}
    if not posted or not form.is_valid():
        return render(request, "console/audit_export.html", shown, status=400 if posted else 200)
    try:
        return _answered(request, form)
    except LoanFlowError as error:
        problem = keep(form, error, request)
        return render(request, "console/audit_export.html", {**shown, "problem": problem}, status=error.status)


def _answered(request: Any, form: AuditExportForm) -> HttpResponseBase:
    """Hand a small export out at once; leave a large one, and whatever takes its time, to the task worker."""
    order = _order(request.actor, form)
    if order.form in AT_ONCE and not selectors.are_more_than(MOST_AT_ONCE, order.asked, scope=order.scope):
        export = export_made(order, actor=request.actor)
        return FileResponse(export.file, as_attachment=True, filename=export.name, content_type="application/zip")
    export_order(actor=request.actor, order=order)
    messages.success(request, _("The export is being written. It will lie here when it is ready."))
    return redirect(reverse("console:audit_exports"))


def _order(actor: Actor, form: AuditExportForm) -> Order:
    """The export asked for."""
    here = institution()
    zone, name = (here.time_zone, here.name) if here else ("UTC", "LoanFlow")
    scope = scope_of(actor, Permission.AUDIT_EXPORT)
    asked = form.asked(scope)
    refuse_elsewhere(asked, scope)
    return Order(asked, scope, form.cleaned_data["format"], form.stated(), zone, get_language() or "en", name)


@requires(Permission.AUDIT_VERIFY)
@require_POST
def audit_verify(request: Any) -> HttpResponse:
    """Verify the newest part of the log, and say what was found."""
    report = log_verify(actor=request.actor)
    tell = messages.success if report.intact else messages.error
    tell(request, _words(report))
    held = permissions_of(request.actor.role_names)
    return redirect(reverse("console:audit" if Permission.AUDIT_VIEW in held else "console:home"))


def _words(report: Report) -> str:
    values = {"first": report.first, "last": report.last, "count": report.checked, "faults": report.fault_count}
    bad = report.first_bad
    if bad is None:
        return _("The log is intact: %(count)s events checked, #%(first)s to #%(last)s.") % values
    if not bad.event:
        return (
            _("The log is NOT intact: %(faults)s faults, none of a single event. Tell the security officer.") % values
        )
    values["event"] = bad.event
    return (
        _("The log is NOT intact: %(faults)s faults, the first at event #%(event)s. Tell the security officer.")
        % values
    )
