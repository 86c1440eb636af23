"""The eye beside a masked value: asks the purpose, records the look, then shows the value once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.audit.body import Purpose
from apps.borrowers import forms, services
from apps.borrowers.models import BankAccount, Borrower, Party
from apps.borrowers.selectors import borrower_get
from apps.borrowers.views.changes import FORM_METHODS
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.core.pages import hang
from apps.core.permissions import Permission
from apps.core.requires import requires

Row = Borrower | Party | BankAccount


@requires(Permission.BORROWER_REVEAL)
@require_http_methods(FORM_METHODS)
@never_cache
def reveal(request: HttpRequest, pk: int, sort: str, row: int, field: str) -> HttpResponse:
    """Ask why, then show one value. Within a page (htmx) both take the place of the masked value."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    borrower = borrower_get(actor, pk, Permission.BORROWER_REVEAL)
    held = _row(borrower, sort, row, field)
    shown = {"borrower": borrower, "sort": sort, "row": row, "field": field, "label": getattr(held._meta.get_field(field), "verbose_name", field),
             "masked": getattr(held, field).masked if getattr(held, field) is not None else ""}  # fmt: skip
    form = forms.RevealForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "reveal", {**shown, "form": form}, 400 if form.is_bound else 200)
    try:
        purpose = Purpose(form.cleaned_data["purpose"], form.cleaned_data["text"])
        value = services.reveal(actor=actor, row=held, field=field, purpose=purpose)
    except BadInput as bad:
        hang(form, bad)
        return _page(request, "reveal", {**shown, "form": form}, bad.status)
    return _page(request, "revealed", {**shown, "value": value}, 200)


def _page(request: HttpRequest, name: str, shown: dict[str, object], status: int) -> HttpResponse:
    part = "_part" if request.headers.get("HX-Request") else ""
    # htmx swaps only answers of success, so a form with errors inside a page answers 200
    return render(request, f"borrowers/{name}{part}.html", shown, status=200 if part else status)


def _row(borrower: Borrower, sort: str, pk: int, field: str) -> Row:
    found: Row | None = None
    if sort == "business" and pk == borrower.pk:
        found = borrower
    elif sort == "person":
        found = Party.objects.select_related("borrower__branch").filter(pk=pk, borrower=borrower).first()
    elif sort == "account":
        found = BankAccount.objects.select_related("borrower__branch").filter(pk=pk, borrower=borrower).first()
    if found is None or field not in services.REVEALABLE[type(found)]:
        raise NotVisible(subject=borrower)
    return found
