"""Loans made through the services only."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from apps.core import clock
from apps.core.actor import Actor
from apps.post_loan import services
from apps.post_loan.models import Loan, Repayment, ScheduleRow
from apps.post_loan.services.settling import quote
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World


def running(**kw: Any) -> World:
    """An active case with one running loan of all that was approved."""
    world = worlds.payout(**kw)
    factories.paid(world.case, payee=world.payee)
    return world


def loan_of(world: World) -> Loan:
    """The case's newest loan as it stands."""
    return Loan.objects.select_related("case", "facility", "borrower").filter(case=world.at).order_by("-id")[0]


def rows_of(loan: Loan) -> list[ScheduleRow]:
    """The schedule as it stands."""
    return list(ScheduleRow.objects.filter(loan=loan).order_by("number"))


def entered(
    actor: Actor,
    loan: Loan,
    amount: Decimal,
    *,
    on: dt.date | None = None,
    reference: str = "R-1",
    settles: bool = False,
) -> Repayment:
    """A repayment entered by one person."""
    return services.repayment_enter(
        actor=actor,
        loan=loan,
        version=None,
        amount=amount,
        value_on=on or clock.today(),
        reference=reference,
        settles=settles,
    )


def posted(world: World, amount: Decimal, **kw: Any) -> Repayment:
    """A repayment entered by the post-loan officer and posted by the lead."""
    repayment = entered(world.actor("keeper"), loan_of(world), amount, **kw)
    return services.repayment_post(actor=world.actor("lead"), repayment=repayment)


def needed(loan: Loan, on: dt.date | None = None) -> Decimal:
    """What settles a loan on a day."""
    return quote(loan, rows_of(loan), on or clock.today()).total


def settled(world: World, **kw: Any) -> Loan:
    """The loan, settled early today."""
    posted(world, needed(loan_of(world)), settles=True, reference="S-1", **kw)
    return loan_of(world)
