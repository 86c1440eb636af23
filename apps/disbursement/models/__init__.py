"""Contracts, evidence of conditions, drawdowns and payment orders."""

from apps.disbursement.models.contract import Contract, ContractParty
from apps.disbursement.models.evidence import ConditionEvidence, ConditionWaiver, EvidenceState
from apps.disbursement.models.payment import Drawdown, DrawdownState, PaymentOrder

__all__ = [
    "ConditionEvidence",
    "ConditionWaiver",
    "Contract",
    "ContractParty",
    "Drawdown",
    "DrawdownState",
    "EvidenceState",
    "PaymentOrder",
]
