"""One page for each step that belongs to no stage: what it asks, what it does, what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow import forms
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors import case_get
from apps.workflow.services.steps import case_step

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class StepPage:
    """Words and form of one step."""

    event: Event
    permission: Permission
    form: type[forms.CaseForm]
    lead: Any
    submit: Any
    success: Any
    danger: bool = False


P = Permission
PAGES: tuple[StepPage, ...] = (
    StepPage(
        Event.CLAIM, P.CASE_CLAIM, forms.NothingMoreForm, _("You become the holder: the case stands in your list until you pass it on."),
        _("Take the case"), _("The case is yours now."),
    ),
    StepPage(
        Event.REASSIGN, P.CASE_REASSIGN, forms.ReassignForm,
        _("The new holder is told. Duties already done stay with those who did them."), _("Reassign"), _("The case has a new holder."),
    ),
    StepPage(
        Event.ASK_BORROWER, P.CASE_ASK, forms.AskBorrowerForm, _("The case waits for the borrower and comes back to this stage."),
        _("Ask the borrower"), _("The borrower has been asked."),
    ),
    StepPage(
        Event.ASK_COLLEAGUE, P.CASE_ASK, forms.AskColleagueForm, _("The case stays where it is."), _("Ask"),
        _("Your colleague has been asked."),
    ),
    StepPage(
        Event.ANSWER_RECORDED, P.CASE_ANSWER, forms.AnswerForm, _("The case goes back to the stage that asked."), _("Record the answer"),
        _("The answer is on the case."),
    ),
    StepPage(
        Event.SEND_BACK, P.CASE_SEND_BACK, forms.SendBackForm, _("The earlier stage works on the case again; nothing is lost."),
        _("Send back"), _("The case went back."), danger=True,
    ),
    StepPage(
        Event.WITHDRAW_RECORDED, P.CASE_WITHDRAW, forms.WithdrawForm,
        _("The borrower no longer wants the loan. The case ends; a lead may reopen it."), _("Record the withdrawal"),
        _("The case is withdrawn."), danger=True,
    ),
    StepPage(
        Event.FREEZE, P.CASE_FREEZE, forms.FreezeForm, _("Nothing moves, and nothing is paid, until another person lifts the freeze."),
        _("Freeze the case"), _("The case is frozen."), danger=True,
    ),
    StepPage(
        Event.UNFREEZE, P.CASE_FREEZE, forms.FreezeForm, _("The case moves again. Who froze it cannot lift the freeze."), _("Lift the freeze"),
        _("The case is no longer frozen."),
    ),
    StepPage(
        Event.URGENT_ON, P.CASE_URGENT, forms.UrgentForm,
        _("Half the time for each stage from now on. Every check, signature and separation of duties stays."),
        _("Make it urgent"), _("The case is on the urgent lane."),
    ),
    StepPage(
        Event.URGENT_OFF, P.CASE_URGENT, forms.UrgentForm, _("The stages get their ordinary time back."), _("Take off the urgent lane"),
        _("The case is back on the ordinary lane."),
    ),
    StepPage(
        Event.REOPEN, P.CASE_REOPEN, forms.ReopenForm,
        _("The case goes to credit review: another analyst, other approvers, a fresh consent and a new memo."), _("Reopen"),
        _("The case is open again."),
    ),
)  # fmt: skip


def step_view(page: StepPage) -> View:
    """Make the view of a step."""

    @requires(page.permission)
    @require_http_methods(["GET", "HEAD", "POST"])
    def step(request: HttpRequest, number: str) -> HttpResponse:
        case = case_get(request.actor, number)  # type: ignore[attr-defined]
        words = {
            "title": page.event.label, "lead": page.lead, "submit_label": page.submit, "danger": page.danger, "case": case,
            "back_url": case.get_absolute_url(), "back_label": f"{case.number} · {case.borrower.legal_name}",
        }  # fmt: skip
        return post_form(
            request, page.form, service=lambda cleaned: carry_out(request, case, page, cleaned), context=words,
            template="workflow/step.html", success_url=case.get_absolute_url(), success=page.success,
            options={"case": case, "actor_person": request.actor.person_id},  # type: ignore[attr-defined]
        )  # fmt: skip

    step.__name__ = step.__qualname__ = page.event.value
    step.__doc__ = f"Page of the step {page.event.value}."
    return step


def carry_out(request: HttpRequest, case: LoanCase, page: StepPage, cleaned: dict[str, Any]) -> LoanCase:
    """Hand the step to its service."""
    return case_step(
        actor=request.actor, case=case, event=page.event, version=cleaned["version"], data=page.form.facts(cleaned),  # type: ignore[attr-defined]
        reasons=cleaned.get("reasons", ()), text=cleaned.get("text", ""),
    )  # fmt: skip


views: dict[str, View] = {page.event.value: step_view(page) for page in PAGES}
