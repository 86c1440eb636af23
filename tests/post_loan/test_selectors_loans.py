"""Lists of loans: what is late, page by page, and no loan out of sight."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.access.roles import Role
from apps.core import clock
from apps.core.keyset import encode
from apps.post_loan.selectors.loans import LoanFilter, loans_visible_to
from tests.accounts import factories as people
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.worlds import once_a_module

world = once_a_module(factories.running)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def after_the_first_due_date(world: World) -> dt.datetime:
    due_on = factories.rows_of(factories.loan_of(world))[0].due_on
    return dt.datetime.combine(due_on + dt.timedelta(days=2), dt.time(4), dt.UTC)


def test_a_loan_is_late_from_the_day_after_its_due_date(world: World) -> None:
    keeper, loan = world.actor("keeper"), factories.loan_of(world)
    assert loans_visible_to(keeper, LoanFilter(overdue=True)).rows == []
    with clock.at(after_the_first_due_date(world)):
        assert loans_visible_to(world.actor("keeper"), LoanFilter(overdue=True)).rows == [loan]


@pytest.mark.parametrize(("beyond", "found"), [(1, True), (0, False)])
def test_a_page_of_late_loans_begins_after_the_one_before(world: World, beyond: int, found: bool) -> None:
    loan = factories.loan_of(world)
    with clock.at(after_the_first_due_date(world)):
        page = loans_visible_to(world.actor("keeper"), LoanFilter(overdue=True), encode([loan.pk + beyond]))
    assert page.rows == ([loan] if found else [])
    assert not page.is_first


def test_another_branch_sees_none_of_them(world: World) -> None:
    stranger = people.actor_for(people.staff(Role.POST_LOAN_OFFICER, people.branch("ELSEWHERE")))
    with clock.at(after_the_first_due_date(world)):
        assert loans_visible_to(stranger, LoanFilter(overdue=True)).rows == []
