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
from apps.access.services.granting import a_year
from apps.access.services.people import staff_invite, staff_reinvite
from apps.accounts.models import Account
from apps.accounts.services.people import Particulars
from apps.console.abilities import over_people
from apps.console.people_forms import FilterForm, InviteForm, PurposeForm, needs_second
from apps.core import clock
from apps.core.actor import Actor
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.vault.services import reveal

ON_ITS_WAY = gettext_lazy("The one-time link is on its way to the person by e-mail. It works once, for 24 hours.")
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
    return render(request, "console/people.html", {"page": page, "form": form, **over_people(request.actor)})


@requires(Permission.PEOPLE_VIEW)
@never_cache
@require_safe
def person(request: Any, handle: str) -> HttpResponse:
    """Show one member of staff."""
    card = person_card(actor=request.actor, handle=handle)
    shown = {"card": card, "account": card.line.account, "now": clock.now(), **over_people(request.actor)}
    return render(request, "console/people_person.html", shown)


@requires(Permission.PEOPLE_INVITE, step_up=True)
@never_cache
@FORM
def invite(request: Any) -> HttpResponse:
    """Invite a colleague; the one-time link goes by mail to them alone."""
    return post_form(
        request, InviteForm, success=ON_ITS_WAY,
        service=lambda data: _invite(request.actor, data, request.build_absolute_uri("/")),
        success_url=lambda made: reverse("console:person", args=[made.handle]),
        context={"title": _("Invite a colleague"), "submit_label": _("Invite"), "lead": needs_second(),
                 "back_url": reverse("console:people"), "back_label": _("People")},
    )  # fmt: skip


@requires(Permission.PEOPLE_INVITE, step_up=True)
@never_cache
@FORM
def reinvite(request: Any, handle: str) -> HttpResponse:
    """Make a new link for a colleague."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=ON_ITS_WAY,
        service=lambda _data: staff_reinvite(
            actor=request.actor, account=account, site=request.build_absolute_uri("/")
        ),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("New link for %(handle)s") % {"handle": handle}, "submit_label": _("Send the link"),
            "question": _("Make a new one-time link for this account? Earlier links stop working."),
            "consequences": [_("Whoever is enrolled keeps the authenticator and only chooses a new password.")],
            **back_to(handle),
        },
    )  # fmt: skip


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


def _invite(actor: Actor, data: dict[str, Any], site: str) -> Account:
    names = ("handle", "name", "email", "phone", "language")
    who = Particulars(**{name: data[name] for name in names})
    assignments = [Assignment(role, data["branch"], a_year()) for role in data["roles"]]
    return staff_invite(actor=actor, who=who, assignments=assignments, reason=data["reason"], site=site)
