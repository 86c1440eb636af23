"""The audit explorer: the log with its filters, one event, verification. Every look is itself an event."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.access.roles import permissions_held
from apps.audit import selectors
from apps.audit.canonical import digest
from apps.audit.cosigners import witnessed
from apps.audit.models import AuditEvent
from apps.audit.overview import code_state, figures, last_verified, place_of, sealing
from apps.audit.reconciled import last_reconciled
from apps.audit.selectors import WHOLE_LOG, Scope
from apps.audit.services import record_read
from apps.audit.services.verifying import log_verify
from apps.audit.tags import Tag, label_of
from apps.audit.verify import Report
from apps.console.abilities import abilities
from apps.console.audit_forms import AuditFilterForm
from apps.console.audit_lines import body_of, line_of, pretty, purpose_of, reference_words
from apps.console.audit_scope import bounds_of, scope_of
from apps.console.saved import filters_of
from apps.core import clock
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.core.requires import requires

CURSOR_LENGTH = 100


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
        **abilities(
            request.actor, can_export=Permission.AUDIT_EXPORT, can_verify=Permission.AUDIT_VERIFY, can_unmask=Permission.AUDIT_UNMASK,
            can_retire=Permission.AUDIT_RETIRE,
        ),
    }  # fmt: skip
    return render(request, "console/audit.html", shown, status=200 if form.is_valid() else 400)


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def audit_event(request: Any, number: int) -> HttpResponse:
    """Show one event: its body, whether its code fits, its neighbours on the same objects."""
    scope = scope_of(request.actor, Permission.AUDIT_VIEW)
    event = selectors.event_get(number, scope=scope)
    if event is None and scope == WHOLE_LOG and (told := selectors.event_of_retirement(number)):
        messages.info(
            request,
            _("Event %(number)s has retired: here is who let it go, and where it is kept.") % {"number": number},
        )
        return redirect("console:audit_event", told)
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


@requires(Permission.AUDIT_VERIFY)
@require_POST
def audit_verify(request: Any) -> HttpResponse:
    """Verify the newest part of the log, and say what was found."""
    report = log_verify(actor=request.actor)
    tell = messages.success if report.intact else messages.error
    tell(request, _words(report))
    held = permissions_held(request.actor.held)
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
