"""The decision memo, and what can be done beside it: freezing it anew, and its conditions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.access.services import can
from apps.approval import services
from apps.approval.forms import ConditionForm, RemoveForm
from apps.approval.selectors import memo_live, memos_of, policy_in_force, templates_in_use
from apps.approval.selectors.comparing import memos_compared
from apps.approval.selectors.conditions import condition_get
from apps.approval.selectors.pages import memo_open
from apps.approval.selectors.policy_pages import policy_shown
from apps.core.gathered import gather
from apps.core.pages import done, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.buttons import barring
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors import actions_for, case_get
from apps.workflow.states import State

LONGEST = 6  # digits of a memo's number


@requires(Permission.APPROVAL_VIEW)
@require_safe
def memo(request: Any, number: str) -> HttpResponse:
    """The memo that stands, or the last one."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    known = memos_of(case)
    if not known:
        return render(request, "approval/no_memo.html", {"case": case})
    return _memo_page(request, case, memo_live(case) or known[0], known)


@requires(Permission.APPROVAL_VIEW)
@require_safe
def memo_numbered(request: Any, number: str, memo_number: int) -> HttpResponse:
    """An earlier memo of the case, as it was frozen."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    known = memos_of(case)
    chosen = next((each for each in known if each.number == memo_number), None)
    return redirect("approval:memo", number) if chosen is None else _memo_page(request, case, chosen, known)


@requires(Permission.APPROVAL_VIEW)
@require_safe
def memos(request: Any, number: str) -> HttpResponse:
    """All memos of the case, and ``?left=1&right=3`` compared, or the last two; the looks are recorded."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    left, right = (_number(request.GET.get(side, "")) for side in ("left", "right"))
    return render(
        request, "approval/memos.html", {"case": case, "shown": memos_compared(request.actor, case, left, right)}
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None


def _memo_page(request: Any, case: LoanCase, chosen: Any, known: list[Any]) -> HttpResponse:
    if case.state == State.APPROVAL:
        gather(case, case.borrower)  # what may be done now asks many tables; at other stations it asks few
    decides = case.state == State.APPROVAL and can(request.actor, Permission.APPROVAL_SIGN, case).allowed
    actions = {action.event: action for action in actions_for(case, request.actor)}
    sign = actions.get(Event.SIGN)
    context = {
        "case": case,
        "shown": memo_open(request.actor, case, chosen),
        "memos": known,
        "actions": actions,
        "barred": [] if sign is None else barring(case, request.actor, sign),
        "may_set": decides and chosen.voided_at is None,
    }
    return render(request, "approval/memo.html", context)


@requires(Permission.APPROVAL_VIEW)
@require_POST
def refresh(request: Any, number: str) -> HttpResponse:
    """Freeze the memo anew where something in it has changed."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    changed = services.memo_refresh(actor=request.actor, case=case)
    words = (
        _("The memo is frozen anew. Signatures given before are void.")
        if changed
        else _("Nothing in the memo has changed.")
    )
    return done(request, reverse("approval:memo", args=[number]), words)


@requires(Permission.APPROVAL_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def condition_add(request: Any, number: str) -> HttpResponse:
    """Set a condition; the memo is then frozen anew."""
    case = case_get(request.actor, number, Permission.APPROVAL_SIGN)
    return post_form(
        request,
        ConditionForm,
        service=lambda data: services.condition_add(actor=request.actor, case=case, **data),
        success_url=reverse("approval:memo", args=[number]),
        success=_("The condition is set, and the memo is frozen anew."),
        options={"case": case, "templates": templates_in_use()},
        context=_words(case, _("Set a condition"), VOIDS, _("Set the condition")),
    )


@requires(Permission.APPROVAL_SIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def condition_remove(request: Any, number: str, condition_id: int) -> HttpResponse:
    """Remove a condition; the memo is then frozen anew."""
    case = case_get(request.actor, number, Permission.APPROVAL_SIGN)
    condition = condition_get(request.actor, case, condition_id)
    title = _("Remove the condition “%(words)s”") % {"words": condition.text}
    return post_form(
        request,
        RemoveForm,
        service=lambda data: services.condition_remove(
            actor=request.actor, case=case, condition_id=condition.pk, **data
        ),
        success_url=reverse("approval:memo", args=[number]),
        success=_("The condition is removed, and the memo is frozen anew."),
        options={"case": case},
        context=_words(case, title, VOIDS, _("Remove the condition")),
    )


VOIDS = _("Conditions are part of what is signed: signatures already given become void, and the signers are told.")


def _words(case: LoanCase, title: Any, lead: Any, submit: Any) -> dict[str, Any]:
    back = reverse("approval:memo", args=[case.number])
    return {
        "title": title,
        "lead": lead,
        "submit_label": submit,
        "back_url": back,
        "back_label": f"{case.number} · {case.borrower.legal_name}",
        "case": case,
    }


@requires(Permission.APPROVAL_VIEW)
@require_safe
def policy(request: Any) -> HttpResponse:
    """The credit policy in force: who signs for how much, the limits, the list of conditions."""
    policy = policy_in_force()
    context = {
        "policy": policy,
        "shown": policy_shown(policy.rules(), policy.memo_days),
        "templates": templates_in_use(),
        "may_manage": can(request.actor, Permission.POLICY_MANAGE).allowed,
    }
    return render(request, "approval/policy.html", context)
