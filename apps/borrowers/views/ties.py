"""Ties of staff to businesses, as compliance keeps them: listed, declared for a colleague, ended by another person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Person
from apps.accounts.selectors import staff_accounts
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers import acting, services
from apps.borrowers.forms import EndTieForm, TieForOtherForm
from apps.borrowers.selectors import borrower_get
from apps.borrowers.views.changes import FORM_METHODS, borrower_form
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.core.requires import requires

TIES = Permission.BORROWER_FREEZE


@requires(TIES)
@require_safe
def ties(request: HttpRequest) -> HttpResponse:
    """Every declared tie in the reader's sight."""
    actor = request.actor  # type: ignore[attr-defined]
    lines = acting.ties_of(actor)
    record_read(Tag.BORROWERS_LISTED, actor=actor, purpose=Purpose("task:ties"), note={"shown": len(lines)})
    return render(request, "borrowers/ties.html", {"lines": lines, "most": acting.MOST_TIES})


@requires(TIES)
@require_http_methods(FORM_METHODS)
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a colleague's tie."""
    actor = request.actor  # type: ignore[attr-defined]
    borrower = borrower_get(actor, pk, TIES)

    def save(cleaned: dict[str, Any]) -> Any:
        return services.tie_declare(
            actor=actor, borrower=borrower, person=_person(cleaned["handle"]), kind=cleaned["kind"]
        )

    return borrower_form(
        request, borrower, TieForOtherForm, save, title=_("Declare a colleague's tie"), success=_("The tie is on record."),
        submit_label=_("Declare"),
        lead=_("The colleague no longer sees this business or works on its cases, until another person than you ends the tie."),
    )  # fmt: skip


@requires(TIES)
@require_http_methods(FORM_METHODS)
def end(request: HttpRequest, pk: int, tie: int) -> HttpResponse:
    """End a tie, with the reason."""
    actor = request.actor  # type: ignore[attr-defined]
    borrower = borrower_get(actor, pk, TIES)
    found = acting.tie_get(actor, borrower, tie)
    return borrower_form(
        request, borrower, EndTieForm, lambda cleaned: services.tie_end(actor=actor, tie=found, why=cleaned["why"]),
        title=_("End a declared tie"), success=_("The tie has ended."), submit_label=_("End the tie"), danger=True,
        lead=_("From then on the colleague may work on cases of this business again."),
    )  # fmt: skip


def _person(handle: str) -> Person:
    account = staff_accounts().filter(handle=handle.strip().lower()).first()
    if account is None:
        raise BadInput({"handle": [_("Nobody of the staff has this name. Check the spelling.")]})
    return account.person
