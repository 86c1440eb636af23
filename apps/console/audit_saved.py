"""Pages of saved filters: keeping what the explorer shows under a name, and deleting it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.console.audit_forms import AuditFilterForm, SaveFilterForm
from apps.console.saved import Keeping, filter_delete, filter_save
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def filter_new(request: Any) -> HttpResponse:
    """Ask for a name, and keep the filters of the address under it."""
    asked = AuditFilterForm(request.GET)
    if not asked.is_valid():
        return redirect(f"{reverse('console:audit')}?{request.GET.urlencode()}")
    query = urlencode([(name, request.GET[name]) for name in asked.fields if request.GET.get(name)])
    back = f"{reverse('console:audit')}?{query}"
    return post_form(
        request, SaveFilterForm, success=gettext_lazy("The filter is saved."), success_url=back,
        service=lambda data: filter_save(actor=request.actor, query=query, keeping=Keeping(data["name"])),
        context={"title": _("Save these filters"), "back_url": back, "back_label": _("Audit log")},
    )  # fmt: skip


@requires(Permission.AUDIT_VIEW)
@require_POST
def filter_gone(request: Any, uuid: UUID) -> HttpResponse:
    """Delete one of one's own."""
    filter_delete(actor=request.actor, uuid=uuid)
    messages.success(request, _("The filter is deleted."))
    return redirect("console:audit")
