"""Lost factors: the list of what waits, asking for a colleague, agreeing, stopping, and one's own request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.access.directory import resets_page, staff_named
from apps.access.models import FactorReset
from apps.access.services.resetting import own_reset, reset_agree, reset_seen, reset_start, reset_stop
from apps.console.abilities import abilities, over_people
from apps.console.people import FORM, back_to
from apps.console.people_forms import ReasonForm
from apps.core.forms import CleanForm
from apps.core.labels import labelled
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires, signed_in


@requires(Permission.PEOPLE_VIEW)
@require_safe
def factor_resets(request: Any) -> HttpResponse:
    """List the lost factors that wait."""
    rows = resets_page(actor=request.actor)
    may = abilities(request.actor, may_agree=Permission.ROLE_APPROVE)
    return render(request, "console/factor_resets.html", {"rows": rows, **over_people(request.actor), **may})


@requires(Permission.PEOPLE_INVITE, step_up=True)
@FORM
def factor_reset_start(request: Any, handle: str) -> HttpResponse:
    """Ask for a new factor for a colleague."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, ReasonForm, template="core/confirm.html",
        success=gettext_lazy("It waits until another administrator agrees. The person is told."),
        service=lambda data: reset_start(
            actor=request.actor, account=account, reason=data["reason"], site=request.build_absolute_uri("/")
        ),
        success_url=reverse("console:factor_resets"),
        context={
            "title": _("Lost device of %(handle)s") % {"handle": handle}, "submit_label": _("Ask for a new factor"),
            "question": _("Has this person lost their authenticator and their recovery codes?"),
            "consequences": [
                _("Make sure that you speak with the person: see them, or call them at a number that you know."),
                _("Another administrator has to agree. Nothing changes before."),
                _("The person is told by every way that we have of them, and can stop it."),
            ],
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.ROLE_APPROVE, step_up=True)
@FORM
def factor_reset_agree(request: Any, uuid: UUID) -> HttpResponse:
    """Agree to a new factor that another administrator asked for."""
    row = reset_seen(uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html",
        success=gettext_lazy("The lost factors are gone. A link to set up new ones is on its way to the person's mailbox."),
        service=lambda _data: reset_agree(actor=request.actor, row=row, site=request.build_absolute_uri("/")),
        success_url=reverse("console:factor_resets"),
        context={
            "title": _("New factor for %(handle)s") % {"handle": row.account.handle}, "submit_label": _("Agree"),
            "danger": True,
            "question": _("Take away the authenticator, the passkeys, the recovery codes and the password of this account?"),
            "consequences": [
                *([labelled(_("Reason"), row.reason.words)] if row.reason else []),
                _("Make sure with the person, not with who asked, that the device is lost."),
                _("All sessions end. For %(hours)s hours the person neither signs, pays, exports nor administers.")
                % {"hours": settings.LOANFLOW_RESET_HOURS},
            ],
            **_back(),
        },
    )  # fmt: skip


@requires(Permission.PEOPLE_SUSPEND, step_up=True)
@FORM
def factor_reset_stop(request: Any, uuid: UUID) -> HttpResponse:
    """Stop a request that waits."""
    row = reset_seen(uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=STOPPED,
        service=lambda _data: reset_stop(actor=request.actor, row=row), success_url=reverse("console:factor_resets"),
        context={
            "title": _("New factor for %(handle)s") % {"handle": row.account.handle}, "submit_label": _("Stop"),
            "danger": True, "question": _("Stop this request? The factors of the account stay as they are."), **_back(),
        },
    )  # fmt: skip


STOPPED = gettext_lazy("The request is stopped. Nothing has changed.")


@signed_in
@never_cache
@FORM
def factor_reset_own(request: Any) -> HttpResponse:
    """Show whether somebody asks for a new factor in place of one's own, and stop it."""
    if request.actor.is_borrower:
        raise Http404
    row = own_reset(request.actor)
    if request.method == "POST" and row is not None:
        return _stopped(request, row)
    return render(request, "console/factor_reset_own.html", {"row": row})


def _stopped(request: Any, row: FactorReset) -> HttpResponse:
    reset_stop(actor=request.actor, row=row)
    messages.success(request, STOPPED)
    return redirect("console:factor_reset_own")


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:factor_resets"), "back_label": _("Lost devices")}
