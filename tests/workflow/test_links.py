"""Where the work of a state is done, and who leads the case on, as the case page says it."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.workflow.eligibility import FORWARD, next_of
from apps.workflow.links import DESKS, desk_of
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.states import ENDED, State
from tests.accounts import factories as people
from tests.workflow import factories


@pytest.mark.parametrize("state", sorted(DESKS))
def test_every_desk_has_its_page(state: str) -> None:
    found = desk_of(state, "LF-2026-000001")
    assert found is not None
    assert "LF-2026-000001" in found[1]


def test_every_state_in_which_a_case_is_led_on_has_a_desk_and_an_ended_one_has_none() -> None:
    assert {*FORWARD, State.CREDIT_REVIEW} <= set(DESKS)
    assert all(desk_of(state, "LF-2026-000001") is None for state in ENDED)


@pytest.mark.django_db
@pytest.mark.usefixtures("smooth")
def test_the_case_page_leads_to_the_desk_and_says_who_goes_on() -> None:
    officer = factories.worker()
    case = factories.submitted(officer)
    following = next_of(case)
    assert following is not None
    assert (following.label, following.who) == (Event.ACCEPT.label, str(Role.LOAN_OFFICER.label))
    page = shown(case, factories.worker(Role.CREDIT_ANALYST))
    assert f'href="/applications/{case.number}/"' in page
    assert f"Next step: {Event.ACCEPT.label} · {following.who}" in page


def shown(case: LoanCase, account: Account) -> str:
    """The case page as an account sees it."""
    seat = Client()
    people.signed_in(seat, account)
    return seat.get(case.get_absolute_url()).content.decode()
