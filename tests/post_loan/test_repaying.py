"""Loans opened, repaid by maker and checker, late, settled."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale
from apps.core.schedules import schedule
from apps.post_loan import process, services
from apps.post_loan.models import LedgerEntry, Loan, Repayment
from apps.post_loan.process import LoanEvent, LoanState
from apps.post_loan.selectors import days_late, loan_page
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.post_loan.factories import entered, loan_of, needed, posted, rows_of, settled
from tests.worlds import once_a_module

world = once_a_module(factories.running)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def ledger(loan: Loan) -> list[tuple[str, Decimal, Decimal]]:
    """Movements: what, how much, and the principal after it."""
    return list(LedgerEntry.objects.filter(loan=loan).order_by("id").values_list("kind", "amount", "balance"))


def put(row: Any, **values: Any) -> None:
    """Change a row behind the services' back."""
    with act(actor=people.SETUP):
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)


def test_a_loan_opens_with_the_approved_terms_and_a_schedule_that_repays_it(world: World):
    loan, facility = loan_of(world), world.case.facilities.get()
    rows = rows_of(loan)
    assert (loan.rate, loan.term_months, loan.method) == (
        facility.approved_rate,
        facility.approved_term,
        facility.repayment,
    )
    assert (len(rows), sum(row.principal for row in rows)) == (loan.term_months, loan.principal)
    assert (loan.balance, loan.next_due_on, loan.state) == (loan.principal, rows[0].due_on, LoanState.RUNNING)
    assert ledger(loan) == [("payout", loan.principal, loan.principal)]


@pytest.mark.parametrize(("days_left", "months"), [(0, 3), (100, 6), (3650, 24)])
def test_a_draw_on_a_limit_ends_with_the_limit_and_the_pages_say_so(world: World, days_left: int, months: int):
    facility = world.case.facilities.get()
    put(facility, kind="revolving", available_until=clock.today() + dt.timedelta(days=days_left))
    with act(actor=BANK):
        loan = services.loan_open(
            actor=BANK, facility=facility, drawdown_uuid=uuid.uuid4(), amount=Decimal(1000), value_on=clock.today()
        )
    expected = min(months, facility.approved_term or 0)
    assert (loan.term_months, len(rows_of(loan))) == (expected, expected)
    client = Client()
    people.signed_in(client, world.accounts["maker"])
    page = client.get(reverse("disbursement:payments", args=[world.at.number])).content.decode()
    assert f"a draw paid today runs {expected} months" in page
    assert "is repaid by" in client.get(reverse("disbursement:prepare", args=[world.at.number])).content.decode()


def test_the_same_payment_opens_one_loan(world: World):
    loan = loan_of(world)
    facts = {
        "facility": loan.facility,
        "drawdown_uuid": loan.drawdown_uuid,
        "amount": loan.principal,
        "value_on": clock.today(),
    }
    assert services.loan_open(actor=BANK, **facts) == loan


def test_no_person_opens_a_loan(world: World):
    loan = loan_of(world)
    with pytest.raises(Refused, match="Only a confirmed payment"):
        services.loan_open(
            actor=world.actor("keeper"),
            facility=loan.facility,
            drawdown_uuid=uuid.uuid4(),
            amount=Decimal(1),
            value_on=clock.today(),
        )


def test_a_facility_without_terms_opens_no_loan(world: World):
    facility = loan_of(world).facility
    facility.approved_rate = None
    with pytest.raises(Refused) as refused:
        services.loan_open(
            actor=BANK, facility=facility, drawdown_uuid=uuid.uuid4(), amount=Decimal(1), value_on=clock.today()
        )
    assert refused.value.guard == "terms"


def test_entering_moves_nothing_until_another_person_posts(world: World):
    loan, first = loan_of(world), rows_of(loan_of(world))[0]
    repayment = entered(world.actor("keeper"), loan, first.principal + first.interest)
    assert loan_of(world).balance == loan.principal
    services.repayment_post(actor=world.actor("lead"), repayment=repayment)
    now = loan_of(world)
    assert now.balance == loan.principal - first.principal
    assert now.next_due_on == rows_of(now)[1].due_on
    assert ledger(now)[1:] == [
        ("interest", first.interest, loan.principal),
        ("principal", first.principal, now.balance),
    ]
    assert [part["number"] for part in Repayment.objects.get(pk=repayment.pk).allocation] == [1]


def test_nobody_checks_what_they_entered_whatever_roles_they_hold(world: World):
    both = people.actor_for(people.staff(["post_loan_officer", "team_lead"], world.at.branch))
    repayment = entered(both, loan_of(world), Decimal(100))
    for decide in (services.repayment_post, services.repayment_reject):
        with pytest.raises(Refused) as refused:
            decide(actor=both, repayment=repayment)
        assert refused.value.guard == "another_person"
    assert loan_of(world).balance == loan_of(world).principal


@pytest.mark.unrecorded  # the database refuses before an event could speak of it
def test_the_database_holds_four_eyes_and_amounts_too(world: World):
    repayment = entered(world.actor("keeper"), loan_of(world), Decimal(100))
    for change, name in (
        ({"checked_by_id": repayment.entered_by_id}, "repayment_four_eyes"),
        ({"amount": Decimal(0)}, "repayment_positive"),
    ):
        row = Repayment.objects.get(pk=repayment.pk)
        for field, value in change.items():
            setattr(row, field, value)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Repayment._base_manager.bulk_update([row], ["checked_by", "amount"])


@pytest.mark.unrecorded
@pytest.mark.parametrize(
    ("field", "value"), [("balance", Decimal(-1)), ("balance", Decimal(10**12)), ("principal", Decimal(0))]
)
def test_a_balance_stays_between_nothing_and_the_principal(world: World, field: str, value: Decimal):
    loan = loan_of(world)
    setattr(loan, field, value)
    with pytest.raises(IntegrityError, match="loan_balance"), transaction.atomic():
        Loan._base_manager.bulk_update([loan], [field])


@pytest.mark.unrecorded
@pytest.mark.parametrize("field", ["paid_principal", "paid_interest"])
def test_no_instalment_is_overpaid(world: World, field: str):
    row = rows_of(loan_of(world))[0]
    setattr(row, field, Decimal(10**9))
    with pytest.raises(IntegrityError, match="instalment_not_overpaid"), transaction.atomic():
        type(row)._base_manager.bulk_update([row], [field])


@pytest.mark.parametrize("who", ["officer", "lead", "maker", "checker", "reviewer", "auditor"])
def test_only_the_post_loan_officer_enters(world: World, who: str):
    with pytest.raises(Refused, match="role"):
        entered(world.actor(who), loan_of(world), Decimal(100))


@pytest.mark.parametrize("who", ["officer", "keeper", "maker", "checker", "reviewer", "auditor"])
def test_only_the_lead_posts_or_rejects(world: World, who: str):
    repayment = entered(world.other("keeper"), loan_of(world), Decimal(100))
    for decide in (services.repayment_post, services.repayment_reject):
        with pytest.raises(Refused, match="role"):
            decide(actor=world.actor(who), repayment=repayment)


def test_a_colleague_of_another_branch_sees_no_loan(world: World):
    with pytest.raises(NotVisible):
        entered(borrowers.actor_of("post_loan_officer", people.branch("FAR")), loan_of(world), Decimal(100))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-5)}, "amount"),
        ({"amount": Decimal("1.001")}, "amount"),
        ({"days": 1}, "value_on"),
        ({"days": -1}, "value_on"),
        ({"reference": "  "}, "reference"),
    ],
)
def test_wrong_repayments_are_named_by_field(world: World, given: dict[str, Any], field: str):
    on = clock.today() + dt.timedelta(days=given.pop("days", 0))
    with pytest.raises(BadInput) as wrong:
        entered(world.actor("keeper"), loan_of(world), given.pop("amount", Decimal(100)), on=on, **given)
    assert set(wrong.value.errors) == {field}


def test_a_reference_is_entered_once_until_it_was_rejected(world: World):
    repayment = entered(world.actor("keeper"), loan_of(world), Decimal(100), reference="R-7")
    with pytest.raises(BadInput, match="reference has been entered already"):
        entered(world.actor("keeper"), loan_of(world), Decimal(100), reference=" R-7 ")
    services.repayment_reject(actor=world.actor("lead"), repayment=repayment)
    assert entered(world.actor("keeper"), loan_of(world), Decimal(100), reference="R-7").pk


def test_a_stale_page_enters_nothing(world: World):
    loan = loan_of(world)
    posted(world, Decimal(100))
    with pytest.raises(Stale):
        services.repayment_enter(
            actor=world.actor("keeper"),
            loan=loan,
            version=loan.version,
            amount=Decimal(1),
            value_on=clock.today(),
            reference="R-2",
        )


@pytest.mark.parametrize("decide", [services.repayment_post, services.repayment_reject])
def test_a_repayment_is_dealt_with_once(world: World, decide: Any):
    repayment = posted(world, Decimal(100))
    with pytest.raises(Refused, match="dealt with already"):
        decide(actor=world.other("lead"), repayment=repayment)
    assert loan_of(world).ledger.count() == 2


def test_more_than_the_whole_loan_needs_is_not_posted(world: World):
    whole = sum((row.principal + row.interest for row in rows_of(loan_of(world))), Decimal(0))
    first, second = (
        entered(world.actor("keeper"), loan_of(world), whole - 1, reference=each) for each in ("R-1", "R-2")
    )
    services.repayment_post(actor=world.actor("lead"), repayment=first)
    with pytest.raises(BadInput, match="more than the whole loan needs"):
        services.repayment_post(actor=world.actor("lead"), repayment=second)
    assert loan_of(world).balance == 1


@pytest.mark.parametrize("settles", [False, True])
def test_more_than_is_owed_is_not_even_entered(world: World, settles: bool):
    whole = sum((row.principal + row.interest for row in rows_of(loan_of(world))), Decimal(0))
    with pytest.raises(BadInput, match="more than is owed") as wrong:
        entered(world.actor("keeper"), loan_of(world), whole + Decimal("0.01"), settles=settles)
    assert set(wrong.value.errors) == {"amount"}
    assert not Repayment.objects.exists()


def test_all_instalments_paid_settle_the_loan(world: World):
    whole = sum((row.principal + row.interest for row in rows_of(loan_of(world))), Decimal(0))
    posted(world, whole)
    loan = loan_of(world)
    assert (loan.state, loan.balance, loan.next_due_on, loan.settled_on) == (LoanState.SETTLED, 0, None, clock.today())
    assert list(AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:2]) == [
        "post_loan.settled",
        "post_loan.repayment_posted",
    ]


def test_early_settlement_takes_exactly_the_quote_of_its_day(world: World):
    with clock.at(clock.now() + dt.timedelta(days=45)):
        quoted = needed(loan_of(world))
        for wrong in (quoted - Decimal("0.01"), quoted + Decimal("0.01")):
            repayment = entered(world.actor("keeper"), loan_of(world), wrong, settles=True, reference=f"S-{wrong}")
            with pytest.raises(BadInput, match="settle the loan"):
                services.repayment_post(actor=world.actor("lead"), repayment=repayment)
        loan = settled(world)
    assert (loan.state, loan.balance, loan.arrears_since) == (LoanState.SETTLED, 0, None)
    moved = {kind: amount for kind, amount, _balance in ledger(loan)}
    assert moved["principal"] == loan.principal
    assert moved["interest"] + moved["principal"] == quoted
    assert moved["interest"] + moved["interest_waived"] == sum(
        (Decimal(part) for part in original_interest(world)), Decimal(0)
    )
    assert all(row.as_due().open_total == 0 for row in rows_of(loan))


def test_interest_paid_ahead_is_given_back_with_an_early_settlement(world: World):
    first = rows_of(loan_of(world))[0]
    posted(world, first.interest, reference="R-AHEAD")
    assert needed(loan_of(world)) == loan_of(world).principal - first.interest
    loan = settled(world)
    assert (loan.state, loan.balance) == (LoanState.SETTLED, 0)
    assert [kind for kind, _amount, _balance in ledger(loan)] == [
        "payout",
        "interest",
        "interest_back",
        "principal",
        "interest_waived",
    ]
    assert sum(Repayment.objects.filter(loan=loan).values_list("amount", flat=True)) == loan.principal


def original_interest(world: World) -> list[Decimal]:
    """Interest of the loan's schedule as it was opened."""
    loan = loan_of(world)
    rows = schedule(
        loan.principal,
        loan.rate,
        loan.paid_out_on,
        loan.term_months,
        method=loan.method,
        day_count=loan.day_count,
        currency=loan.currency,
    )
    return [row.interest for row in rows]


def test_a_settled_loan_takes_nothing_more(world: World):
    waiting = entered(world.actor("keeper"), loan_of(world), Decimal(5), reference="R-W")
    settled(world)
    with pytest.raises(IllegalTransition):
        entered(world.actor("keeper"), loan_of(world), Decimal(1), reference="R-8")
    with pytest.raises(IllegalTransition):
        services.repayment_post(actor=world.actor("lead"), repayment=waiting)


def test_lateness_is_counted_by_the_day(world: World):
    loan = loan_of(world)
    first = rows_of(loan)[0]
    for days, late in ((0, 0), (1, 1), (17, 17)):
        with clock.at(dt.datetime.combine(first.due_on, dt.time(4), dt.UTC) + dt.timedelta(days=days)):
            shown = loan_page(world.actor("lead"), loan_of(world))
            assert (days_late(loan_of(world)), shown["dpd"]) == (late, late)
            assert (shown["arrears"] > 0) == (late > 0)


def test_a_part_payment_stays_late_and_the_rest_ends_it(world: World):
    first = rows_of(loan_of(world))[0]
    with clock.at(dt.datetime.combine(first.due_on, dt.time(4), dt.UTC) + dt.timedelta(days=10)):
        posted(world, first.interest, reference="R-2")
        assert (loan_of(world).arrears_since, days_late(loan_of(world))) == (first.due_on, 10)
        posted(world, first.principal, reference="R-3")
        assert (loan_of(world).arrears_since, days_late(loan_of(world))) == (None, 0)


@pytest.mark.parametrize("which", ["case", "borrower"])
def test_nothing_is_entered_or_posted_while_frozen(world: World, which: str):
    repayment, case = entered(world.actor("keeper"), loan_of(world), Decimal(100)), world.case
    put(case, is_frozen=True) if which == "case" else put(case.borrower, frozen=True)
    for attempt in (
        lambda: entered(world.actor("keeper"), loan_of(world), Decimal(5), reference="R-2"),
        lambda: services.repayment_post(actor=world.actor("lead"), repayment=repayment),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "frozen"


def test_the_table_of_loans_leads_from_payout_to_closing():
    assert {row.event for row in process.TABLE} == set(LoanEvent)
    assert process.find(LoanState.CLOSED, LoanEvent.ENTER) is None
    assert all(row.permission for row in process.TABLE if row.event not in {LoanEvent.OPEN, LoanEvent.SETTLE})
