"""Contracts, evidence of conditions, drawdowns and payment orders."""

from apps.disbursement.models.contract import Contract, ContractParty
from apps.disbursement.models.evidence import (
    ConditionEvidence,
    ConditionFollowUp,
    ConditionWaiver,
    EvidenceOpening,
    EvidenceState,
)
from apps.disbursement.models.invoice import SupplierInvoice
from apps.disbursement.models.paying import PayingAccount
from apps.disbursement.models.payment import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.models.release import ReleaseSignature
from apps.disbursement.models.waiving import WaiverSignature

__all__ = [
    "ConditionEvidence",
    "ConditionFollowUp",
    "ConditionWaiver",
    "Contract",
    "ContractParty",
    "Drawdown",
    "DrawdownState",
    "EvidenceOpening",
    "EvidenceState",
    "PayingAccount",
    "PaymentOrder",
    "ReleaseSignature",
    "SupplierInvoice",
    "WaiverSignature",
]
