"""Products, reasons and cases for tests, made through the services."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.access.roles import Role
from apps.accounts.models import Account, Branch
from apps.audit.services import act
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.workflow.models import LoanCase, Product, Reason
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk, advance, case_open
from apps.workflow.services.catalogue import product_save, reason_save
from tests.accounts import factories as people
from tests.borrowers import factories as businesses

numbers = itertools.count(1)
TERMS: dict[str, Any] = {
    "name_en": "Working capital", "name_zh": "流动资金贷款", "currency": "CNY", "min_amount": Decimal(10000), "max_amount": Decimal(5000000),
    "min_term": 3, "max_term": 60, "min_rate": Decimal("3.5"), "max_rate": Decimal("9.8"),
}  # fmt: skip


def product(code: str = "working-capital", **given: Any) -> Product:
    """Return the product with a code; added when there is none."""
    people.institution()
    found = Product.objects.filter(code=code).first()
    return found or product_save(actor=people.SETUP, product=None, values={**TERMS, "code": code, **given})


def reason(kind: str, code: str = "", **given: Any) -> Reason:
    """Return a reason of a kind; added when there is none with the code."""
    people.institution()
    name = code or f"{kind}-reason"
    values = {"code": name, "kind": kind, "name_en": name.replace("-", " ").capitalize(), **given}
    return Reason.objects.filter(code=name).first() or reason_save(actor=people.SETUP, reason=None, values=values)


def worker(role: str = Role.LOAN_OFFICER, branch: Branch | None = None, handle: str | None = None) -> Account:
    """Return an enrolled member of staff at a branch."""
    return people.staff(role, branch or people.branch(), handle)


def case(
    officer: Account | None = None, *, branch: Branch | None = None, borrower: Borrower | None = None,
    asks: Sequence[FacilityAsk] = (FacilityAsk(Decimal(1200000), 24, "Flour and packaging for the winter season"),), **given: Any,
) -> LoanCase:  # fmt: skip
    """Return a draft opened by an officer, who holds it."""
    place = branch or people.branch()
    actor = people.actor_for(officer or worker(branch=place))
    owner = borrower or businesses.borrower(actor, place)
    return _opened(actor=actor, borrower=owner, product=product(**given), branch=place, asks=asks)


@act
def _opened(
    *, actor: Actor, borrower: Borrower, product: Product, branch: Branch, asks: Sequence[FacilityAsk]
) -> LoanCase:
    return case_open(
        actor=actor, borrower=borrower, product=product, branch=branch, event=Event.CREATE, facilities=asks
    )


def moved(case: LoanCase, event: str, account: Account, **more: Any) -> LoanCase:
    """Carry out an event as an account; the guards of stages are whatever the test has made of them."""
    return _moved(actor=people.actor_for(account), case=case, event=event, more=more)


@act
def _moved(*, actor: Actor, case: LoanCase, event: str, more: dict[str, Any]) -> LoanCase:
    return advance(case, event, actor=actor, version=case.version, **more)


def submitted(officer: Account, **given: Any) -> LoanCase:
    """Return a case in intake that its officer has taken. Needs ``smooth``."""
    found = moved(case(officer, **given), Event.SUBMIT, officer)
    return moved(found, Event.CLAIM, officer)


def reviewed(officer: Account, analyst: Account, **given: Any) -> LoanCase:
    """Return a case in credit review that its analyst has taken. Needs ``smooth``."""
    found = moved(submitted(officer, **given), Event.ACCEPT, officer)
    return moved(found, Event.CLAIM, analyst)
