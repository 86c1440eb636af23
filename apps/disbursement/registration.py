"""What disbursement gives to workflow: panels on the case page and the pages of its events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.approval.selectors.signoffs import SIGNED
from apps.borrowers.registry import on_forgetting
from apps.core.gathered import hang
from apps.core.permissions import Permission
from apps.core.rounds import go_round
from apps.disbursement import panels
from apps.disbursement.handoff import void_contract
from apps.disbursement.models import (
    ConditionEvidence,
    ConditionFollowUp,
    ConditionWaiver,
    Contract,
    ContractParty,
    Drawdown,
    PaymentOrder,
    ReleaseSignature,
    SupplierInvoice,
    WaiverSignature,
)
from apps.disbursement.policies import register_policies
from apps.disbursement.services import following, signing
from apps.disbursement.services.clearing import files_clear, files_of_forgotten
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import Panel, link, on_entering, show
from apps.workflow.states import State
from apps.workflow.templatetags.casework import WORDS as NOTICE_WORDS

OF_A_CASE = (
    ConditionEvidence, ConditionFollowUp, ConditionWaiver, Contract, Drawdown, PaymentOrder, ReleaseSignature,
    SupplierInvoice, WaiverSignature,
)  # fmt: skip
VIEW = Permission.CASE_VIEW


def register_all() -> None:
    """Fill the registries; called once when the app is ready."""
    register_policies()
    SIGNED.extend(each for each in (ReleaseSignature, WaiverSignature) if each not in SIGNED)
    hang(LoanCase, {**dict.fromkeys(OF_A_CASE, "case"), ContractParty: "contract__case"})
    for state in (State.APPROVAL, State.DECLINED, State.EXPIRED, State.WITHDRAWN):
        on_entering(state, void_contract)
    on_forgetting(files_of_forgotten)
    go_round("payment files erased", files_clear)
    NOTICE_WORDS[following.NOTICE] = _("a condition is overdue")
    NOTICE_WORDS[signing.NOTICE] = _("confirm a signature as second witness")
    link(Event.CONTRACT_SIGNED, "disbursement:contract", primary=True)
    link(Event.WAIVE_CONDITION, "disbursement:conditions")
    link(Event.CONDITIONS_MET, "disbursement:conditions", primary=True)
    link(Event.PREPARE_PAYMENT, "disbursement:prepare", primary=True)
    link(Event.RELEASE_PAYMENT, "disbursement:payments", primary=True)
    show(Panel("payments", "disbursement/drawdowns.html", panels.payments, VIEW, order=5))
    show(Panel("contract", "disbursement/panel_contract.html", panels.contract, VIEW, order=15, place="side"))
    show(
        Panel(
            "conditions_standing", "disbursement/panel_conditions.html", panels.conditions, VIEW, order=16, place="side"
        )
    )
