"""Pages of saved views: the tab, filters and order of a list of cases, kept under a name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.access.roles import permissions_by
from apps.accounts.models import Branch
from apps.accounts.selectors import branches
from apps.console.models import Shelf
from apps.console.people_forms import BranchChoice
from apps.console.saved import Keeping, filter_change, filter_delete, filter_own, filter_save, views_of
from apps.core.actor import Actor
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.list_forms import ListForm
from apps.workflow.views.lists import view_query

LISTS = {Shelf.WORK: "console:work", Shelf.CASES: "workflow:cases"}
FORM = require_http_methods(["GET", "HEAD", "POST"])


class ViewForm(CleanForm):
    """Name of a view, whether it opens with the page, and for leads whom it is shared with."""

    name = forms.CharField(
        label=gettext_lazy("Name of the view"), max_length=60, help_text=gettext_lazy("Write no personal data here.")
    )
    is_default = forms.BooleanField(label=gettext_lazy("Show this view when I open the page"), required=False)
    branch = BranchChoice(label=gettext_lazy("Share with"), empty_label=gettext_lazy("Nobody, it is mine alone"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        led = _led(actor)
        if led is not None and not led:
            del self.fields["branch"]
        elif led is not None:
            self.fields["branch"].queryset = branches().filter(pk__in=led)  # type: ignore[attr-defined]


def _led(actor: Actor) -> set[int] | None:
    """Branches whose cases the actor leads; ``None`` for all of them."""
    leading = [held for held in actor.held if Permission.CASE_REASSIGN in permissions_by(held)]
    if any(held.branch_ids is None for held in leading):
        return None
    return {branch for held in leading for branch in held.branch_ids or ()}


def _keeping(data: dict[str, Any]) -> Keeping:
    branch: Branch | None = data.get("branch")
    return Keeping(data["name"], data["is_default"], branch)


def _shelf(page: str) -> Shelf:
    if page not in LISTS:
        raise Http404
    return Shelf(page)


@requires(Permission.CASE_VIEW)
@require_safe
def views(request: Any, page: str) -> HttpResponse:
    """Saved views of a list: open, change, delete."""
    shelf = _shelf(page)
    shown = {"views": views_of(request.actor, shelf), "shelf": shelf, "list_url": reverse(LISTS[shelf])}
    return render(request, "console/views.html", shown)


@requires(Permission.CASE_VIEW)
@FORM
def view_new(request: Any, page: str) -> HttpResponse:
    """Ask for a name, and keep what the list shows under it."""
    shelf = _shelf(page)
    query = view_query(shelf, request.GET, ListForm(request.GET))
    back = f"{reverse(LISTS[shelf])}?{query}"
    return post_form(
        request, ViewForm, success=gettext_lazy("The view is saved."), success_url=back, options={"actor": request.actor},
        service=lambda data: filter_save(actor=request.actor, query=query, keeping=_keeping(data), page=shelf),
        context={
            "title": _("Save this view"), "lead": _("Tab, filters and order are kept; the cases are those of the day you look."),
            "back_url": back, "back_label": shelf.label,
        },
    )  # fmt: skip


@requires(Permission.CASE_VIEW)
@FORM
def view_edit(request: Any, uuid: UUID) -> HttpResponse:
    """Rename one of one's own views, make it the default, share it or stop that."""
    saved = filter_own(request.actor, uuid)
    back = reverse("console:views", args=[_shelf(saved.page)])
    return post_form(
        request, ViewForm, success=gettext_lazy("The view is changed."), success_url=back, options={"actor": request.actor},
        service=lambda data: filter_change(actor=request.actor, uuid=uuid, keeping=_keeping(data)),
        initial={"name": saved.name, "is_default": saved.is_default, "branch": saved.branch_id},
        context={"title": _("Change the view"), "back_url": back, "back_label": _("Saved views")},
    )  # fmt: skip


@requires(Permission.CASE_VIEW)
@require_POST
def view_gone(request: Any, uuid: UUID) -> HttpResponse:
    """Delete one of one's own."""
    saved = filter_delete(actor=request.actor, uuid=uuid)
    messages.success(request, _("The view is deleted."))
    return redirect("console:views", saved.page)
