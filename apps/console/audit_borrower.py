"""Who saw or changed what of a borrower and their cases, when and why: the log's answer to a complaint or a request."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.access.services import authorize
from apps.audit import selectors
from apps.audit.models import AuditEvent
from apps.audit.selectors import KINDS, EventFilter
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.console.audit import CURSOR_LENGTH
from apps.console.audit_fields import name_words
from apps.console.audit_forms import about
from apps.console.audit_lines import Line, body_of, change_of, line_of, purpose_of, reference_words
from apps.console.audit_scope import scope_of
from apps.core.keyset import Page
from apps.core.labels import listed
from apps.core.permissions import Permission
from apps.core.requires import requires


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A line of the page: the event in words, whether it was an act or a look, what was shown of it, and why."""

    line: Line
    kind: Any
    what: str
    why: str


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def borrower(request: Any, pk: int) -> HttpResponse:
    """Show a page of a borrower's events; the look goes on record before it is shown."""
    scope, found = scope_of(request.actor, Permission.AUDIT_VIEW), Borrower.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    authorize(request.actor, Permission.AUDIT_VIEW, found)
    kind = request.GET.get("kind", "")
    asked = EventFilter(**about(str(pk), scope), kind=kind if kind in KINDS else "")
    page = selectors.events(asked, scope=scope, cursor=request.GET.get("cursor", "")[:CURSOR_LENGTH])
    record_read(Tag.LOG_READ, actor=request.actor, note={"filter": asked.asked(), "rows": len(page.rows)})
    shown = Page([_seen(event) for event in page.rows], page.next_cursor, page.is_first)
    choices = [(code, words, code == asked.kind) for code, words in KINDS.items()]
    return render(
        request, "console/audit_borrower.html", {"number": pk, "page": shown, "kinds": choices, "kind": asked.kind}
    )


def _seen(event: AuditEvent) -> Seen:
    body = body_of(event)
    note = body.get("note")
    fields = note.get("fields") if isinstance(note, dict) else None
    subject = body.get("subject")
    key = str(subject.get("object", "")) if isinstance(subject, dict) else ""
    named = listed(_field_words(key, str(name)) for name in fields) if isinstance(fields, list) else ""
    changed = change_of({name: value for name, value in body.items() if name != "purpose"})
    return Seen(line_of(event), KINDS.get(event.kind or "", ""), changed or named, purpose_of(body))


def _field_words(key: str, name: str) -> str:
    """Say what was shown of an object: a column of it, its text in one language, or a thing beside it by its kind and number."""
    languages = dict(settings.LANGUAGES)
    if name in languages:
        return _(str(languages[name]))
    words = reference_words(name)
    return words if words != name else name_words(key, name)
