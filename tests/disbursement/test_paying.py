"""The institution's paying accounts: two people set one, payments need it, a replaced one pays nothing more."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.disbursement import services
from apps.disbursement.models import PayingAccount, PaymentOrder
from apps.disbursement.selectors.paying import paying_account
from apps.disbursement.services.paying import (
    PayingData,
    paying_account_confirm,
    paying_account_enter,
    paying_account_reject,
)
from apps.disbursement.services.sending import order_send
from tests.accounts import factories as people
from tests.approval.factories import stale
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
NUMBER = "3700 1608 8080-9999"
CLEAN = "3700160880809999"


def clerk(role: str = Role.ADMINISTRATOR) -> Actor:
    """Somebody who may set paying accounts."""
    return people.actor_for(people.staff(role))


def entered(actor: Actor | None = None, **given: Any) -> PayingAccount:
    """An account that waits to be confirmed."""
    facts = {"currency": "CNY", "number": NUMBER, "bank_name": "Bank of the North"}
    return paying_account_enter(actor=actor or clerk(), data=PayingData(**{**facts, **given}))


def replaced() -> PayingAccount:
    """A new account in force."""
    return paying_account_confirm(actor=clerk(), account=entered(), number=NUMBER)


def actions() -> list[str]:
    """Actions of the log, newest first."""
    return list(AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:3])


def test_an_account_is_entered_by_one_and_confirmed_by_another_who_types_its_number_again(world: World):
    before = paying_account("CNY")
    account = entered(clerk(Role.HEAD_OF_CREDIT))
    assert paying_account("CNY") == before
    confirmed = paying_account_confirm(actor=clerk(), account=account, number=f" {CLEAN} ")
    assert paying_account("CNY") == confirmed
    assert before is not None
    before.refresh_from_db()
    assert before.ended_at is not None
    assert actions()[0] == "disbursement.paying_account_confirmed"
    assert AuditEvent.objects.filter(action="disbursement.paying_account_entered").exists()


def test_the_number_is_encrypted_and_stands_nowhere_in_the_log(world: World):
    account = replaced()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM disbursement_payingaccount WHERE id = %s", [account.pk])
        assert CLEAN.encode() not in bytes(cursor.fetchone()[0])
    assert account.number.reveal() == CLEAN
    assert not any(CLEAN in str(body) for body in AuditEvent.objects.values_list("body", flat=True))


def test_nobody_confirms_what_they_entered(world: World):
    actor = clerk()
    account = entered(actor)
    with pytest.raises(Refused) as refused:
        paying_account_confirm(actor=actor, account=account, number=NUMBER)
    assert refused.value.guard == "another_person"
    assert AuditEvent.objects.order_by("-id")[0].outcome == "refused"


@pytest.mark.parametrize("number", ["", "3700160880809998", "0"])
def test_another_number_confirms_nothing(world: World, number: str):
    account = entered()
    with pytest.raises(BadInput) as wrong:
        paying_account_confirm(actor=clerk(), account=account, number=number)
    assert set(wrong.value.errors) == {"number"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"number": "12"}, "number"),
        ({"number": "1" * 35}, "number"),
        ({"number": " - "}, "number"),
        ({"bank_name": "  "}, "bank_name"),
        ({"bank_name": "B" * 121}, "bank_name"),
        ({"bank_code": "C" * 41}, "bank_code"),
    ],
)
def test_what_is_no_account_is_named_by_field(world: World, given: dict[str, str], field: str):
    with pytest.raises(BadInput) as wrong:
        entered(**given)
    assert set(wrong.value.errors) == {field}


def test_one_account_of_a_currency_waits_at_a_time_and_can_be_rejected(world: World):
    actor = clerk()
    account = entered(actor)
    with pytest.raises(BadInput, match="waits to be confirmed"):
        entered()
    paying_account_reject(actor=actor, account=account)
    with pytest.raises(Refused, match="decided already"):
        paying_account_confirm(actor=clerk(), account=account, number=NUMBER)
    assert entered().pk != account.pk


def test_setting_an_account_takes_a_fresh_factor(world: World):
    account = entered()
    for attempt in (
        lambda actor: entered(actor, currency="USD"),
        lambda actor: paying_account_confirm(actor=actor, account=account, number=NUMBER),
        lambda actor: paying_account_reject(actor=actor, account=account),
    ):
        with pytest.raises(StepUpNeeded):
            attempt(stale(clerk()))


@pytest.mark.parametrize("who", ["officer", "lead", "reviewer", "maker", "checker", "keeper", "auditor"])
def test_who_pays_or_works_on_cases_sets_no_account(world: World, who: str):
    with pytest.raises(Refused):
        entered(world.actor(who))


def test_a_job_sets_no_account(world: World):
    with pytest.raises(Refused):
        entered(people.SETUP)


def test_nothing_is_prepared_or_released_without_an_account_and_the_refusal_says_who_can(world: World):
    drawdown = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    with factories.without(paying_account("CNY")):
        for attempt in (
            lambda: factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee),
            lambda: services.payment_release(
                actor=world.actor("checker"), drawdown=drawdown, version=world.case.version
            ),
        ):
            with pytest.raises(Refused, match="no confirmed paying account in CNY") as refused:
                attempt()
            assert refused.value.guard == "paying_account"
            assert "Administrator" in str(refused.value.who_can)


def test_the_order_goes_out_from_the_account_in_force(world: World, outbox: Any):
    drawdown = factories.released(
        world.actor("maker"), world.actor("checker"), world.case, amount=Decimal(1000), payee=world.payee
    )
    order = order_send(actor=factories.BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    content = (outbox / order.file_name).read_text()
    assert "<Id>3700160880805012</Id>" in content
    assert "<Nm>Songhua Bank, Jinan</Nm>" in content
    assert "LENDING" not in content


def test_a_payment_prepared_from_a_replaced_account_is_not_released(world: World):
    drawdown = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    replaced()
    with pytest.raises(Refused, match="has changed since"):
        services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)
    services.payment_cancel(actor=world.actor("maker"), drawdown=drawdown)
    anew = factories.prepared(world.actor("maker"), world.case, Decimal(1000), world.payee)
    released = services.payment_release(actor=world.actor("checker"), drawdown=anew, version=world.case.version)
    assert released.order.paying_account == paying_account("CNY")


def test_what_was_released_goes_out_from_the_account_that_was_released(world: World, outbox: Any):
    drawdown = factories.released(
        world.actor("maker"), world.actor("checker"), world.case, amount=Decimal(1000), payee=world.payee
    )
    replaced()
    order = order_send(actor=factories.BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    assert "3700160880805012" in (outbox / order.file_name).read_text()


@pytest.mark.unrecorded  # the rows are refused before an event could speak of them
@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda row: (setattr(row, "confirmed_by_id", row.entered_by_id), setattr(row, "confirmed_at", clock.now())), "paying_account_four_eyes"),
        (lambda row: setattr(row, "confirmed_at", clock.now()), "paying_account_confirmation_whole"),
    ],
)  # fmt: skip
def test_the_database_itself_refuses(world: World, change: Any, name: str):
    account = entered(currency="USD")
    change(account)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        account.save()


# pages


def seat(account: Account) -> Client:
    """A client signed in."""
    client = Client()
    people.signed_in(client, account)
    return client


def said(response: Any) -> str:
    """Words of a page."""
    return html.unescape(response.content.decode())


def test_the_pages_lead_an_account_from_one_person_to_the_other(world: World):
    first, second = (seat(people.staff(Role.ADMINISTRATOR)) for _each in range(2))
    typed = {"currency": "CNY", "number": NUMBER, "bank_name": "Bank of the North", "bank_code": ""}
    assert first.post(reverse("disbursement:paying_enter"), typed).status_code == 302
    account = PayingAccount.objects.get(confirmed_at=None, ended_at=None)
    place = reverse("disbursement:paying_confirm", args=[account.pk])
    assert place not in said(first.get(reverse("disbursement:paying")))
    page = said(second.get(reverse("disbursement:paying")))
    assert place in page
    assert CLEAN not in page
    assert "9999" in page
    wrong = second.post(place, {"number": "1"})
    assert (wrong.status_code, "not the number" in said(wrong)) == (400, True)
    assert second.post(place, {"number": NUMBER}).status_code == 302
    assert paying_account("CNY") == account


def test_a_wrong_form_keeps_what_was_typed(world: World):
    answer = seat(people.staff(Role.ADMINISTRATOR)).post(
        reverse("disbursement:paying_enter"), {"currency": "CNY", "number": "1", "bank_name": "Bank of the North"}
    )
    assert answer.status_code == 400
    assert "Bank of the North" in said(answer)


def test_an_account_that_waits_is_rejected_on_the_page(world: World):
    account = entered()
    place = reverse("disbursement:paying_reject", args=[account.pk])
    assert seat(people.staff(Role.HEAD_OF_CREDIT)).post(place).status_code == 302
    account.refresh_from_db()
    assert account.ended_at is not None


def test_the_list_names_currencies_without_an_account_in_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: Any
):
    client = seat(people.staff(Role.ADMINISTRATOR))
    client.get(reverse("disbursement:paying"))
    with django_assert_max_num_queries(16):
        assert "Bank, Jinan" in said(client.get(reverse("disbursement:paying")))
    with factories.without(paying_account("CNY")):
        assert "Nothing can be paid in CNY" in said(client.get(reverse("disbursement:paying")))
        maker = seat(world.accounts["maker"])
        assert "Nothing can be paid yet" in said(maker.get(reverse("disbursement:payments", args=[world.at.number])))
