"""Rights handed to deputies: the list, handing one over, agreeing to one, ending one, and acting with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apps.access.delegations import handable, lines_of
from apps.access.looks import list_seen
from apps.access.middleware import ACTING
from apps.access.models import Delegation
from apps.access.rights import handles_of
from apps.access.services.delegating import (
    Handover,
    delegation_agree,
    delegation_end,
    delegation_make,
    delegation_reject,
    delegation_seen,
    delegation_take_up,
)
from apps.accounts import browser
from apps.accounts.selectors import institution
from apps.audit.tags import Tag
from apps.console.people import FORM
from apps.console.people_forms import DelegationForm
from apps.core import clock, figures, times
from apps.core.forms import CleanForm
from apps.core.labels import labelled
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

EITHER = (Permission.RIGHT_HAND_OVER, Permission.ROLE_ENDORSE)


@requires(*EITHER)
@require_safe
def delegations(request: Any) -> HttpResponse:
    """List what the reader handed over, holds, or may agree to."""
    lines = lines_of(request.actor)
    list_seen(request, Tag.PEOPLE_LISTED, len(lines))
    house = institution()
    context = {"lines": lines, "currency": house.currency if house else "", "may_hand": bool(handable(request.actor))}
    return render(request, "console/delegations.html", context)


@requires(Permission.RIGHT_HAND_OVER, step_up=True)
@FORM
def delegation_new(request: Any) -> HttpResponse:
    """Hand a right over."""
    house = institution()
    return post_form(
        request, DelegationForm, success=gettext_lazy("The right is handed over. A powerful one waits until a lead agrees."),
        service=lambda data: delegation_make(actor=request.actor, wanted=Handover(**data)),
        success_url=reverse("console:delegations"),
        options={"roles": handable(request.actor), "currency": house.currency if house else ""},
        context={
            "title": _("Hand over a right"), "submit_label": _("Hand over"),
            "lead": _("Whatever your deputy does with it is recorded in both your names, and keeps both of you off other duties of "
                      "the case. Nobody can do through a deputy what they may not do themselves."),
            **_back(),
        },
    )  # fmt: skip


@requires(Permission.ROLE_ENDORSE, step_up=True)
@FORM
def delegation_agreed(request: Any, uuid: UUID) -> HttpResponse:
    """Agree to a powerful right being handed over."""
    row = delegation_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: delegation_agree(actor=request.actor, row=row), gettext_lazy("You have agreed."),
        title=_("Agree to a delegation"), submit_label=_("Agree"), consequences=[_reason(row)],
    )  # fmt: skip


@requires(Permission.ROLE_ENDORSE, step_up=True)
@FORM
def delegation_rejected(request: Any, uuid: UUID) -> HttpResponse:
    """Do not agree."""
    row = delegation_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: delegation_reject(actor=request.actor, row=row), gettext_lazy("The delegation is rejected."),
        title=_("Reject a delegation"), submit_label=_("Reject"), danger=True, consequences=[_reason(row)],
    )  # fmt: skip


@requires(*EITHER)
@FORM
def delegation_ended(request: Any, uuid: UUID) -> HttpResponse:
    """End a delegation at once, as one of the two."""
    row = delegation_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: delegation_end(actor=request.actor, row=row), gettext_lazy("The delegation has ended."),
        title=_("End a delegation"), submit_label=_("End it now"), danger=True,
        consequences=[_("The deputy can do nothing with it any more. What was done with it stands.")],
    )  # fmt: skip


@requires(Permission.RIGHT_HAND_OVER, step_up=True)
@FORM
def delegation_act(request: Any, uuid: UUID) -> HttpResponse:
    """Begin to act for another."""
    row = delegation_seen(request.actor, uuid)
    return _confirmed(
        request, row, lambda _data: _take_up(request, row), gettext_lazy("You act for a colleague now."), success_url="/",
        title=_("Act for a colleague"), submit_label=_("Act for them"),
        consequences=[
            _("Until you stop, you hold this right and none of your own."),
            _("Each act names both of you, and is checked on both."),
        ],
    )  # fmt: skip


def _confirmed(
    request: Any,
    row: Delegation,
    service: Callable[[Any], object],
    success: Any,
    *,
    success_url: str = "",
    consequences: Sequence[str],
    **shown: Any,
) -> HttpResponse:
    """Ask before something is done to a delegation, with what it hands over as the question, and from whom to whom."""
    return post_form(
        request, CleanForm, template="core/confirm.html", success=success, service=service,
        success_url=success_url or reverse("console:delegations"),
        context={"question": _words(row), "consequences": [*_hands(row), *consequences], **shown, **_back()},
    )  # fmt: skip


@requires(*EITHER)
@require_POST
def delegation_stop(request: Any) -> HttpResponse:
    """Act in one's own name again."""
    if request.session.pop(ACTING, None):
        browser.renew(request)
        messages.success(request, _("You act in your own name again."))
    return HttpResponseRedirect(reverse("console:delegations"))


def _take_up(request: Any, row: Delegation) -> None:
    standing = delegation_take_up(actor=request.actor, row=row)
    request.session[ACTING] = str(standing.row.uuid)
    browser.renew(request)


def _hands(row: Delegation) -> list[str]:
    """From whom to whom it goes, and how long."""
    handles, now = handles_of([row.principal_id, row.deputy_id]), clock.now()
    between = {"principal": handles.get(row.principal_id, "–"), "deputy": handles.get(row.deputy_id, "–")}
    days = {"start": times.moment(row.starts, now), "end": times.moment(row.ends, now)}
    return [_("From %(principal)s to %(deputy)s.") % between, _("It holds from %(start)s until %(end)s.") % days]


def _reason(row: Delegation) -> str:
    return labelled(_("Reason"), row.reason.words)


def _words(row: Delegation) -> str:
    where = row.branch.name if row.branch else _("wherever it is held")
    house = institution()
    currency = house.currency if house else ""
    # in one piece: an amount is not read over two lines
    most = (
        ""
        if row.most is None
        else f" · ≤\N{NO-BREAK SPACE}{currency}\N{NO-BREAK SPACE}{figures.amount(row.most, currency)}"
    )
    return f"{row.role_label} · {where}{most}"


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:delegations"), "back_label": _("Deputies")}
