"""The process table: the only place that says what may happen to a case. One row an arrow, pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.core.permissions import Permission
from apps.workflow.states import BEFORE_MONEY, OPEN, UNDER_REVIEW, State

NEW, SAME, BACK, CHOSEN = "new", "same", "back", "chosen"
"""Pseudo-states: not yet there; state unchanged; where it was before waiting; an earlier stage named in the data."""


class Who(StrEnum):
    """Which kind of principal a row is for."""

    PERSON = "person"
    BORROWER = "borrower"
    SYSTEM = "system"


class Event(models.TextChoices):
    """Names of all events a case knows."""

    CREATE = "create", _("Open a case")
    CREATE_ONLINE = "create_online", _("Start an application")
    IMPORT = "import", _("Import")
    SUBMIT = "submit", _("Submit")
    SUBMIT_ONLINE = "submit_online", _("Send the application")
    ACCEPT = "accept", _("Accept for review")
    KNOCK_OUT = "knock_out", _("Decline on policy")
    DECLINE_REVIEW = "decline_review", _("Decline")
    ASK_BORROWER = "ask_borrower", _("Ask the borrower")
    ANSWER = "answer", _("Answer")
    ANSWER_RECORDED = "answer_recorded", _("Record the borrower's answer")
    ASK_COLLEAGUE = "ask_colleague", _("Ask a colleague")
    CORRECT = "correct", _("Correct the application")
    RECOMMEND_SECURED = "recommend_secured", _("Recommend, collateral to be checked")
    RECOMMEND_UNSECURED = "recommend_unsecured", _("Recommend for approval")
    CONFIRM = "confirm", _("Confirm the collateral")
    CONFIRM_BELOW = "confirm_below", _("Return: value below the assumption")
    SEND_BACK = "send_back", _("Send back")
    RETURN_SIGNED = "return_signed", _("Return to an earlier stage")
    SIGN = "sign", _("Sign")
    SIGN_LAST = "sign_last", _("Sign, last signature")
    VOID = "void", _("Void the signatures")
    DECLINE_APPROVAL = "decline_approval", _("Decline the loan")
    ESCALATE = "escalate", _("Refer to the next level")
    OFFER_ACCEPT = "offer_accept", _("Accept the offer")
    OFFER_ACCEPT_RECORDED = "offer_accept_recorded", _("Record the borrower's acceptance")
    NEGOTIATE = "negotiate", _("Ask for other terms")
    NEGOTIATE_RECORDED = "negotiate_recorded", _("Record the borrower's counter-offer")
    LAPSE = "lapse", _("Offer lapsed")
    CONTRACT_SIGNED = "contract_signed", _("Contract signed")
    AMEND = "amend", _("Amend the terms")
    REVOKE = "revoke", _("Revoke the approval")
    WAIVE_CONDITION = "waive_condition", _("Waive or defer a condition")
    CONDITIONS_MET = "conditions_met", _("Conditions met")
    PREPARE_PAYMENT = "prepare_payment", _("Prepare a payment")
    RELEASE_PAYMENT = "release_payment", _("Release the payment")
    PAYMENT_CONFIRMED_FIRST = "payment_confirmed_first", _("First payment confirmed")
    PAYMENT_CONFIRMED = "payment_confirmed", _("Payment confirmed")
    PAYMENT_REJECTED = "payment_rejected", _("Payment rejected")
    COMPLETE = "complete", _("Complete")
    REOPEN = "reopen", _("Reopen")
    CLAIM = "claim", _("Take the case")
    REASSIGN = "reassign", _("Reassign")
    HOLDER_LEFT = "holder_left", _("Pass to the lead: the holder left")
    WITHDRAW = "withdraw", _("Withdraw")
    WITHDRAW_RECORDED = "withdraw_recorded", _("Record the borrower's withdrawal")
    WITHDRAW_CONSENT = "withdraw_consent", _("Withdraw the consent")
    EXPIRE = "expire", _("Expire")
    FREEZE = "freeze", _("Freeze")
    UNFREEZE = "unfreeze", _("Unfreeze")
    URGENT_ON = "urgent_on", _("Put on the urgent lane")
    URGENT_OFF = "urgent_off", _("Take off the urgent lane")


@dataclass(frozen=True, slots=True)
class Row:
    """One arrow: event, states it starts from, target, who, permission, duty taken on, step-up, guards in order.

    ``ends`` marks an arrow into a state that closes the case; ``while_frozen`` lets it pass a freeze.
    """

    event: Event
    sources: tuple[str, ...]
    target: str
    permission: Permission
    who: Who = Who.PERSON
    duty: Duty | None = None
    step_up: bool = False
    guards: tuple[str, ...] = ()
    while_frozen: bool = False
    note: Any = ""


# fmt: off
P, E, S, D = Permission, Event, State, Duty
DECLARED = ("application_complete", "consents_given", "declaration_signed")
ACCEPTED = ("checklist_complete", "identity_checked", "applicants_confirmed", "duplicates_settled")
REVIEWED = ("scored", "ratios_in", "bureau_fresh", "visit_fresh", "alerts_explained", "guarantors_seen")
VALUED = ("title_in", "liens_in", "insured", "valuation_fresh", "ltv_known")
PAYABLE = ("within_approved", "inside_availability", "payee_verified", "retested", "nothing_changed")
AFTER_OFFER = (S.OFFERED, S.CONTRACTING, S.CONDITIONS, S.PAYOUT)

TABLE: tuple[Row, ...] = (
    Row(E.CREATE, (NEW,), S.DRAFT, P.CASE_CREATE, duty=D.PREPARES),
    Row(E.CREATE_ONLINE, (NEW,), S.DRAFT, P.PORTAL_USE, Who.BORROWER),
    Row(E.IMPORT, (NEW,), S.DRAFT, P.CASE_IMPORT, Who.SYSTEM),
    Row(E.SUBMIT, (S.DRAFT,), S.INTAKE, P.APPLICATION_SUBMIT, duty=D.PREPARES, guards=DECLARED),
    Row(E.SUBMIT_ONLINE, (S.DRAFT,), S.INTAKE, P.PORTAL_USE, Who.BORROWER, guards=DECLARED),
    Row(E.ACCEPT, (S.INTAKE,), S.CREDIT_REVIEW, P.APPLICATION_ACCEPT, duty=D.PREPARES, guards=ACCEPTED),
    Row(E.KNOCK_OUT, (S.INTAKE,), S.DECLINED, P.APPLICATION_KNOCK_OUT, duty=D.PREPARES, guards=("knock_out_found", "knock_out_reasons")),
    Row(E.DECLINE_REVIEW, (S.INTAKE, S.CREDIT_REVIEW), S.DECLINED, P.CREDIT_DECLINE, duty=D.REVIEWS,
        guards=("reasons_given", "others_decide")),
    Row(E.ASK_BORROWER, UNDER_REVIEW, S.WAITING, P.CASE_ASK, guards=("holder", "question_given")),
    Row(E.ANSWER, (S.WAITING,), BACK, P.PORTAL_USE, Who.BORROWER, guards=("answer_given",)),
    Row(E.ANSWER_RECORDED, (S.WAITING,), BACK, P.CASE_ANSWER, guards=("answer_given",)),
    Row(E.ASK_COLLEAGUE, UNDER_REVIEW, SAME, P.CASE_ASK, guards=("holder", "question_given")),
    Row(E.CORRECT, (S.INTAKE, S.CREDIT_REVIEW), SAME, P.APPLICATION_CORRECT, duty=D.PREPARES, guards=("holder", "borrower_reconfirmed")),
    Row(E.CORRECT, (S.COLLATERAL_CHECK, S.APPROVAL), S.CREDIT_REVIEW, P.APPLICATION_CORRECT, duty=D.PREPARES,
        guards=("holder", "borrower_reconfirmed")),
    Row(E.RECOMMEND_SECURED, (S.CREDIT_REVIEW,), S.COLLATERAL_CHECK, P.CREDIT_RECOMMEND, duty=D.REVIEWS,
        guards=("others_decide", "secured", "recommendation_given", *REVIEWED)),
    Row(E.RECOMMEND_UNSECURED, (S.CREDIT_REVIEW,), S.APPROVAL, P.CREDIT_RECOMMEND, duty=D.REVIEWS,
        guards=("others_decide", "unsecured", "recommendation_given", *REVIEWED)),
    Row(E.CONFIRM, (S.COLLATERAL_CHECK,), S.APPROVAL, P.COLLATERAL_CONFIRM, duty=D.VALUES, guards=(*VALUED, "value_as_assumed")),
    Row(E.CONFIRM_BELOW, (S.COLLATERAL_CHECK,), S.CREDIT_REVIEW, P.COLLATERAL_CONFIRM, duty=D.VALUES, guards=("value_below",)),
    Row(E.SEND_BACK, (S.CREDIT_REVIEW, S.COLLATERAL_CHECK), CHOSEN, P.CASE_SEND_BACK,
        guards=("holder", "reason_given", "earlier_stage")),
    Row(E.RETURN_SIGNED, (S.APPROVAL,), CHOSEN, P.APPROVAL_RETURN, duty=D.APPROVES, step_up=True,
        guards=("reason_given", "earlier_stage")),
    Row(E.SIGN, (S.APPROVAL,), SAME, P.APPROVAL_SIGN, duty=D.APPROVES, step_up=True,
        guards=("authority", "memo_unchanged", "memo_not_expired", "more_signatures_needed")),
    Row(E.SIGN_LAST, (S.APPROVAL,), S.OFFERED, P.APPROVAL_SIGN, duty=D.APPROVES, step_up=True,
        guards=("authority", "memo_unchanged", "memo_not_expired", "last_signature")),
    Row(E.VOID, (S.APPROVAL,), SAME, P.APPROVAL_AMEND, Who.SYSTEM),
    Row(E.DECLINE_APPROVAL, (S.APPROVAL,), S.DECLINED, P.APPROVAL_DECLINE, duty=D.APPROVES, step_up=True,
        guards=("others_decide", "reasons_given", "decline_within_authority")),
    Row(E.ESCALATE, (S.APPROVAL,), SAME, P.APPROVAL_DECLINE, duty=D.APPROVES, step_up=True,
        guards=("others_decide", "reason_given", "next_level")),
    Row(E.OFFER_ACCEPT, (S.OFFERED,), S.CONTRACTING, P.PORTAL_USE, Who.BORROWER, guards=("offer_open",)),
    Row(E.OFFER_ACCEPT_RECORDED, (S.OFFERED,), S.CONTRACTING, P.OFFER_ACCEPT, duty=D.PREPARES, guards=("offer_open", "paper_given")),
    Row(E.NEGOTIATE, (S.OFFERED,), S.CREDIT_REVIEW, P.PORTAL_USE, Who.BORROWER, guards=("offer_open", "terms_asked")),
    Row(E.NEGOTIATE_RECORDED, (S.OFFERED,), S.CREDIT_REVIEW, P.OFFER_ACCEPT, duty=D.PREPARES,
        guards=("offer_open", "paper_given", "terms_asked")),
    Row(E.LAPSE, (S.OFFERED,), S.EXPIRED, P.CASE_EXPIRE, Who.SYSTEM, guards=("offer_ended",)),
    Row(E.CONTRACT_SIGNED, (S.CONTRACTING,), S.CONDITIONS, P.CONTRACT_SIGN, guards=("contract_sealed", "parties_signed")),
    Row(E.AMEND, AFTER_OFFER, S.APPROVAL, P.APPROVAL_AMEND, duty=D.APPROVES, step_up=True, guards=("reason_given", "nothing_released")),
    Row(E.REVOKE, AFTER_OFFER, S.APPROVAL, P.APPROVAL_AMEND, duty=D.APPROVES, step_up=True,
        guards=("reason_given", "signer_or_above", "nothing_released")),
    Row(E.WAIVE_CONDITION, (S.CONDITIONS,), SAME, P.APPROVAL_WAIVE, duty=D.APPROVES, step_up=True),
    Row(E.CONDITIONS_MET, (S.CONDITIONS,), S.PAYOUT, P.CONDITION_VERIFY, duty=D.VERIFIES, guards=("conditions_settled",)),
    Row(E.PREPARE_PAYMENT, (S.PAYOUT, S.ACTIVE), SAME, P.PAYMENT_PREPARE, duty=D.PAYS, guards=PAYABLE),
    Row(E.RELEASE_PAYMENT, (S.PAYOUT, S.ACTIVE), SAME, P.PAYMENT_RELEASE, duty=D.RELEASES, step_up=True,
        guards=(*PAYABLE, "another_prepared")),
    Row(E.PAYMENT_CONFIRMED_FIRST, (S.PAYOUT,), S.ACTIVE, P.PAYMENT_CONFIRM, Who.SYSTEM, while_frozen=True),
    Row(E.PAYMENT_CONFIRMED, (S.ACTIVE,), SAME, P.PAYMENT_CONFIRM, Who.SYSTEM, while_frozen=True),
    Row(E.PAYMENT_REJECTED, (S.PAYOUT, S.ACTIVE), SAME, P.PAYMENT_CONFIRM, Who.SYSTEM, while_frozen=True),
    Row(E.COMPLETE, (S.ACTIVE,), S.COMPLETED, P.LOAN_CLOSE, Who.SYSTEM, guards=("loans_closed", "collateral_released")),
    Row(E.REOPEN, (S.DECLINED, S.EXPIRED, S.WITHDRAWN), S.CREDIT_REVIEW, P.CASE_REOPEN,
        guards=("reason_given", "application_complete", "consent_fresh", "declaration_signed", *ACCEPTED)),
    Row(E.CLAIM, OPEN, SAME, P.CASE_CLAIM, guards=("eligible_here",)),
    Row(E.REASSIGN, OPEN, SAME, P.CASE_REASSIGN, guards=("reason_given", "new_holder_eligible")),
    Row(E.HOLDER_LEFT, OPEN, SAME, P.CASE_REASSIGN, Who.SYSTEM, while_frozen=True),
    Row(E.WITHDRAW, BEFORE_MONEY, S.WITHDRAWN, P.PORTAL_USE, Who.BORROWER, guards=("reason_given", "nothing_released")),
    Row(E.WITHDRAW_RECORDED, BEFORE_MONEY, S.WITHDRAWN, P.CASE_WITHDRAW, guards=("reason_given", "nothing_released")),
    Row(E.WITHDRAW_CONSENT, BEFORE_MONEY, S.WITHDRAWN, P.PORTAL_USE, Who.BORROWER, guards=("nothing_released",)),
    Row(E.EXPIRE, BEFORE_MONEY, S.EXPIRED, P.CASE_EXPIRE, Who.SYSTEM, guards=("warned_before", "nothing_released")),
    Row(E.URGENT_ON, BEFORE_MONEY, SAME, P.CASE_URGENT, guards=("reason_given", "not_urgent")),
    Row(E.URGENT_OFF, BEFORE_MONEY, SAME, P.CASE_URGENT, guards=("reason_given", "is_urgent")),
    Row(E.FREEZE, OPEN, SAME, P.CASE_FREEZE, guards=("reason_given", "not_frozen"), while_frozen=True),
    Row(E.UNFREEZE, OPEN, SAME, P.CASE_FREEZE, guards=("reason_given", "is_frozen", "another_froze"), while_frozen=True),
)
# fmt: on


def rows_from(state: str) -> tuple[Row, ...]:
    """All arrows that start in a state."""
    return tuple(row for row in TABLE if state in row.sources)


def find(state: str, event: str) -> Row | None:
    """The arrow of an event in a state, or ``None``."""
    return next((row for row in TABLE if row.event == event and state in row.sources), None)
