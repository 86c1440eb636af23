"""Rights: what one holds and asks for, what one's people ask for, and what waits to be given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.access.directory import staff_named
from apps.access.looks import list_seen
from apps.access.models import RightRequest
from apps.access.rights import handles_of, requests_of, requests_page, requests_to_answer, rights_of, team_of
from apps.access.services.rights import (
    Wanted,
    manager_set,
    right_agree,
    right_ask,
    right_decline,
    right_give,
    right_seen,
    right_withdraw,
)
from apps.audit.tags import Tag
from apps.console.abilities import over_people
from apps.console.people import FORM, back_to
from apps.console.people_forms import ManagerForm, ReasonForm, RightForm, needs_second
from apps.core import clock, times
from apps.core.forms import CleanForm
from apps.core.labels import labelled
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.RIGHT_ASK)
@require_safe
def rights(request: Any) -> HttpResponse:
    """Show what the reader holds, since when, until when and by whom, and what they have asked for."""
    actor = request.actor
    held, asked = rights_of(actor.person_id)[actor.person_id], requests_of(actor)
    list_seen(request, Tag.PEOPLE_LISTED, len(held) + len(asked))
    return render(
        request, "console/rights.html", {"held": held, "asked": asked, "waiting": len(requests_to_answer(actor))}
    )


@requires(Permission.RIGHT_ASK)
@require_safe
def rights_team(request: Any) -> HttpResponse:
    """Show a line manager what their people ask for and hold."""
    asked, team = requests_to_answer(request.actor), team_of(request.actor)
    list_seen(request, Tag.PEOPLE_LISTED, len(asked) + len(team))
    return render(request, "console/rights_team.html", {"asked": asked, "team": team})


@requires(Permission.PEOPLE_VIEW)
@require_safe
def rights_asked(request: Any) -> HttpResponse:
    """List the requests of the whole house: those that wait for an administrator, or all."""
    waiting = request.GET.get("all", "") != "on"
    page = requests_page(request.actor, waiting=waiting, cursor=request.GET.get("cursor", ""))
    list_seen(request, Tag.PEOPLE_LISTED, len(page.rows))
    return render(
        request, "console/rights_asked.html", {"page": page, "waiting": waiting, **over_people(request.actor)}
    )


@requires(Permission.RIGHT_ASK)
@FORM
def right_new(request: Any) -> HttpResponse:
    """Ask for a right."""
    return post_form(
        request, RightForm, success=gettext_lazy("The request is on its way to the line manager."),
        service=lambda data: right_ask(actor=request.actor, wanted=Wanted(**data)), success_url=reverse("console:rights"),
        context={"title": _("Ask for a right"), "submit_label": _("Ask for the right"), "lead": needs_second(), **_back()},
    )  # fmt: skip


@requires(Permission.RIGHT_ASK)
@FORM
def right_withdrawn(request: Any, uuid: UUID) -> HttpResponse:
    """Take a request back."""
    row = right_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: right_withdraw(actor=request.actor, row=row), gettext_lazy("The request is taken back."),
        title=_("Take a request back"), submit_label=_("Take the request back"), danger=True, **_back(),
    )  # fmt: skip


@requires(Permission.RIGHT_ASK, step_up=True)
@FORM
def right_agreed(request: Any, uuid: UUID) -> HttpResponse:
    """Agree to what one of one's people asks for."""
    row = right_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: right_agree(actor=request.actor, row=row),
        gettext_lazy("You have agreed. An administrator gives the right next."), success_url=reverse("console:rights_team"),
        title=_("Agree to a request"), submit_label=_("Agree"), consequences=[_reason(row), _until(row)], **_back_to_team(),
    )  # fmt: skip


@requires(Permission.RIGHT_ASK, Permission.ROLE_GRANT, step_up=True)
@FORM
def right_declined(request: Any, uuid: UUID) -> HttpResponse:
    """Decline a request, with the reason that the person reads."""
    row = right_seen(request.actor, uuid)
    back = _back_to_team() if row.agreed_at is None else _back_to_house()
    return _confirmed(
        request, row, lambda data: right_decline(actor=request.actor, row=row, reason=data["reason"]),
        gettext_lazy("The request is declined."), form=ReasonForm, success_url=back["back_url"],
        title=_("Decline a request"), submit_label=_("Decline the request"), danger=True, **back,
    )  # fmt: skip


@requires(Permission.ROLE_GRANT, step_up=True)
@FORM
def right_given(request: Any, uuid: UUID) -> HttpResponse:
    """Give what the line manager has agreed to."""
    row = right_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: right_give(actor=request.actor, row=row),
        gettext_lazy("The right is given. A powerful one waits until the others agree."),
        success_url=reverse("console:rights_asked"), title=_("Give a right"), submit_label=_("Give"),
        consequences=[_reason(row), _until(row), *([needs_second()] if row.is_powerful else [])], **_back_to_house(),
    )  # fmt: skip


@requires(Permission.PEOPLE_INVITE, step_up=True)
@FORM
def manager(request: Any, handle: str) -> HttpResponse:
    """Say who somebody's line manager is."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, ManagerForm, success=gettext_lazy("The line manager is set."),
        service=lambda data: manager_set(actor=request.actor, account=account, handle=data["handle"]),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("Line manager of %(handle)s") % {"handle": handle}, "submit_label": _("Save"),
            "lead": _("The line manager agrees to what this person asks for, and reviews what they hold. They give no role by that."),
            **back_to(handle),
        },
    )  # fmt: skip


def _confirmed(
    request: Any, row: RightRequest, service: Callable[[dict[str, Any]], object], success: Any, *, form: Any = CleanForm,
    success_url: str = "", consequences: Sequence[str] = (), **shown: Any,
) -> HttpResponse:  # fmt: skip
    """Ask before something is done to a request, with what it asks for as the question, and whom it is for."""
    handle = handles_of([row.person_id]).get(row.person_id, "–")
    return post_form(
        request, form, template="core/confirm.html", success=success, service=service,
        success_url=success_url or reverse("console:rights"),
        context={
            "question": f"{row.role_label} · {row.where_words}",
            "consequences": [_("For %(handle)s.") % {"handle": handle}, *consequences], **shown,
        },
    )  # fmt: skip


def _reason(row: RightRequest) -> str:
    return labelled(_("Reason"), row.reason.words)


def _until(row: RightRequest) -> str:
    return _("It ends by itself on %(day)s.") % {"day": times.day(row.last_day, clock.now())}


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:rights"), "back_label": _("My rights")}


def _back_to_team() -> dict[str, Any]:
    return {"back_url": reverse("console:rights_team"), "back_label": _("My people's rights")}


def _back_to_house() -> dict[str, Any]:
    return {"back_url": reverse("console:rights_asked"), "back_label": _("Requests for rights")}
