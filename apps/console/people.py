"""People: the list, one person's page, inviting, and looking at masked particulars."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.directory import people_page, person_card, staff_named
from apps.access.services import Assignment
from apps.access.services.people import staff_invite, staff_reinvite
from apps.accounts.senders import send_on_commit
from apps.accounts.services.people import Invited, Particulars
from apps.console.people_forms import FilterForm, InviteForm, PurposeForm
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.core.pages import keep
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.vault.services import reveal

FORM = require_http_methods(["GET", "HEAD", "POST"])


@requires(Permission.PEOPLE_VIEW)
@require_safe
def people(request: Any) -> HttpResponse:
    """List staff with state, roles and branches."""
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    branch = wanted.get("branch")
    page = people_page(
        actor=request.actor, query=wanted.get("q", ""), role=wanted.get("role", ""),
        branch_id=branch.pk if branch else None, cursor=request.GET.get("cursor", ""),
    )  # fmt: skip
    return render(request, "console/people.html", {"page": page, "form": form})


@requires(Permission.PEOPLE_VIEW)
@never_cache
@require_safe
def person(request: Any, handle: str) -> HttpResponse:
    """Show one member of staff."""
    card = person_card(actor=request.actor, handle=handle)
    return render(request, "console/people_person.html", {"card": card, "account": card.line.account})


@requires(Permission.PEOPLE_INVITE, step_up=True)
@never_cache
@FORM
def invite(request: Any) -> HttpResponse:
    """Invite a colleague; the answer to the form shows the one-time link."""
    form = InviteForm(request.POST or None)
    shown = {
        "form": form,
        "title": _("Invite a colleague"),
        "submit_label": _("Invite"),
        "back_url": reverse("console:people"),
        "back_label": _("People"),
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "core/form_page.html", shown, status=400 if form.is_bound else 200)
    try:
        invited = _invite(request.actor, form.cleaned_data)
    except LoanFlowError as error:
        problem = keep(form, error, request)
        return render(request, "core/form_page.html", {**shown, "problem": problem}, status=error.status)
    return _link_page(request, invited)


@requires(Permission.PEOPLE_INVITE, step_up=True)
@never_cache
@FORM
def reinvite(request: Any, handle: str) -> HttpResponse:
    """Make a new link for a colleague."""
    account = staff_named(actor=request.actor, handle=handle)
    if request.method == "POST":
        return _link_page(request, staff_reinvite(actor=request.actor, account=account))
    question = gettext_lazy("Make a new one-time link for this account? Earlier links stop working.")
    lines = [_("Whoever is enrolled keeps the authenticator and only chooses a new password.")]
    context = {"title": handle, "question": question, "consequences": lines, **back_to(handle)}
    return render(request, "core/confirm.html", context)


@requires(Permission.PEOPLE_INVITE, step_up=True)
@never_cache
@FORM
def particulars(request: Any, handle: str) -> HttpResponse:
    """Show name, e-mail and phone of a colleague for a stated purpose, on record."""
    account = staff_named(actor=request.actor, handle=handle)
    form = PurposeForm(request.POST or None)
    shown = {"title": _("Look at particulars"), "form": form, "submit_label": _("Show"), **back_to(handle)}
    if not form.is_valid():
        return render(request, "core/form_page.html", shown, status=400 if form.is_bound else 200)
    values = reveal(
        actor=request.actor, row=account.person, fields=["name", "email", "phone"],
        purpose=form.cleaned_data["purpose"],
    )  # fmt: skip
    return render(request, "console/people_particulars.html", {"values": values, "account": account})


def back_to(handle: str) -> dict[str, Any]:
    """Way back to a person's page."""
    return {"back_url": reverse("console:person", args=[handle]), "back_label": handle}


def _invite(actor: Actor, data: dict[str, Any]) -> Invited:
    names = ("handle", "name", "email", "phone", "language")
    who = Particulars(**{name: data[name] for name in names})
    assignments = [Assignment(role, data["branch"]) for role in data["roles"]]
    return staff_invite(actor=actor, who=who, assignments=assignments, reason=data["reason"])


def _link_page(request: Any, invited: Invited) -> HttpResponse:
    """Show the link this once, and mail it."""
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[invited.token]))
    send_on_commit(invited.account, "invitation", {"link": link})
    return render(request, "console/people_link.html", {"link": link, "account": invited.account})
