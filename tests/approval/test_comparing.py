"""Any two memos side by side: what differs in words, both looks on record."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.approval import services
from apps.approval.selectors.comparing import memos_compared
from apps.audit.models import AuditEvent
from apps.core.errors import NotVisible
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import ONE, THREE, TWO, approver, case_needing, policy
from tests.borrowers import factories as b
from tests.worlds import once_a_module

URL = "approval:memos"


def build() -> tuple[LoanCase, LoanCase]:
    """A case of three memos, and one of a single memo."""
    policy()
    case = case_needing(ONE, TWO)
    for code in ("equity_paid", "use_of_funds"):
        case = again(case)
        services.condition_add(
            actor=approver(THREE), case=case, version=case.version, code=code, detail="By 5 <May> 2027"
        )
    return again(case), case_needing(ONE)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def seat(client: Client, world: tuple[LoanCase, LoanCase], db: None) -> Client:
    people.signed_in(client, b.account_of(Role.CREDIT_ANALYST, world[0].branch))
    return client


def test_the_last_two_memos_are_compared_and_any_others(seat: Client, world: tuple[LoanCase, LoanCase]) -> None:
    address = reverse(URL, args=[world[0].number])
    for query, pair in (
        ("", (2, 3)),
        ("?left=1&right=3", (1, 3)),
        ("?left=3&right=1", (3, 1)),
        ("?left=9&right=x", (2, 3)),
    ):
        shown = seat.get(address + query).context["shown"]
        assert (shown.left.number, shown.right.number) == pair
    lines = [line for group in seat.get(f"{address}?left=1&right=3").context["shown"].groups for line in group.changed]
    assert {line.kind for line in lines} == {"added"}
    assert {
        line.kind for group in seat.get(f"{address}?left=3&right=1").context["shown"].groups for line in group.changed
    } == {"removed"}
    page = seat.get(f"{address}?left=1&right=3").content.decode()
    assert "was added" in page
    assert "<May>" not in page


def test_a_memo_against_itself_differs_in_nothing(seat: Client, world: tuple[LoanCase, LoanCase]) -> None:
    answer = seat.get(reverse(URL, args=[world[0].number]) + "?left=2&right=2")
    assert answer.context["shown"].groups == ()
    assert "Nothing differs." in answer.content.decode()


def test_both_looks_are_on_record(seat: Client, world: tuple[LoanCase, LoanCase]) -> None:
    seat.get(reverse(URL, args=[world[0].number]) + "?left=1&right=3")
    last = AuditEvent.objects.filter(action="approval.memo_opened").order_by("-id")[:2]
    assert all('"left":1' in event.body and '"right":3' in event.body for event in last)


def test_a_single_memo_has_nothing_to_compare(seat: Client, world: tuple[LoanCase, LoanCase]) -> None:
    answer = seat.get(reverse(URL, args=[world[1].number]))
    assert answer.context["shown"].right is None
    assert 'type="radio"' not in answer.content.decode()


def test_memos_of_another_branch_are_not_there(client: Client, world: tuple[LoanCase, LoanCase]) -> None:
    stranger = b.account_of(Role.CREDIT_ANALYST, people.branch("B2"))
    with pytest.raises(NotVisible):
        memos_compared(people.actor_for(stranger), world[0], 1, 2)
    people.signed_in(client, stranger)
    assert client.get(reverse(URL, args=[world[0].number])).status_code == 404
