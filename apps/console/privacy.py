"""Pages of what is kept: what is due, requests to forget with a second person, holds, times of keeping, borrowers' requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.access.looks import list_seen
from apps.audit.tags import Tag
from apps.borrowers.keeping import MONTHS
from apps.borrowers.models import ForgetCause
from apps.borrowers.privacy_lists import forget_get, hold_get, privacy_overview, retention_rules
from apps.borrowers.selectors import borrower_get
from apps.borrowers.services import forget_approve, forget_ask, forget_refuse, hold_lift, hold_place, retention_set
from apps.borrowers.services.keeping import refuse_rule_setting
from apps.console.people import FORM
from apps.console.privacy_forms import ForgetAskForm, HoldForm, RetentionForm
from apps.console.retiring import may_let_go
from apps.core.classes import DataClass
from apps.core.errors import NotVisible
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.PRIVACY_VIEW)
@require_safe
def privacy(request: Any) -> HttpResponse:
    """What is due, what waits, what holds."""
    shown = privacy_overview(request.actor)
    list_seen(
        request, Tag.PRIVACY_LISTED, sum(len(shown[name]) for name in ("due", "waiting", "done", "asked", "holds"))
    )
    return render(request, "console/privacy.html", {**shown, "may_let_go": may_let_go(request.actor)})


@requires(Permission.FORGET_ASK)
@FORM
def ask(request: Any, borrower: int) -> HttpResponse:
    """Ask that a borrower be forgotten."""
    found = borrower_get(request.actor, borrower, Permission.FORGET_ASK)
    return post_form(
        request, ForgetAskForm, success=gettext_lazy("Another person has to approve it now."), success_url=reverse("console:privacy"),
        service=lambda data: forget_ask(actor=request.actor, borrower=found, cause=data["cause"]),
        initial={"cause": ForgetCause.DUE},
        context={"title": _("Ask to forget %(borrower)s") % {"borrower": found.legal_name}, "submit_label": _("Ask to forget"),
                 "lead": _("It is refused while a case is open, a loan runs, the time of keeping is not over or a hold stands."), **_back()},
    )  # fmt: skip


@requires(Permission.FORGET_APPROVE, step_up=True)
@FORM
def approve(request: Any, uuid: UUID) -> HttpResponse:
    """Forget a borrower, as the second person."""
    asked, keeps = forget_get(request.actor, uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The borrower is forgotten."),
        service=lambda _data: forget_approve(actor=request.actor, request=asked), success_url=reverse("console:privacy"),
        context={
            "title": _("Forget %(borrower)s") % {"borrower": asked.borrower.legal_name or asked.borrower.reference},
            "question": _("Destroy the keys of this borrower for ever?"), "danger": True, "submit_label": _("Forget the borrower"),
            "consequences": [
                *keeps,
                _("Everything personal of the business and its people can never be read again, their files included."),
                _("The names are blanked, and people who use the portal for this business alone are forgotten too."),
                _("Cases, amounts and the log stay, by their numbers."),
            ],
            **_back(),
        },
    )  # fmt: skip


@requires(Permission.FORGET_APPROVE)
@FORM
def refuse(request: Any, uuid: UUID) -> HttpResponse:
    """Refuse to forget, or take one's own request back."""
    asked, _keeps = forget_get(request.actor, uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The borrower is kept."),
        service=lambda _data: forget_refuse(actor=request.actor, request=asked), success_url=reverse("console:privacy"),
        context={"title": _("Keep %(borrower)s") % {"borrower": asked.borrower.legal_name}, "submit_label": _("Keep the borrower"),
                 "question": _("Refuse the request to forget this borrower?"), **_back()},
    )  # fmt: skip


@requires(Permission.HOLD_MANAGE)
@FORM
def hold(request: Any, borrower: int) -> HttpResponse:
    """Place a legal hold."""
    found = borrower_get(request.actor, borrower, Permission.HOLD_MANAGE)
    return post_form(
        request, HoldForm, success=gettext_lazy("The hold stands."), success_url=found.get_absolute_url(),
        service=lambda data: hold_place(actor=request.actor, borrower=found, why=data["why"]),
        context={"title": _("Place a legal hold"), "submit_label": _("Place the hold"), "back_url": found.get_absolute_url(),
                 "back_label": found.legal_name, "lead": _("Nothing of this borrower is forgotten until another person lifts the hold.")},
    )  # fmt: skip


@requires(Permission.HOLD_MANAGE, step_up=True)
@FORM
def lift(request: Any, uuid: UUID) -> HttpResponse:
    """Lift a hold that another person placed."""
    found = hold_get(request.actor, uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The hold is lifted."),
        service=lambda _data: hold_lift(actor=request.actor, hold=found), success_url=reverse("console:privacy"),
        context={"title": _("Lift the hold on %(borrower)s") % {"borrower": found.borrower.legal_name},
                 "question": found.why.words, "submit_label": _("Lift the hold"),
                 "consequences": [_("The borrower can be forgotten again, once the time of keeping is over.")], **_back()},
    )  # fmt: skip


@requires(Permission.RETENTION_MANAGE, step_up=True)
@FORM
def retention(request: Any, data_class: str) -> HttpResponse:
    """Say how long data of a class are kept."""
    if data_class not in MONTHS:
        raise NotVisible(action=Permission.RETENTION_MANAGE)
    refuse_rule_setting(request.actor)
    [rule] = [rule for rule in retention_rules() if rule["data_class"] == data_class]
    return post_form(
        request, RetentionForm, success=gettext_lazy("The time of keeping is set."), success_url=reverse("console:privacy"),
        service=lambda data: retention_set(actor=request.actor, data_class=data_class, **data), initial={"months": rule["months"]},
        context={"title": _("Keep %(kind)s data") % {"kind": DataClass(data_class).label}, **_back()},
    )  # fmt: skip


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:privacy"), "back_label": _("What is kept")}
