"""Reads of disbursement."""

from apps.disbursement.selectors.conditions import ConditionStanding, conditions_standing
from apps.disbursement.selectors.contracts import contract_live, signing_open, witness_open
from apps.disbursement.selectors.payments import PaymentFilter, drawdowns_of, drawn_of, payments_visible_to, room_of

__all__ = [
    "ConditionStanding",
    "PaymentFilter",
    "conditions_standing",
    "contract_live",
    "drawdowns_of",
    "drawn_of",
    "payments_visible_to",
    "room_of",
    "signing_open",
    "witness_open",
]
