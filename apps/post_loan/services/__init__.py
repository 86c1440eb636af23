"""Writes of post-loan: a loan is opened by a paid drawdown, repaid by maker and checker, settled and closed."""

from apps.post_loan.services.closing import facility_close, loan_close
from apps.post_loan.services.opening import loan_open
from apps.post_loan.services.repaying import repayment_enter, repayment_post, repayment_reject

__all__ = ["facility_close", "loan_close", "loan_open", "repayment_enter", "repayment_post", "repayment_reject"]
