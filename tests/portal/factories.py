"""A borrower with an account of the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client

from apps.accounts.models import Account
from apps.borrowers.models import Borrower, Party
from apps.borrowers.services import access_give
from apps.core import clock
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.workflow import factories


def announcement_values(**given: Any) -> dict[str, Any]:
    """What an administrator types for an announcement that is shown now, to everybody."""
    now = clock.now()
    return {
        "kind": "info", "audience": "all", "begins_at": now - dt.timedelta(hours=1), "ends_at": now + dt.timedelta(days=7),
        "title_en": "Open on Saturday", "title_zh": "本周六营业", "text_en": "From nine to noon.", "text_zh": "九时至十二时。", **given,
    }  # fmt: skip


def account_for(case: LoanCase, party: Party | None = None) -> Account:
    """Return a new portal account that may act for the case's borrower, as ``party`` of it."""
    officer = people.actor_for(factories.worker(branch=case.branch))
    made = people.borrower_account()
    access_give(actor=officer, borrower=case.borrower, account=made, party=party)
    return made


def entered(client: Client, case: LoanCase, party: Party | None = None) -> Account:
    """Sign the borrower of a case in."""
    made = account_for(case, party)
    people.signed_in(client, made)
    return made


def applicant(client: Client, *, whole: bool = True) -> Borrower:
    """Sign in whoever owns, represents and signs for a new business (``whole``), or an account that is nobody yet."""
    factories.product()
    officer = people.actor_for(factories.worker())
    borrower = businesses.borrower(officer)
    party = businesses.whole_people(officer, borrower) if whole else None
    made = people.borrower_account()
    access_give(actor=officer, borrower=borrower, account=made, party=party)
    people.signed_in(client, made)
    return borrower
