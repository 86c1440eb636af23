"""The demo book: refused outside a demo, and a life in it goes the whole way through the real services."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from random import Random  # noqa: TID251 - seeded
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from apps.accounts.models import Account, Branch
from apps.approval.selectors.signoffs import signoffs_checked
from apps.audit.models import AuditEvent
from apps.console.demo_book import lives, plans, setting
from apps.console.demo_book.book import _engagements, _play, book_make
from apps.console.demo_book.cast import OUTSIDE, Cast
from apps.console.demo_book.hours import SHANGHAI, same_day, working
from apps.console.demo_book.life import Life, Plan
from apps.console.demo_book.lives import live
from apps.console.demo_book.names import firm
from apps.console.demo_book.renewal import DAYS, renewal
from apps.core import clock
from apps.core.errors import Refused
from apps.credit_review.models import BureauReport
from apps.credit_review.rules import BUREAU_DAYS
from apps.disbursement.models import Drawdown
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.models import Engagement, LoanCase, Product
from apps.workflow.selectors.engagements import bound_now, engagements_live
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.worlds import once_a_module

Bank = tuple[dict[str, Branch], Cast, dict[bool, Product]]


def bank_opened() -> Bank:
    """A bank with its people and products, since a hundred days."""
    with override_settings(LOANFLOW_MODE="demo"), clock.at(clock.now() - dt.timedelta(days=100)):
        return setting.bank_open()


bank = once_a_module(bank_opened)


@pytest.mark.django_db
def test_the_book_is_refused_outside_a_demo() -> None:
    before = Account.objects.count()
    with pytest.raises(Refused):
        book_make()
    assert Account.objects.count() == before


@pytest.mark.django_db
def test_the_command_refuses_an_installation_that_is_in_use() -> None:
    people.institution()
    with pytest.raises(CommandError, match="empty installation"):
        call_command("demo_book")


@pytest.mark.parametrize("serial", range(1, 60, 7))
def test_invented_firms_have_identifiers_that_pass_their_checks(serial: int) -> None:
    made = firm(Random(1), serial, "JN")
    assert uscc.is_valid(made.identifier)
    assert ric.calc_check_digit(made.owner_id) == made.owner_id[-1]


def test_names_stand_in_both_scripts() -> None:
    names = [firm(Random(serial), serial, "QD").legal_name for serial in range(1, 10)]
    assert any(name.isascii() for name in names)
    assert any("有限公司" in name for name in names)


def test_equal_seeds_give_equal_plans() -> None:
    assert list(plans.unfinished(Random(7), Decimal(1))) == list(plans.unfinished(Random(7), Decimal(1)))


def test_the_whole_book_holds_about_three_hundred_cases_and_a_hundred_and_twenty_running_loans() -> None:
    on_the_way = list(plans.unfinished(Random(1), Decimal(1)))
    running = [*plans.special(), *plans.running(Random(1), Decimal(1))]
    assert 280 <= len(on_the_way) + len(running) <= 320
    assert len([plan for plan in running if not plan.settle_early]) >= 110
    assert {plan.until for plan in on_the_way} >= {
        State.DRAFT,
        State.INTAKE,
        State.APPROVAL,
        State.PAYOUT,
        State.WAITING,
    }


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T20:15:00+08:00", "2026-11-23T09:15:00+08:00"),
        ("2026-11-23T03:00:00+08:00", "2026-11-23T09:00:00+08:00"),
        ("2026-11-23T10:30:00+08:00", "2026-11-23T10:30:00+08:00"),
    ],
)
def test_people_of_the_book_work_in_working_hours(moment: str, expected: str) -> None:
    shown = working(dt.datetime.fromisoformat(moment))
    assert shown == dt.datetime.fromisoformat(expected)


@pytest.mark.django_db
def test_a_life_goes_from_the_application_to_repayments_and_says_simulated(bank: Bank, settings: Any) -> None:
    settings.LOANFLOW_MODE = "demo"
    now, (branches, cast, products) = clock.now(), bank
    plan = Plan("", amounts=(Decimal(200_000),), term=12, strength=Decimal(2))
    life = Life(plan, firm(Random(3), 3, "JN"), branches["JN"], cast, products[False], Random(3), 3)
    _play([(working(now - dt.timedelta(days=80)), 1, live(life))], now, lambda: None)
    case = LoanCase.objects.get()
    loan = Loan.objects.get()
    assert case.state == State.ACTIVE
    assert loan.balance < loan.principal
    moments = [json.loads(event.body) for event in AuditEvent.objects.order_by("id")]
    assert all(body["simulated"] for body in moments)
    assert [body["at"] for body in moments] == sorted(body["at"] for body in moments)
    signed = list(signoffs_checked())
    assert len(signed) >= 2, "an approval and a release"
    assert [each for each in signed if each.flaws] == []


@pytest.mark.django_db
def test_a_limit_that_is_drawn_for_longer_than_a_bureau_report_lasts_has_a_newer_one(
    bank: Bank, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOANFLOW_MODE = "demo"
    monkeypatch.setattr(lives, "pause", lambda _life, low, _high: dt.timedelta(days=low * 5))
    now, (branches, cast, products) = clock.now(), bank
    plan = Plan("", amounts=(Decimal(300_000),), term=12, kind="revolving", draws=2, strength=Decimal(2))
    life = Life(plan, firm(Random(3), 3, "JN"), branches["JN"], cast, products[False], Random(3), 3)
    _play([(working(now - dt.timedelta(days=60)), 1, lives.live(life))], now, lambda: None)
    old, new = BureauReport.objects.order_by("report_date")
    assert Drawdown.objects.count() == plan.draws
    assert (new.report_date - old.report_date).days > BUREAU_DAYS


@given(st.integers(0, 365 * 24 * 60), st.integers(2, 20))
def test_a_payment_begun_after_a_long_wait_is_prepared_and_released_on_one_day(minutes: int, hours: int) -> None:
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    verified = same_day(moment, dt.timedelta(hours=hours))
    prepared = same_day(verified, dt.timedelta(hours=1))
    released = same_day(prepared, dt.timedelta(hours=1))
    days = {each.astimezone(SHANGHAI).date() for each in (verified, prepared, released)}
    assert len(days) == 1
    assert all(working(each) == each for each in (verified, prepared, released))
    assert moment < verified < prepared < released


@pytest.mark.django_db
def test_a_renewal_settles_the_loan_it_replaces_out_of_its_own_money(bank: Bank, settings: Any) -> None:
    settings.LOANFLOW_MODE = "demo"
    now, (branches, cast, products) = clock.now(), bank
    plan = Plan("", amounts=(Decimal(200_000),), term=12, strength=Decimal(2))
    life = Life(plan, firm(Random(3), 3, "JN"), branches["JN"], cast, products[False], Random(3), 3)
    lives = [(working(now - dt.timedelta(days=60)), life)]
    with clock.at_home():
        begins = working(now - dt.timedelta(days=DAYS))
        _play([(lives[0][0], 0, live(life)), (begins, 1, renewal(lives, cast, products))], now, lambda: None)
    old, new = Loan.objects.order_by("id")
    assert (old.state, old.balance, old.case.state) == (LoanState.CLOSED, 0, State.COMPLETED)
    assert (new.state, new.case.state, new.case.borrower_id) == (LoanState.RUNNING, State.ACTIVE, old.case.borrower_id)
    assert Drawdown.objects.get(case=new.case).netted > 0


@pytest.mark.django_db
def test_an_auditor_from_outside_reads_what_their_engagement_names(bank: Bank, settings: Any) -> None:
    settings.LOANFLOW_MODE = "demo"
    branches, cast, _products = bank
    _engagements(cast, branches)
    [outside] = cast.accounts[OUTSIDE]
    live, waiting = Engagement.objects.order_by("pk")
    assert (live.agreed_at is None, waiting.agreed_at is None) == (False, True)
    assert bound_now([outside.person_id]) == {outside.person_id}
    assert [each.pk for each in engagements_live(outside.person_id)] == [live.pk]
