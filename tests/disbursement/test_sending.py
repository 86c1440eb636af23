"""Sending: exactly once, whatever dies in between, and never against a freeze."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.errors import Refused, Unavailable
from apps.disbursement import channel, rules, services
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.selectors.payments import orders_stuck
from apps.disbursement.services import sending
from apps.disbursement.services.sending import order_claim, order_send, orders_resend
from apps.disbursement.tasks import send_order
from apps.monitoring import beside, rounds
from tests.accounts.factories import SETUP
from tests.disbursement import factories, worlds
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
LATER = dt.timedelta(minutes=6)


@pytest.fixture
def order(world: World) -> PaymentOrder:
    """Return a released order."""
    drawdown = factories.released(
        world.actor("maker"), world.actor("checker"), world.case, amount=Decimal(50_000), payee=world.payee
    )
    return PaymentOrder.objects.get(drawdown=drawdown)


def now(order: PaymentOrder) -> PaymentOrder:
    """The order as it stands."""
    return PaymentOrder.objects.select_related("drawdown").get(pk=order.pk)


def actions() -> list[str]:
    """Actions of the log, newest first."""
    return list(AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:6])


def put(row: Any, **values: Any) -> None:
    """Change a row behind the services' back."""
    with act(actor=SETUP):
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=[*values, *(f"{name}_index" for name in values if hasattr(row, f"{name}_index"))])
        record(Tag.BRANCH_CHANGED, actor=SETUP)


def test_a_released_order_lies_in_the_banks_folder(order: PaymentOrder, outbox: Path):
    order_send(actor=BANK, order=order)
    sent = now(order)
    content = (outbox / f"{order.end_to_end_id}.xml").read_bytes()
    assert rules.digest(content) == sent.sha256 == order.sha256
    assert (sent.drawdown.state, sent.attempts, sent.leased_until) == (DrawdownState.PAYING, 1, None)
    assert b"6222021234567894419" in content
    assert b"50000.00" in content
    assert actions()[:2] == ["disbursement.order_sent", "disbursement.order_claimed"]


def test_the_account_number_stands_nowhere_in_the_log(order: PaymentOrder):
    order_send(actor=BANK, order=order)
    assert not any("6222021234567894419" in str(body) for body in AuditEvent.objects.values_list("body", flat=True))


def test_sending_again_does_nothing(order: PaymentOrder, outbox: Path):
    order_send(actor=BANK, order=order)
    before = [(each.name, each.stat().st_mtime_ns) for each in outbox.iterdir()]
    order_send(actor=BANK, order=now(order))
    assert [(each.name, each.stat().st_mtime_ns) for each in outbox.iterdir()] == before
    assert now(order).attempts == 1


def test_the_task_sends_for_who_released(order: PaymentOrder):
    send_order.func(order.pk, "checker-1")
    assert now(order).sent_at is not None


def test_an_unreleased_order_is_not_sent(world: World, outbox: Path):
    drawdown = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    with pytest.raises(Refused, match="Only a released order"):
        order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    assert not outbox.exists()


@pytest.mark.parametrize("point", ["before the file", "after the file", "before the record"])
def test_a_crash_at_any_point_ends_in_one_file_and_one_record(
    order: PaymentOrder, outbox: Path, point: str, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        crash_at(point, patch)
        with pytest.raises(KeyboardInterrupt):
            order_send(actor=BANK, order=order)
    assert now(order).sent_at is None
    with clock.at(clock.now() + LATER):
        assert [(each.pk, problem) for each, problem in orders_resend(actor=BANK)] == [(order.pk, None)]
    assert [each.name for each in outbox.iterdir()] == [f"{order.end_to_end_id}.xml"]
    assert (now(order).drawdown.state, now(order).attempts) == (DrawdownState.PAYING, 2)
    assert actions().count("disbursement.order_sent") == 1


def crash_at(point: str, patch: pytest.MonkeyPatch) -> None:
    """Let the worker die; ``KeyboardInterrupt`` is what no handler takes for a refusal."""
    deliver = channel.deliver

    def dies(*_args: Any, **_kw: Any) -> None:
        raise KeyboardInterrupt

    def dies_after(name: str, content: bytes) -> None:
        deliver(name, content)
        raise KeyboardInterrupt

    target = {"before the file": (channel, "deliver", dies), "after the file": (channel, "deliver", dies_after)}
    where, name, how = target.get(point, (sending, "order_sent", dies))
    patch.setattr(where, name, how)


def test_while_one_worker_sends_another_is_refused(order: PaymentOrder):
    order_claim(actor=BANK, order=order)
    with pytest.raises(Refused) as refused:
        order_send(actor=BANK, order=order)
    assert refused.value.guard == "leased"
    with clock.at(clock.now() + LATER):
        assert order_send(actor=BANK, order=order).sent_at is not None


def test_a_file_with_other_bytes_is_doubt_for_a_person(order: PaymentOrder, outbox: Path):
    outbox.mkdir()
    (outbox / f"{order.end_to_end_id}.xml").write_bytes(b"<other/>")
    with pytest.raises(channel.OtherFile):
        order_send(actor=BANK, order=order)
    assert now(order).drawdown.state == DrawdownState.IN_DOUBT
    assert actions()[0] == "disbursement.order_in_doubt"
    with clock.at(clock.now() + LATER):
        assert orders_resend(actor=BANK) == []
        with pytest.raises(Refused, match="Only a released order"):
            order_send(actor=BANK, order=order)


@pytest.mark.parametrize("answer", ["paid", "rejected"])
def test_a_persons_answer_ends_the_doubt(world: World, order: PaymentOrder, outbox: Path, answer: str):
    test_a_file_with_other_bytes_is_doubt_for_a_person(order, outbox)
    services.bank_answer(
        actor=world.actor("keeper"),
        drawdown=order.drawdown,
        answer=answer,
        value_on=clock.today(),
        bank_reference="B-1",
    )
    assert now(order).drawdown.state == answer


def test_a_folder_that_is_away_leaves_the_order_waiting(order: PaymentOrder, outbox: Path):
    outbox.write_text("no folder")
    with pytest.raises(Unavailable):
        order_send(actor=BANK, order=order)
    assert now(order).drawdown.state == DrawdownState.RELEASED
    outbox.unlink()
    with clock.at(clock.now() + LATER):
        assert order_send(actor=BANK, order=order).sent_at is not None


@pytest.mark.parametrize(
    ("which", "values"),
    [
        ("order", {"amount": Decimal(60_000)}),
        ("order", {"sha256": "0" * 64}),
        ("order", {"sha256": ""}),
        ("order", {"currency": "USD"}),
        ("drawdown", {"amount": Decimal(40_000)}),
        ("payee", {"bank_name": "Another bank"}),
        ("payee", {"number": "6222021234567894435"}),
    ],
)
def test_what_was_altered_after_the_release_is_not_sent(
    order: PaymentOrder, outbox: Path, which: str, values: dict[str, Any]
):
    put({"order": order, "drawdown": order.drawdown, "payee": order.drawdown.payee}[which], **values)
    with pytest.raises(Refused) as refused:
        order_send(actor=BANK, order=order)
    assert refused.value.guard == "instruction"
    assert not outbox.exists()


@pytest.mark.parametrize("which", ["case", "borrower"])
def test_after_a_freeze_nothing_goes_out(world: World, order: PaymentOrder, outbox: Path, which: str):
    case = world.case
    put(case, is_frozen=True) if which == "case" else put(case.borrower, frozen=True)
    with pytest.raises(Refused) as refused:
        order_send(actor=BANK, order=now(order))
    assert refused.value.guard == "frozen"
    with clock.at(clock.now() + LATER):
        assert orders_resend(actor=BANK) == []
    put(case, is_frozen=False) if which == "case" else put(case.borrower, frozen=False)
    with clock.at(clock.now() + LATER):
        assert [problem for _order, problem in orders_resend(actor=BANK)] == [None]
    assert len(list(outbox.iterdir())) == 1


def test_rounds_leave_the_first_minute_to_the_task_and_leases_alone(order: PaymentOrder):
    assert not orders_stuck(older_than=sending.PATIENCE).exists()
    order_claim(actor=BANK, order=order)
    with clock.at(clock.now() + dt.timedelta(minutes=2)):
        assert not orders_stuck(older_than=sending.PATIENCE).exists()
    with clock.at(clock.now() + LATER):
        assert orders_stuck(older_than=sending.PATIENCE).count() == 1


def test_the_command_and_the_workers_rounds_send_what_lies(order: PaymentOrder, monkeypatch: pytest.MonkeyPatch):
    said = io.StringIO()
    with clock.at(clock.now() + LATER):
        call_command("orders_resend", stdout=said)
    assert said.getvalue() == f"{order.end_to_end_id}: sent\n"
    monkeypatch.setattr(beside, "connection", type("Kept", (), {"close": staticmethod(lambda: None)}))
    rounds.Rounds().turn()
    assert now(order).attempts == 1


def test_what_stops_an_order_does_not_stop_the_others(world: World, order: PaymentOrder, outbox: Path):
    second = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    services.payment_release(actor=world.actor("checker"), drawdown=second, version=world.case.version)
    put(order, sha256="0" * 64)
    with clock.at(clock.now() + LATER):
        found = orders_resend(actor=BANK)
    assert [type(problem).__name__ for _order, problem in found] == ["Refused", "NoneType"]
    assert len(list(outbox.iterdir())) == 1


def test_the_day_of_execution_is_the_institutions(world: World):
    night = (clock.now() + dt.timedelta(days=1)).replace(hour=17, minute=30)  # past midnight in China
    with clock.at(night):
        drawdown = factories.released(
            world.actor("maker"), world.actor("checker"), world.case, amount=Decimal(1000), payee=world.payee
        )
        order = PaymentOrder.objects.get(drawdown=drawdown)
    assert sending.instruction_of(order).execute_on == night.date() + dt.timedelta(days=1)
    assert Drawdown.objects.get(pk=drawdown.pk).netted == 0
