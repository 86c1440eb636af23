"""States and stages of a case; a stage groups states for the stepper and for service times."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a case stands; only ``advance()`` changes it."""

    DRAFT = "draft", _("Draft")
    INTAKE = "intake", _("Intake")
    CREDIT_REVIEW = "credit_review", _("Credit review")
    COLLATERAL_CHECK = "collateral_check", _("Collateral check")
    APPROVAL = "approval", _("Approval")
    OFFERED = "offered", _("Offered")
    CONTRACTING = "contracting", _("Contracting")
    CONDITIONS = "conditions", _("Conditions")
    PAYOUT = "payout", _("Payout")
    ACTIVE = "active", _("Active")
    COMPLETED = "completed", _("Completed")
    WAITING = "waiting", _("Waiting for the borrower")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Stage(models.TextChoices):
    """The steps a reader of the case page sees."""

    APPLICATION = "application", _("Application")
    CREDIT_REVIEW = "credit_review", _("Credit review")
    COLLATERAL = "collateral", _("Collateral")
    APPROVAL = "approval", _("Approval")
    CONTRACT = "contract", _("Contract")
    DISBURSEMENT = "disbursement", _("Disbursement")
    POST_LOAN = "post_loan", _("Post-loan")


STAGE_OF: dict[str, Stage] = {
    State.DRAFT: Stage.APPLICATION,
    State.INTAKE: Stage.APPLICATION,
    State.CREDIT_REVIEW: Stage.CREDIT_REVIEW,
    State.COLLATERAL_CHECK: Stage.COLLATERAL,
    State.APPROVAL: Stage.APPROVAL,
    State.OFFERED: Stage.APPROVAL,
    State.CONTRACTING: Stage.CONTRACT,
    State.CONDITIONS: Stage.CONTRACT,
    State.PAYOUT: Stage.DISBURSEMENT,
    State.ACTIVE: Stage.POST_LOAN,
    State.COMPLETED: Stage.POST_LOAN,
}
"""Stage of each state; waiting and the ended states keep the stage they came from."""

UNDER_REVIEW = (State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK, State.APPROVAL)
BEFORE_MONEY = (
    State.DRAFT,
    *UNDER_REVIEW,
    State.WAITING,
    State.OFFERED,
    State.CONTRACTING,
    State.CONDITIONS,
    State.PAYOUT,
)
OPEN = (*BEFORE_MONEY, State.ACTIVE)
SIGNED = (
    State.OFFERED,
    State.CONTRACTING,
    State.CONDITIONS,
    State.PAYOUT,
    State.ACTIVE,
    State.COMPLETED,
)
"""States behind the approval."""
ENDED = (State.COMPLETED, State.DECLINED, State.EXPIRED, State.WITHDRAWN)
EARLIER_THAN: dict[str, tuple[State, ...]] = {
    State.CREDIT_REVIEW: (State.INTAKE,),
    State.COLLATERAL_CHECK: (State.INTAKE, State.CREDIT_REVIEW),
    State.APPROVAL: (State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK),
}
