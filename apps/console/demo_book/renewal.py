"""A renewal that nets an old loan: the new loan's money settles what it replaces."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from apps.console.demo_book import steps_late
from apps.console.demo_book.cast import Cast
from apps.console.demo_book.life import Life, Plan
from apps.console.demo_book.lives import live
from apps.core import clock
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.models import Product

NEW_MONEY = Decimal(100_000)


def renewal(lives: list[tuple[dt.datetime, Life]], cast: Cast, products: dict[bool, Product]) -> Life | None:
    """Renew the first running loan of the book within the last days; returns the new life, ``None`` in too small a book."""
    old = next((loan for loan in Loan.objects.filter(state=LoanState.RUNNING, arrears_since=None).order_by("id")
                if not loan.case.is_secured and loan.case.facilities.count() == 1 and loan.case.loans.count() == 1), None)  # fmt: skip
    before = next((life for _start, life in lives if old is not None and life.number == old.case.number), None)
    if old is None or before is None:
        return None
    amount = (old.balance + NEW_MONEY).quantize(Decimal(10_000)) if old.balance else NEW_MONEY
    plan = Plan("", amounts=(max(amount, Decimal(50_000)),), term=24, kind="renewal", strength=Decimal(2))
    life = Life(
        plan,
        before.firm,
        before.branch,
        cast,
        products[False],
        before.random,
        before.serial,
        replaces=old.facility,
        borrower=before.borrower,
        payee=before.payee,
    )
    _play(life, clock.now() - dt.timedelta(days=12))
    steps_late.settle(before, old)
    return life


def _play(life: Life, start: dt.datetime) -> None:
    """Let the life go on until its money is out, at most until now."""
    moment, now = start, clock.now()
    steps = live(life)
    while moment < now and "loan1" not in life.notes:
        with clock.at(moment):
            wait = next(steps, None)
        if wait is None:
            return
        moment += min(wait, dt.timedelta(hours=20))
