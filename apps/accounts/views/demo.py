"""The demo's helping hand: name, password and code of a demo person. Refused outside demo mode."""

from __future__ import annotations

from typing import Any

from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts import demo
from apps.accounts.services.factors import email_code_send
from apps.core.requires import public


@public
@never_cache
@require_POST
def fill_in(request: Any, handle: str) -> JsonResponse:
    """Answer with what the sign-in or step-up form needs."""
    account = demo.person(handle)
    if account is None:
        raise Http404
    code = (
        demo.one_time_code(account)
        if account.is_staff_kind
        else email_code_send(actor=request.stranger, account=account)
    )
    seconds = demo.seconds_to_next_code() if account.is_staff_kind else 0
    wait = "" if code else _("A new code comes in %(seconds)s seconds and is filled in then.") % {"seconds": seconds}
    password = demo.password_of(handle)
    return JsonResponse({"name": handle, "password": password, "code": code, "wait": wait, "next_in": seconds})
