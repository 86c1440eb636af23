"""Payment files hold payee and account in clear: they go once the bank has answered, and when the borrower is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.access.roles import Role
from apps.audit.tags import Tag
from apps.borrowers.services import forget_approve, forget_ask
from apps.core import clock
from apps.core.actor import Actor
from apps.disbursement import channel, services
from apps.disbursement.models import Drawdown, PaymentOrder
from apps.disbursement.services.clearing import files_clear
from tests.accounts import factories as people
from tests.accounts.log import count, newest
from tests.disbursement import factories, worlds
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World

pytestmark = pytest.mark.django_db
CLOCK = Actor.system("clock", channel="task")
ACCOUNT = b"6222021234567894419"


@pytest.fixture
def sent(outbox: Path) -> tuple[World, PaymentOrder]:
    """A payment whose file lies in the bank's folder."""
    world = worlds.payout()
    drawdown = factories.released(world.actor("maker"), world.actor("checker"), world.case, payee=world.payee)
    order = services.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    return world, order


def answered(world: World, order: PaymentOrder, answer: str) -> Drawdown:
    """The bank's answer, entered by the post-loan officer."""
    return services.bank_answer(
        actor=world.actor("keeper"), drawdown=order.drawdown,
        answer=answer, value_on=clock.today() if answer == "paid" else None, bank_reference="B1",
    )  # fmt: skip


@pytest.mark.parametrize("answer", ["paid", "rejected"])
def test_the_file_goes_with_the_banks_answer(
    sent: tuple[World, PaymentOrder], outbox: Path, answer: str, django_capture_on_commit_callbacks: Any
) -> None:
    world, order = sent
    assert ACCOUNT in (outbox / order.file_name).read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        answered(world, order, answer)
    assert not [each for each in outbox.iterdir() if each.read_bytes()]
    assert services.order_send(actor=BANK, order=order).sent_at is not None
    assert channel.names() == []


def test_while_the_bank_has_not_answered_the_file_stays(sent: tuple[World, PaymentOrder], outbox: Path) -> None:
    assert files_clear(CLOCK) == 0
    assert channel.names() == [sent[1].file_name]


def test_what_was_left_lying_is_erased_by_the_clock_on_record(
    sent: tuple[World, PaymentOrder], outbox: Path, django_capture_on_commit_callbacks: Any
) -> None:
    world, order = sent
    answered(world, order, "paid")  # nothing commits in this test, so the file stays
    assert channel.names() == [order.file_name]
    (outbox / "stranger.xml").write_bytes(b"not ours")
    with django_capture_on_commit_callbacks(execute=True):
        assert files_clear(CLOCK) == 1
    assert channel.names() == ["stranger.xml"]
    told = newest(Tag.ORDER_FILE_ERASED)
    assert (told["case"], told["note"]) == (world.case.number, {"file": order.file_name})
    assert files_clear(CLOCK) == 0
    assert count(Tag.ORDER_FILE_ERASED) == 1


def test_forgetting_the_borrower_takes_the_file_with_it(
    sent: tuple[World, PaymentOrder],
    outbox: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    world, _order = sent
    monkeypatch.setattr("apps.borrowers.keeping.keepers", {})
    asked = forget_ask(
        actor=people.actor_for(people.staff(Role.COMPLIANCE_OFFICER)), borrower=world.case.borrower, cause="due"
    )
    with django_capture_on_commit_callbacks(execute=True):
        forget_approve(actor=people.actor_for(people.staff(Role.HEAD_OF_CREDIT)), request=asked)
    assert channel.names() == []
    assert newest(Tag.BORROWER_FORGOTTEN)["note"]["payment_files"] == 1
