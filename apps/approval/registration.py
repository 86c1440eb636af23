"""Connects approval to workflow: what opens and closes with a state, what the case page shows, where events are done."""

from __future__ import annotations

from apps.access.ports import at_founding
from apps.accounts.models import Account
from apps.applications import ports as intake
from apps.approval import panels
from apps.approval.fitting import unsignable
from apps.approval.handoff import approval_entered, declined_entered, earlier_entered, ended, offered_entered
from apps.approval.models import (
    Condition,
    DecisionMemo,
    DecisionReview,
    DeclineDecision,
    Letter,
    Offer,
    Policy,
    Signature,
)
from apps.approval.policies import register_policies
from apps.approval.selectors.policies import visit_free
from apps.approval.services.policy import policy_found
from apps.core.gathered import hang
from apps.core.permissions import Permission
from apps.core.together import Through
from apps.vault.models import EncryptedFile
from apps.workflow import registry
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.states import State

EARLIER = (State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK)
OF_A_CASE = (Condition, DecisionMemo, DecisionReview, DeclineDecision, Letter, Offer, Signature)
POINTED_AT = (
    (EncryptedFile, Through(Letter, "file", "case")),
    (Policy, Through(DecisionMemo, "policy", "case")),
    (Account, Through(Signature, "account", "case")),
    (Account, Through(DeclineDecision, "account", "case")),
)
LINKS = (
    (Event.SIGN, "approval:sign", True, False),
    (Event.DECLINE_APPROVAL, "approval:decline", False, True),
    (Event.ESCALATE, "approval:refer", False, True),
    (Event.RETURN_SIGNED, "approval:return", False, True),
    (Event.OFFER_ACCEPT_RECORDED, "approval:accept", True, False),
    (Event.NEGOTIATE_RECORDED, "approval:negotiate", False, False),
    (Event.AMEND, "approval:amend", False, True),
    (Event.REVOKE, "approval:revoke", False, True),
)


def register_all() -> None:
    """Fill workflow's registry; called once when the app is ready."""
    register_policies()
    hang(
        LoanCase,
        dict.fromkeys(OF_A_CASE, "case"),
        *POINTED_AT,
    )
    intake.fill(visit_free)
    at_founding("credit policy", policy_found)
    registry.on_entering(State.APPROVAL, approval_entered)
    registry.on_entering(State.OFFERED, offered_entered)
    registry.on_entering(State.DECLINED, declined_entered)
    for state in EARLIER:
        registry.on_entering(state, earlier_entered)
    for state in (State.WITHDRAWN, State.EXPIRED):
        registry.on_entering(state, ended)
    registry.fitting[State.APPROVAL] = unsignable
    for event, url_name, primary, danger in LINKS:
        registry.link(event, url_name, primary=primary, danger=danger)
    _show()


def _show() -> None:
    for name, build, order, place in panels.PANELS:
        template = f"approval/panels/{name}.html"
        registry.show(registry.Panel(f"approval.{name}", template, build, Permission.APPROVAL_VIEW, order, place))
