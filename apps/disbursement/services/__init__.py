"""Writes of disbursement: contract, conditions, payments. Each is one act."""

from apps.disbursement.services.confirming import bank_answer, payment_confirm, payment_reject
from apps.disbursement.services.preparing import payment_cancel, payment_prepare
from apps.disbursement.services.releasing import payment_release
from apps.disbursement.services.sending import order_send

__all__ = [
    "bank_answer",
    "order_send",
    "payment_cancel",
    "payment_confirm",
    "payment_prepare",
    "payment_reject",
    "payment_release",
]
