"""Telling the borrower that there is news: a mail that says so and nothing else, to each account that acts for them."""

from __future__ import annotations

from collections.abc import Iterable

from apps.accounts.models import Account
from apps.accounts.senders import word_send
from apps.borrowers.models import BorrowerAccess
from apps.borrowers.writing import pack_in_use
from apps.core import clock
from apps.workflow.models import LoanCase
from apps.workflow.process import Event

NEWS = frozenset({Event.ASK_BORROWER, Event.SIGN_LAST, Event.KNOCK_OUT, Event.DECLINE_REVIEW, Event.DECLINE_APPROVAL})
"""Events after which the borrower finds something new in the portal that waits for them or concerns them."""


def portal_accounts(case: LoanCase) -> Iterable[Account]:
    """Accounts that act for the case's borrower now."""
    live = BorrowerAccess.objects.filter(borrower=case.borrower_id, ended_at=None, account__is_active=True)
    return [access.account for access in live.select_related("account__person").order_by("id")]


def portal_told(case: LoanCase) -> None:
    """Send the mail once the act has committed; a demo history sends nothing, and a mail that fails undoes nothing."""
    if clock.is_simulated():
        return
    for account in portal_accounts(case):
        word_send(account, "news")


def language_of(case: LoanCase) -> str:
    """Language to write to the borrower in: their first account's, else the jurisdiction's."""
    accounts = portal_accounts(case)
    return next((account.person.language for account in accounts), None) or pack_in_use().language
