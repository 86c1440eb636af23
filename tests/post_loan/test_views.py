"""Pages of post-loan: who sees them, what bad input is told, what a stale form meets, what stands in the log."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.figures import amount
from apps.post_loan.forms import RepaymentForm
from apps.post_loan.models import Loan, Repayment
from tests.accounts import factories as people
from tests.accounts.log import count
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.worlds import once_a_module

world = once_a_module(factories.running)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def seat(world: World, who: str) -> Client:
    """A browser at which somebody of the branch is signed in."""
    client = Client()
    people.signed_in(client, world.accounts[who])
    return client


def url(name: str, loan: Loan, *args: Any) -> str:
    return reverse(f"post_loan:{name}", args=[loan.number, *args])


def who_did(tag: Tag) -> str | None:
    """Who stands in the log for the newest act of a kind."""
    return AuditEvent.objects.filter(action=tag).latest("id").actor


def typed(loan: Loan, **given: Any) -> dict[str, Any]:
    """A repayment as the form sends it."""
    known = {"version": loan.version, "amount": "4,000", "value_on": clock.today().isoformat(), "reference": "R-9"}
    return {**known, **given}


def test_a_repayment_is_entered_by_one_and_posted_by_another(world: World) -> None:
    loan = factories.loan_of(world)
    assert seat(world, "keeper").post(url("repayment_enter", loan), typed(loan)).status_code == 302
    entered = Repayment.objects.get(loan=loan)
    assert (entered.state, who_did(Tag.REPAYMENT_ENTERED)) == ("entered", world.accounts["keeper"].handle)
    answer = seat(world, "lead").post(url("repayment_decide", loan, entered.pk, "post"))
    entered.refresh_from_db()
    assert (answer.status_code, entered.state) == (302, "posted")
    assert who_did(Tag.REPAYMENT_POSTED) == world.accounts["lead"].handle


def test_a_rejected_repayment_moves_no_money(world: World) -> None:
    loan = factories.loan_of(world)
    entered = factories.entered(world.actor("keeper"), loan, Decimal(4000))
    assert seat(world, "lead").post(url("repayment_decide", loan, entered.pk, "reject")).status_code == 302
    entered.refresh_from_db()
    assert entered.state == "rejected"
    assert not entered.entries.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "many"), ("amount", "-4"), ("amount", "0"), ("amount", ""), ("value_on", "tomorrow"), ("value_on", "2999-01-01"),
     ("reference", ""), ("reference", "x" * 400), ("reference", "a\x00b")],
)  # fmt: skip
def test_bad_input_is_answered_beside_the_field_and_kept(world: World, field: str, value: str) -> None:
    loan, before = factories.loan_of(world), count(Tag.REPAYMENT_ENTERED)
    answer = seat(world, "keeper").post(url("repayment_enter", loan), typed(loan, **{field: value}))
    assert answer.status_code == 400
    form = answer.context["form"]
    assert field in form.errors
    assert form.data["amount"] == (value if field == "amount" else "4,000")
    assert (count(Tag.REPAYMENT_ENTERED), Repayment.objects.filter(loan=loan).count()) == (before, 0)


def test_a_stale_form_is_told_and_enters_nothing(world: World) -> None:
    loan = factories.loan_of(world)
    factories.posted(world, Decimal(10000))
    now = factories.loan_of(world)
    before = RepaymentForm(loan=loan).initial["seen"]
    answer = seat(world, "keeper").post(
        url("repayment_enter", loan), {**typed(loan, version=now.version - 1), "seen": before}
    )
    assert answer.status_code == 409
    faster = AuditEvent.objects.filter(action="post_loan.repayment_posted").latest("pk")
    text = answer.content.decode()
    for words in ("Somebody was faster", f"Changed by {faster.actor} at", "Principal outstanding"):
        assert words in text
    assert amount(loan.balance, loan.currency) in text
    assert Repayment.objects.filter(loan=loan, state="entered").count() == 0


def test_a_running_loan_is_not_closed(world: World) -> None:
    loan = factories.loan_of(world)
    answer = seat(world, "keeper").post(url("loan_close", loan), {"version": loan.version})
    loan.refresh_from_db()
    assert 400 <= answer.status_code < 500
    assert loan.state != "closed"


def test_another_branch_finds_no_loan_and_an_auditor_enters_nothing(world: World, client: Client) -> None:
    loan = factories.loan_of(world)
    people.signed_in(client, people.staff(Role.POST_LOAN_OFFICER, people.branch("FAR")))
    for address in (url("loan", loan), url("repayment_enter", loan), url("loan_close", loan)):
        assert client.get(address).status_code == 404
    assert loan.number not in client.get(reverse("post_loan:loans")).content.decode()
    auditor = seat(world, "auditor")
    assert auditor.get(url("loan", loan)).status_code == 200
    assert auditor.post(url("repayment_enter", loan), typed(loan)).status_code == 403
    assert not Repayment.objects.filter(loan=loan).exists()


def test_the_list_takes_odd_filters(world: World) -> None:
    keeper = seat(world, "keeper")
    for query in ({"state": "nothing"}, {"cursor": "%%%"}, {"overdue": "perhaps"}, {"state": "\x00"}):
        assert keeper.get(reverse("post_loan:loans"), query).status_code == 200
