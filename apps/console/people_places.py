"""Branches: the tree, opening one and changing one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.access.services.places import branch_open, branch_rename
from apps.accounts import selectors
from apps.console.people import FORM
from apps.console.people_forms import BranchForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.BRANCH_MANAGE)
@require_safe
def branches(request: Any) -> HttpResponse:
    """Show the tree of branches."""
    return render(request, "console/people_branches.html", {"branches": selectors.branches()})


@requires(Permission.BRANCH_MANAGE, step_up=True)
@FORM
def branch_add(request: Any) -> HttpResponse:
    """Open a branch."""
    return post_form(
        request, BranchForm, success=gettext_lazy("The branch is open."), success_url=reverse("console:branches"),
        service=lambda data: branch_open(actor=request.actor, **data),
        context={"title": _("New branch"), "submit_label": _("Open the branch"), **_back()},
    )  # fmt: skip


@requires(Permission.BRANCH_MANAGE, step_up=True)
@FORM
def branch_edit(request: Any, code: str) -> HttpResponse:
    """Rename a branch or hang it below another."""
    branch = get_object_or_404(selectors.branches(), code=code)
    return post_form(
        request, BranchForm, success=gettext_lazy("The branch is changed."), success_url=reverse("console:branches"),
        service=lambda data: branch_rename(actor=request.actor, branch=branch, **data),
        initial={"name": branch.name, "parent": branch.parent_id}, options={"branch": branch},
        context={"title": branch.code, **_back()},
    )  # fmt: skip


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:branches"), "back_label": _("Branches")}
