"""Real transactions: two workers at one order, two makers at one facility, a freeze against a claim."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connections

from apps.audit.verify import verify
from apps.core.errors import LoanFlowError, Refused
from apps.disbursement import services
from apps.disbursement.models import Drawdown, PaymentOrder
from apps.disbursement.selectors import drawn_of
from apps.disbursement.services.preparing import Draw
from tests.disbursement import factories, worlds
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Results of jobs that start together, each on a connection of its own; a refusal is its result."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return job()
        except LoanFlowError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result() for each in [pool.submit(run, job) for job in jobs]]


def drawing(world: World, amount: Decimal) -> Callable[[], Drawdown]:
    """A maker about to prepare a payment."""
    case, actor, facility = world.case, world.other("maker"), world.case.facilities.get()
    assert world.payee is not None
    draw = Draw(facility, amount, world.payee, "Flour")
    return lambda: services.payment_prepare(actor=actor, case=case, version=case.version, draw=draw)


def test_money_goes_out_once_whoever_races(committed_db: str, outbox: Path):
    world = worlds.payout()
    approved = world.case.facilities.get().approved_amount or Decimal(0)
    drawn = at_once(*[drawing(world, approved) for _ in range(2)])
    assert sorted(isinstance(each, Drawdown) for each in drawn) == [False, True], drawn
    assert drawn_of(world.case.facilities.get()) == approved

    drawdown = next(each for each in drawn if isinstance(each, Drawdown))
    case, checkers = world.case, [world.other("checker") for _ in range(2)]
    releases = [
        lambda who=who: services.payment_release(actor=who, drawdown=drawdown, version=case.version) for who in checkers
    ]
    assert sorted(isinstance(each, Drawdown) for each in at_once(*releases)) == [False, True]

    order = PaymentOrder.objects.get(drawdown=drawdown)
    sent = at_once(*[lambda: services.order_send(actor=BANK, order=order) for _ in range(4)])
    assert all(
        isinstance(each, PaymentOrder) or (isinstance(each, Refused) and each.guard == "leased") for each in sent
    ), sent
    order.refresh_from_db()
    assert (order.sent_at is not None, order.attempts) == (True, 1)
    assert [each.name for each in outbox.iterdir()] == [f"{order.end_to_end_id}.xml"]

    today = factories.clock.today()
    answers = at_once(*[
        lambda: services.payment_confirm(actor=BANK, drawdown=drawdown, value_on=today, bank_reference="B-1") for _ in range(2)
    ])  # fmt: skip
    assert sorted(isinstance(each, Drawdown) for each in answers) == [False, True]
    assert world.case.loans.count() == 1
    assert verify().intact
