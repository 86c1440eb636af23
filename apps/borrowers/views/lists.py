"""The list of borrowers, searched by name or by identifier; each page shown is one recorded look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from apps.access.services import can
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers import selectors
from apps.borrowers.forms import FindForm
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires

LONGEST = 120


@requires(Permission.BORROWER_VIEW)
@require_safe
def borrowers(request: HttpRequest) -> HttpResponse:
    """Borrowers by name, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST]
    page = selectors.borrowers_found(actor, words, request.GET.get("cursor", ""))
    record_read(Tag.BORROWERS_LISTED, actor=actor, purpose=Purpose("task:list"), note={"shown": len(page.rows)})
    may_ties = can(actor, Permission.BORROWER_FREEZE).allowed
    shown = {"page": page, "rows": page.rows, "words": words, "form": FindForm(), "may_ties": may_ties}
    return render(request, "borrowers/list.html", shown)


@requires(Permission.BORROWER_VIEW)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Borrowers that bear an identifier."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = FindForm(request.POST)
    if not form.is_valid():
        return render(request, "borrowers/found.html", {"form": form, "rows": []}, status=400)
    rows = selectors.borrower_rows(selectors.borrower_find(actor, form.cleaned_data["identifier"]))
    record_read(Tag.BORROWERS_LISTED, actor=actor, purpose=Purpose("task:find"), fields=["identifier"],
                note={"shown": len(rows)})  # fmt: skip
    return render(request, "borrowers/found.html", {"form": form, "rows": rows, "searched": True})
