"""A renewal that nets an old loan: the new loan's money settles what it replaces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from apps.console.demo_book import steps_late
from apps.console.demo_book.cast import Cast
from apps.console.demo_book.hours import same_day
from apps.console.demo_book.life import Life, Plan
from apps.console.demo_book.lives import Wait, live
from apps.core import clock
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.models import Product

NEW_MONEY = Decimal(100_000)
DAYS = 25  # before today that it begins, so that its money is out by then
LONGEST = Wait(hours=20)


def renewal(lives: list[tuple[dt.datetime, Life]], cast: Cast, products: dict[bool, Product]) -> Iterator[Wait]:
    """Renew a loan that runs when this begins, until the new money is out and the old loan closed; nothing in too small a book.

    What is kept back is quoted by the day, so a payment is prepared and released on one.
    """
    found = _running(lives)
    if found is None:
        return
    before, old = found
    life = _next(before, old, cast, products)
    for wait in live(life):
        if "loan1" in life.notes:
            steps_late.close(before, old)
            return
        yield same_day(clock.now(), min(wait, LONGEST)) - clock.now()


def _running(lives: list[tuple[dt.datetime, Life]]) -> tuple[Life, Loan] | None:
    """A life and its only loan, unsecured and paid on time to the end of the book."""
    regular = {life.number: life for _start, life in lives if not (life.plan.months_late or life.plan.settle_early)}
    for loan in Loan.objects.filter(state=LoanState.RUNNING, case__number__in=regular).order_by("id"):
        case = loan.case
        if not case.is_secured and case.facilities.count() == 1 and case.loans.count() == 1:
            return regular[case.number], loan
    return None


def _next(before: Life, old: Loan, cast: Cast, products: dict[bool, Product]) -> Life:
    amount = max((old.balance + NEW_MONEY).quantize(Decimal(10_000)), Decimal(50_000))
    plan = Plan("", amounts=(amount,), term=24, kind="renewal", strength=Decimal(2))
    return Life(
        plan, before.firm, before.branch, cast, products[False], before.random, before.serial, replaces=old.facility,
        borrower=before.borrower, payee=before.payee,
    )  # fmt: skip
