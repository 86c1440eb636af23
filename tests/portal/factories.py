"""A borrower with an account of the portal."""

from __future__ import annotations

from apps.accounts.models import Account
from apps.borrowers.services import access_give
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.workflow import factories


def account_for(case: LoanCase) -> Account:
    """Return a new portal account that may act for the case's borrower."""
    officer = people.actor_for(factories.worker(branch=case.branch))
    made = people.borrower_account()
    access_give(actor=officer, borrower=case.borrower, account=made)
    return made
