"""What a view's mark demands, and what visitors who do not meet it are shown instead."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access import roles
from apps.access.services.authority import can, page_refuse
from apps.accounts import browser, demo
from apps.accounts.passkeys import asking
from apps.accounts.selectors import passkeys_of
from apps.accounts.services.factors import code_suffices, email_code_prove, email_code_send, totp_prove
from apps.accounts.services.passkeys import passkey_prove
from apps.accounts.wording import PASSKEY_NEEDED
from apps.audit.tags import Tag
from apps.core import clock, drafting
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.core.requires import ATTRIBUTE, ENROLLING, PUBLIC, SIGNED_IN

CODE_FIELD = "one_time_code"
JSON = "application/json"
NOT_CARRIED = {"csrfmiddlewaretoken", CODE_FIELD, asking.CHALLENGE, asking.ANSWER}


def mark_of(view: Callable[..., Any]) -> str | tuple[Permission, ...]:
    """Mark of a view; raises ``ImproperlyConfigured`` for a view that declares nothing."""
    mark: str | tuple[Permission, ...] | None = getattr(view, ATTRIBUTE, None)
    if mark is None:
        name = f"{getattr(view, '__module__', '')}.{getattr(view, '__qualname__', '')}"
        raise ImproperlyConfigured(f"{name} declares neither @requires(…) nor @public, @signed_in or @enrolling")
    return mark


def answer(request: Any, view: Callable[..., Any]) -> HttpResponse | None:
    """Response that takes the view's place, or ``None`` when the visitor may go in."""
    mark = mark_of(view)
    if mark == PUBLIC:
        return None
    if mark == ENROLLING:
        return None if request.step_account is not None or request.session_record is not None else to_sign_in(request)
    if request.session_record is None:
        return to_sign_in(request)
    if mark != SIGNED_IN:
        refuse_unless_permitted(request, tuple(Permission(each) for each in mark))
    if getattr(view, "loanflow_step_up", False) or brings_factor(request):
        return step_up(request)
    return None


def refuse_unless_permitted(request: Any, needed: tuple[Permission, ...]) -> None:
    """Raise ``PermissionDenied`` with the recorded refusal unless one of the permissions is held."""
    refusal = refusal_of(request.actor, needed)
    if refusal is None:
        return
    refusal.note = {"view": view_name(request), "permissions": [permission.value for permission in needed]}
    try:
        page_refuse(actor=request.actor, refusal=refusal)
    except Refused as recorded:
        raise PermissionDenied(recorded) from recorded


def refusal_of(actor: Actor, needed: tuple[Permission, ...]) -> Refused | None:
    """Why an actor with none of the permissions stays outside; ``None`` where one of them is held.

    Borrowers get no further than the portal's own pages, whatever object permissions they hold.
    """
    decisions = [can(actor, permission) for permission in needed]
    outside = actor.is_borrower and Permission.PORTAL_USE not in needed
    if any(decisions) and not outside:
        return None
    first = decisions[0]
    message = first.message or _("Your role does not include this page.")
    who = " · ".join(dict.fromkeys(filter(None, (roles.who_can(permission) for permission in needed))))
    return Refused(first.guard or "permission", message, who_can=who, action=Tag.VIEW_REFUSED)


def keep_on_record(request: Any, refusal: Refused) -> None:
    """Record a refusal that no act has kept: a selector's, for what is not this reader's to see or to do."""
    if refusal.kept:
        return
    refusal.note = {**refusal.note, "view": view_name(request)}
    with contextlib.suppress(Refused):
        page_refuse(actor=request.actor, refusal=refusal)


def view_name(request: Any) -> str:
    """Name of the page that was asked for, such as ``workflow:case``; never its address, which may hold a token."""
    return str(request.resolver_match.view_name) if request.resolver_match else ""


def to_sign_in(request: Any) -> HttpResponse:
    """Send a browser to sign in and back again, htmx by its header; other callers get 401.

    Whoever sent a form comes back to it with the draft put in.
    """
    here = request.get_full_path() if request.method == "GET" and not request.htmx else referring(request)
    if request.method == "POST" and here.partition("?")[0] == request.path:
        here = drafting.again(here)
    target = f"{reverse('accounts:sign_in')}?{urlencode({'next': here})}"
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    if request.path.startswith("/api/") or request.headers.get("Accept") == JSON:
        return JsonResponse({"detail": str(_("Sign in first."))}, status=401)
    return HttpResponseRedirect(target)


def referring(request: Any) -> str:
    """Page that a form or fragment came from, if it is ours."""
    given = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}"
    return browser.safe(request, given.removeprefix(own))


def brings_factor(request: Any) -> bool:
    """Tell whether a form brings a factor of its own: a code, or what a passkey signed over a challenge made for step-up."""
    return request.method == "POST" and bool(request.POST.get(CODE_FIELD) or asking.answered(request))


def step_up(request: Any) -> HttpResponse | None:
    """Ask for a factor where the last is older than five minutes; a posted form is asked in place.

    The asking page carries what was posted, so nothing typed is lost; files cannot be carried. A form may bring the
    factor itself, a code in ``one_time_code`` or a passkey's answer; it is proved, and committed, before the view runs.
    """
    if brings_factor(request):
        return _prove(request)
    if request.actor.is_confirmed(clock.now()):
        return None
    if request.method == "POST" or lacks_passkey(request):
        return ask_for_code(request)
    return HttpResponseRedirect(f"{reverse('accounts:step_up')}?{urlencode({'next': request.get_full_path()})}")


def lacks_passkey(request: Any) -> bool:
    """Tell whether the actor's role needs a passkey and they have none: no factor of theirs would do, so they are told."""
    return request.actor.needs_passkey and not passkeys_of(request.session_record.account)


def _prove(request: Any) -> HttpResponse | None:
    record = request.session_record
    try:
        prove_factor(request)
    except Refused as refusal:
        return ask(request, refusal.message, refusal.status)
    request.actor = dataclasses.replace(
        request.actor, factor=Factor(record.factor), factor_at=record.factor_at, displaced=False
    )
    browser.renew(request)
    return None if request.actor.is_confirmed(clock.now()) else ask(request, PASSKEY_NEEDED)


def prove_factor(request: Any) -> None:
    """Prove the factor that a form brings, for the session; where a role needs a passkey, a code is no factor."""
    record, answered = request.session_record, asking.answered(request)
    if answered:
        challenge, answer = answered
        passkey_prove(actor=request.actor, account=record.account, challenge=challenge, answer=answer, session=record)
        return
    code_suffices(actor=request.actor, account=record.account)
    prove = totp_prove if record.account.is_staff_kind else email_code_prove
    prove(actor=request.actor, account=record.account, code=request.POST.get(CODE_FIELD, ""), session=record)


def ask_for_code(request: Any) -> HttpResponse:
    """Ask for a factor; to a borrower a code is sent first, unless one went out just now."""
    account = request.session_record.account
    try:
        if not account.is_staff_kind:
            email_code_send(actor=request.actor, account=account)
    except Refused as refusal:
        return ask(request, refusal.message, refusal.status)
    return ask(request)


def ask(request: Any, problem: Any = "", status: int = 403) -> HttpResponse:
    """Page that asks for a code or a passkey and posts the same form again."""
    carried = [(name, value) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values]
    context = {
        "carried": carried,
        "problem_words": problem,
        "files_lost": bool(request.FILES),
        "field": CODE_FIELD,
        "demo": demo.is_on(),
        "passkey": asking.asked(request, request.session_record.account),
        "passkey_only": request.actor.needs_passkey,
    }
    return render(request, "access/step_up_here.html", context, status=status)
