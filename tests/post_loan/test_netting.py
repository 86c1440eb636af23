"""A renewal: the new loan's payment keeps back what settles the old one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.errors import BadInput, Refused
from apps.disbursement import services as payments
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.selectors.paying import paying_account
from apps.disbursement.services.preparing import Draw
from apps.post_loan.models import Loan, Repayment
from apps.post_loan.services import repayment_post
from apps.workflow.models import Facility
from tests.accounts import factories as people
from tests.disbursement import worlds
from tests.disbursement.factories import BANK, account_verified, without
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.post_loan.factories import entered, loan_of, needed
from tests.worlds import once_a_module


@dataclass(frozen=True)
class Renewal:
    """A case with a running loan, and another in payout whose facility replaces the first one's."""

    old: World
    new: World


def build() -> Renewal:
    """Two cases; the second one's facility is made to replace the first one's and to be larger."""
    old, new = factories.running(), worlds.payout()
    facility = new.case.facilities.get()
    with act(actor=people.SETUP):
        facility.replaces, facility.kind = old.case.facilities.get(), "renewal"
        facility.approved_amount = (facility.approved_amount or Decimal(0)) + 500_000
        facility.save()
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    return Renewal(old, new)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def facility(world: Renewal) -> Facility:
    """The new facility."""
    return world.new.case.facilities.select_related("replaces").get()


def prepare(world: Renewal, amount: Decimal | None = None) -> Drawdown:
    """A payment of the new facility, of all of it unless said otherwise."""
    draw = Draw(facility(world), amount or facility(world).approved_amount or Decimal(0), world.new.payee, "Renewal")  # type: ignore[arg-type]
    return payments.payment_prepare(
        actor=world.new.actor("maker"), case=world.new.case, version=world.new.case.version, draw=draw
    )


def release(world: Renewal, drawdown: Drawdown) -> PaymentOrder:
    """The payment released and sent."""
    payments.payment_release(actor=world.new.actor("checker"), drawdown=drawdown, version=world.new.case.version)
    return payments.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))


def answer(world: Renewal, drawdown: Drawdown, what: str = "paid") -> None:
    """The bank's answer today."""
    payments.bank_answer(actor=BANK, drawdown=drawdown, answer=what, value_on=clock.today(), bank_reference="B-1")


def test_the_order_pays_what_is_left_after_the_old_loan(world: Renewal):
    quoted, drawdown = needed(loan_of(world.old)), prepare(world)
    assert (drawdown.netted, drawdown.netted_on) == (quoted, clock.today())
    assert PaymentOrder.objects.get(drawdown=drawdown).amount == drawdown.amount - quoted


def test_the_confirmation_opens_the_new_loan_and_settles_the_old(world: Renewal):
    drawdown = prepare(world)
    order = release(world, drawdown)
    answer(world, drawdown)
    old, new = loan_of(world.old), Loan.objects.get(drawdown_uuid=drawdown.uuid)
    assert (old.state, old.balance, old.settled_on) == ("settled", 0, clock.today())
    assert (new.principal, new.state) == (drawdown.amount, "running")
    repayment = Repayment.objects.get(loan=old)
    assert (repayment.amount, repayment.reference_text, repayment.state) == (drawdown.netted, new.number, "posted")
    assert (repayment.entered_by_id, repayment.checked_by_id) == (order.maker_id, order.checker_id)


def test_with_a_later_answer_the_old_loan_is_settled_on_the_day_that_was_quoted(world: Renewal):
    drawdown, day = prepare(world), clock.today()
    release(world, drawdown)
    with clock.at(clock.now() + dt.timedelta(days=3)):
        answer(world, drawdown)
    assert loan_of(world.old).settled_on == day


@pytest.mark.parametrize("short", [Decimal("0.01"), Decimal(1000)])
def test_a_payment_that_does_not_even_settle_the_old_loan_is_not_prepared(world: Renewal, short: Decimal):
    with pytest.raises(BadInput, match="draw at least that"):
        prepare(world, needed(loan_of(world.old)) - short)


def booked(world: Renewal) -> Drawdown:
    """An equal roll-over, released: nothing goes to the bank."""
    drawdown = prepare(world, needed(loan_of(world.old)))
    return payments.payment_release(actor=world.new.actor("checker"), drawdown=drawdown, version=world.new.case.version)


def test_an_equal_roll_over_is_settled_in_the_books_by_its_release(world: Renewal, outbox: Path):
    quoted = needed(loan_of(world.old))
    drawdown = booked(world)
    old, new = loan_of(world.old), Loan.objects.get(drawdown_uuid=drawdown.uuid)
    order = PaymentOrder.objects.get(drawdown=drawdown)
    assert (drawdown.state, drawdown.netted, drawdown.value_on) == (DrawdownState.PAID, quoted, clock.today())
    assert (old.state, old.balance, new.state, new.principal) == ("settled", 0, "running", quoted)
    assert (order.amount, order.sha256, order.sent_at, order.paying_account) == (0, "", None, None)
    assert (order.maker_id, order.checker_id) == (
        world.new.accounts["maker"].person_id,
        world.new.accounts["checker"].person_id,
    )
    assert world.new.case.state == "active"
    assert not outbox.exists()
    assert AuditEvent.objects.filter(action="disbursement.order_booked").count() == 1


def test_it_is_settled_exactly_once(world: Renewal):
    drawdown = booked(world)
    with pytest.raises(Refused, match="not waiting for release"):
        payments.payment_release(actor=world.new.actor("checker"), drawdown=drawdown, version=world.new.case.version)
    with pytest.raises(Refused, match="Only a released order"):
        payments.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    with pytest.raises(Refused, match="an order that was sent"):
        answer(world, drawdown)
    assert (Loan.objects.filter(drawdown_uuid=drawdown.uuid).count(), Repayment.objects.count()) == (1, 1)


def test_who_prepared_a_roll_over_does_not_release_it(world: Renewal):
    drawdown = prepare(world, needed(loan_of(world.old)))
    with pytest.raises(Refused):
        payments.payment_release(actor=world.new.actor("maker"), drawdown=drawdown, version=world.new.case.version)
    assert loan_of(world.old).state == "running"


def test_a_roll_over_needs_no_paying_account_but_an_own_account_of_the_borrower(world: Renewal):
    with without(paying_account("CNY")):
        assert booked(world).state == DrawdownState.PAID


def test_a_roll_over_is_not_paid_to_a_supplier(world: Renewal):
    supplier = account_verified(world.new.case, supplier=True, number="6222021234567894425")
    draw = Draw(facility(world), needed(loan_of(world.old)), supplier, "Renewal")
    with pytest.raises(BadInput, match="own account"):
        payments.payment_prepare(
            actor=world.new.actor("maker"), case=world.new.case, version=world.new.case.version, draw=draw
        )


def test_a_roll_over_of_another_day_is_prepared_anew(world: Renewal):
    drawdown = prepare(world, needed(loan_of(world.old)))
    with clock.at(clock.now() + dt.timedelta(days=2)), pytest.raises(Refused) as refused:
        payments.payment_release(actor=world.new.actor("checker"), drawdown=drawdown, version=world.new.case.version)
    assert refused.value.guard == "netting"


def test_the_checker_reads_that_nothing_goes_to_the_bank(world: Renewal):
    drawdown, client = prepare(world, needed(loan_of(world.old))), Client()
    people.signed_in(client, world.new.accounts["checker"])
    page = client.get(reverse("disbursement:release", args=[world.new.at.number, drawdown.pk])).content.decode()
    assert "Nothing goes to the bank" in page
    assert "Settle in the books" in page


def test_a_figure_that_has_changed_is_not_released(world: Renewal):
    drawdown = prepare(world)
    factories.posted(world.old, Decimal(1000))
    with pytest.raises(Refused) as refused:
        release(world, drawdown)
    assert refused.value.guard == "netting"
    payments.payment_cancel(actor=world.new.actor("maker"), drawdown=drawdown)
    release(world, prepare(world))


def test_interest_of_another_day_is_not_released(world: Renewal):
    drawdown = prepare(world)
    with clock.at(clock.now() + dt.timedelta(days=2)), pytest.raises(Refused) as refused:
        release(world, drawdown)
    assert refused.value.guard == "netting"


def test_while_the_payment_is_on_its_way_the_old_loan_takes_no_posting(world: Renewal):
    waiting = entered(world.old.actor("keeper"), loan_of(world.old), Decimal(100))
    drawdown = prepare(world)
    release(world, drawdown)
    with pytest.raises(Refused) as refused:
        repayment_post(actor=world.old.actor("lead"), repayment=waiting)
    assert refused.value.guard == "netting"
    answer(world, drawdown, "rejected")
    assert repayment_post(actor=world.old.actor("lead"), repayment=waiting).state == "posted"


def test_only_one_payment_at_a_time_settles_the_old_loan(world: Renewal):
    prepare(world, needed(loan_of(world.old)) + 1000)
    with pytest.raises(Refused, match="Another payment settles the old loan"):
        prepare(world, needed(loan_of(world.old)) + 1000)


def test_once_the_old_loan_is_settled_further_payments_are_whole(world: Renewal):
    drawdown = prepare(world, needed(loan_of(world.old)) + 1000)
    release(world, drawdown)
    answer(world, drawdown)
    second = prepare(world, Decimal(1000))
    assert (second.netted, second.netted_on) == (0, None)


def test_a_rejected_payment_leaves_the_old_loan_as_it_was(world: Renewal):
    before, drawdown = loan_of(world.old).balance, prepare(world)
    release(world, drawdown)
    answer(world, drawdown, "rejected")
    drawdown.refresh_from_db()
    assert (drawdown.state, loan_of(world.old).balance) == (DrawdownState.REJECTED, before)


def test_what_was_kept_back_and_no_longer_fits_stops_the_confirmation_whole(world: Renewal):
    drawdown = prepare(world)
    release(world, drawdown)
    with act(actor=people.SETUP):
        row = Drawdown.objects.get(pk=drawdown.pk)
        row.netted = row.netted - 1
        row.save(update_fields=["netted"])
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    with pytest.raises(Refused, match="a person has to look"):
        answer(world, drawdown)
    assert loan_of(world.old).state == "running"
    assert not Loan.objects.filter(drawdown_uuid=drawdown.uuid).exists()


def test_a_facility_that_replaces_nothing_keeps_nothing_back(world: Renewal):
    one = facility(world)
    with act(actor=people.SETUP):
        one.replaces = None
        one.save(update_fields=["replaces"])
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    assert prepare(world).netted == 0
