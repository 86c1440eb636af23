"""Freezing a borrower or its whole group: one person freezes, another lifts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.audit.body import Purpose
from apps.borrowers import forms, selectors, services
from apps.borrowers.models import Borrower, BorrowerGroup
from apps.borrowers.views.changes import FORM_METHODS, borrower_form
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires


def _seen(request: HttpRequest, pk: int) -> tuple[Actor, Borrower]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, selectors.borrower_get(actor, pk, Permission.BORROWER_FREEZE)


def _group_of(borrower: Borrower) -> BorrowerGroup:
    if borrower.group is None:
        raise NotVisible(subject=borrower, action=Permission.BORROWER_FREEZE)
    return borrower.group


def reason_of(cleaned: dict[str, Any]) -> Purpose:
    """Code and words of a reason."""
    return Purpose(cleaned["reason"], cleaned["text"])


@requires(Permission.BORROWER_FREEZE)
@require_http_methods(FORM_METHODS)
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop everything of a borrower."""
    actor, borrower = _seen(request, pk)
    return borrower_form(
        request, borrower, forms.FreezeForm,
        lambda cleaned: services.borrower_freeze(actor=actor, borrower=borrower, reason=reason_of(cleaned)),
        title=_("Freeze the borrower"), success=_("The borrower is frozen."), danger=True, submit_label=_("Freeze"),
        lead=_("No case, change or payment of this borrower goes on until another person lifts the freeze."),
    )  # fmt: skip


@requires(Permission.BORROWER_FREEZE)
@require_http_methods(FORM_METHODS)
def unfreeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a freeze that another person set."""
    actor, borrower = _seen(request, pk)
    return borrower_form(
        request, borrower, forms.FreezeForm,
        lambda cleaned: services.borrower_unfreeze(actor=actor, borrower=borrower, reason=reason_of(cleaned)),
        title=_("Lift the freeze"), success=_("The freeze is lifted."), submit_label=_("Lift the freeze"),
    )  # fmt: skip


@requires(Permission.BORROWER_FREEZE)
@require_http_methods(FORM_METHODS)
def group_freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop everything of all businesses of the borrower's group."""
    actor, borrower = _seen(request, pk)
    group = _group_of(borrower)
    return borrower_form(
        request, borrower, forms.FreezeForm,
        lambda cleaned: services.group_freeze(actor=actor, group=group, reason=reason_of(cleaned)),
        title=_("Freeze the group"), success=_("The group is frozen."), danger=True, submit_label=_("Freeze the group"),
        lead=_("No case, change or payment of any business of the group goes on until another person lifts the freeze."),
    )  # fmt: skip


@requires(Permission.BORROWER_FREEZE)
@require_http_methods(FORM_METHODS)
def group_unfreeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Lift a freeze of the group that another person set."""
    actor, borrower = _seen(request, pk)
    group = _group_of(borrower)
    return borrower_form(
        request, borrower, forms.FreezeForm,
        lambda cleaned: services.group_unfreeze(actor=actor, group=group, reason=reason_of(cleaned)),
        title=_("Lift the group's freeze"), success=_("The freeze of the group is lifted."), submit_label=_("Lift the freeze"),
        lead=_("A business that is frozen by itself stays frozen."),
    )  # fmt: skip
