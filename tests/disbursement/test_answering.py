"""The bank's answers: by hand and by file, once each, by somebody else than the maker."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.core import clock
from apps.core.errors import BadInput, NotVisible, Refused, Unavailable
from apps.disbursement import ports, services
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.selectors import room_of
from apps.disbursement.services.answering import Outcome, bank_answers_take
from apps.post_loan.models import Loan
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
HEADING = "end_to_end_id,status,value_on,bank_reference\n"


@pytest.fixture
def paying(world: World) -> Drawdown:
    """Return a payment that was sent to the bank."""
    return sent(world)


def sent(world: World, amount: Decimal = Decimal(50_000)) -> Drawdown:
    """A payment of an amount that was sent to the bank."""
    drawdown = factories.prepared(world.actor("maker"), world.case, amount, world.payee)
    services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)
    services.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    return Drawdown.objects.select_related("order", "case").get(pk=drawdown.pk)


def answer(world: World, drawdown: Drawdown, what: str = "paid", **given: Any) -> Drawdown:
    """An answer entered by the post-loan officer."""
    facts: dict[str, Any] = {"actor": world.actor("keeper"), "value_on": clock.today(), "bank_reference": "B-1"}
    return services.bank_answer(drawdown=drawdown, answer=what, **{**facts, **given})


def take(world: World, *lines: str, actor: Any = None) -> list[Any]:
    """What became of the lines of a file."""
    content = (HEADING + "\n".join(lines) + "\n").encode()
    return bank_answers_take(actor=actor or world.actor("keeper"), content=content)


def test_the_first_paid_order_makes_the_case_active_and_opens_its_loan(world: World, paying: Drawdown):
    answer(world, paying)
    paying.refresh_from_db()
    loan = Loan.objects.get(drawdown_uuid=paying.uuid)
    assert (paying.state, paying.value_on, world.case.state) == (DrawdownState.PAID, clock.today(), "active")
    assert (loan.principal, loan.paid_out_on) == (paying.amount, clock.today())


def test_a_second_paid_order_opens_a_second_loan_of_the_active_case(world: World, paying: Drawdown):
    answer(world, paying)
    answer(world, sent(world, Decimal(1000)), bank_reference="B-2")
    assert Loan.objects.filter(case=world.case).count() == 2
    assert world.case.state == "active"


def test_a_rejected_order_gives_its_room_back(world: World, paying: Drawdown):
    facility = world.case.facilities.get()
    room = room_of(facility)
    answer(world, paying, "rejected", value_on=None)
    assert room_of(facility) == room + paying.amount
    assert not Loan.objects.filter(case=world.case).exists()
    assert world.case.state == "payout"


@pytest.mark.parametrize("what", ["paid", "rejected"])
def test_an_order_is_answered_once(world: World, paying: Drawdown, what: str):
    answer(world, paying)
    with pytest.raises(Refused, match="only answer an order that was sent"):
        answer(world, paying, what)


def test_an_order_that_was_not_sent_is_not_answered(world: World):
    drawdown = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    with pytest.raises(Refused, match="was sent"):
        answer(world, drawdown)


def test_the_maker_does_not_enter_the_answer_whatever_roles_they_hold(world: World):
    both = people.actor_for(people.staff(["payment_maker", "post_loan_officer"], world.at.branch))
    drawdown = factories.prepared(both, world.case, Decimal(1000), world.payee)
    services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)
    services.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    for what in ("paid", "rejected"):
        with pytest.raises(Refused) as refused:
            answer(world, drawdown, what, actor=both)
        assert refused.value.guard == "another_person"


@pytest.mark.parametrize("who", ["officer", "lead", "maker", "checker", "reviewer", "auditor"])
def test_only_the_post_loan_officer_enters_answers(world: World, paying: Drawdown, who: str):
    with pytest.raises(Refused):
        answer(world, paying, actor=world.actor(who))


@pytest.mark.parametrize(
    ("what", "given", "field"),
    [
        ("paid", {"value_on": None}, "value_on"),
        ("paid", {"bank_reference": "  "}, "bank_reference"),
        ("Paid!", {}, "answer"),
        ("", {}, "answer"),
    ],
)
def test_half_an_answer_is_no_answer(world: World, paying: Drawdown, what: str, given: dict[str, Any], field: str):
    with pytest.raises(BadInput) as wrong:
        answer(world, paying, what, **given)
    assert set(wrong.value.errors) == {field}
    paying.refresh_from_db()
    assert paying.state == DrawdownState.PAYING


@pytest.mark.parametrize("days", [-30, -2, 1, 400])
def test_the_value_date_lies_between_release_and_today(world: World, paying: Drawdown, days: int):
    with pytest.raises(BadInput) as wrong:
        answer(world, paying, value_on=clock.today() + dt.timedelta(days=days))
    assert set(wrong.value.errors) == {"value_on"}


def test_interest_runs_from_the_value_date(world: World, paying: Drawdown):
    with clock.at(clock.now() + dt.timedelta(days=4)):
        answer(world, paying, value_on=clock.today() - dt.timedelta(days=2))
        assert Loan.objects.get(drawdown_uuid=paying.uuid).paid_out_on == clock.today() - dt.timedelta(days=2)


def test_without_anybody_to_open_the_loan_nothing_is_confirmed(
    world: World, paying: Drawdown, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "_on_paid", [])
    with pytest.raises(Unavailable):
        answer(world, paying)
    paying.refresh_from_db()
    assert paying.state == DrawdownState.PAYING


def test_a_file_is_taken_line_by_line(world: World, paying: Drawdown):
    other = sent(world, Decimal(1000))
    results = take(
        world,
        f"{paying.order.end_to_end_id},paid,{clock.today()},B-1",
        f"{other.order.end_to_end_id},rejected,,B-2",
        f"{'0' * 32},paid,{clock.today()},B-3",
        f"{paying.order.end_to_end_id},paid,yesterday,B-1",
        ",,,",
    )
    assert [each.outcome for each in results] == [Outcome.TAKEN, Outcome.TAKEN, *[Outcome.REFUSED] * 3]
    assert [str(each.words) for each in results[2:]] == [
        "There is no such order.", "The value date is not a day like 2026-01-31.", "There is no such order."]  # fmt: skip
    assert set(Drawdown.objects.filter(pk__in=[paying.pk, other.pk]).values_list("state", flat=True)) == {
        "paid",
        "rejected",
    }


def test_the_same_file_again_changes_nothing(world: World, paying: Drawdown):
    other = sent(world, Decimal(1000))
    lines = [f"{paying.order.end_to_end_id},paid,{clock.today()},B-1", f"{other.order.end_to_end_id},rejected,,B-2"]
    take(world, *lines)
    version = world.case.version
    assert [each.outcome for each in take(world, *lines)] == [Outcome.KNOWN] * 2
    assert world.case.version == version
    assert Loan.objects.filter(case=world.case).count() == 1


@pytest.mark.parametrize("line", ["{id},rejected,,B-1", "{id},paid,{day},B-9", "{id},PAID,{before},B-1"])
def test_a_line_that_contradicts_what_was_taken_is_named(world: World, paying: Drawdown, line: str):
    answer(world, paying)
    before = clock.today() - dt.timedelta(days=1)
    found = take(world, line.format(id=paying.order.end_to_end_id, day=clock.today(), before=before))
    assert [each.outcome for each in found] == [Outcome.REFUSED]


def test_orders_of_another_branch_are_not_even_confirmed_to_exist(world: World, paying: Drawdown):
    stranger = borrowers.actor_of("post_loan_officer", people.branch("FAR"))
    found = take(world, f"{paying.order.end_to_end_id},paid,{clock.today()},B-1", actor=stranger)
    assert [str(each.words) for each in found] == ["There is no such order."]
    with pytest.raises(NotVisible):
        answer(world, paying, actor=stranger)


def test_the_command_takes_a_file_and_ends_badly_when_a_line_is_not_taken(
    world: World, paying: Drawdown, tmp_path: Path
):
    file, said, wrong = tmp_path / "answers.csv", io.StringIO(), io.StringIO()
    file.write_text(HEADING + f"{paying.order.end_to_end_id},paid,{clock.today()},B-1\n")
    call_command("bank_answers", str(file), stdout=said)
    assert said.getvalue() == "1 taken, 0 known, 0 refused\n"
    file.write_text(HEADING + "nothing,paid,,\n")
    with pytest.raises(CommandError, match="1 lines were not taken"):
        call_command("bank_answers", str(file), stdout=said, stderr=wrong)
    assert wrong.getvalue() == "line 2, order nothing: There is no such order.\n"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n"])
def test_the_command_says_in_words_what_is_no_such_file(tmp_path: Path, content: bytes):
    file = tmp_path / "answers.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("bank_answers", str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("bank_answers", str(tmp_path / "none.csv"))
