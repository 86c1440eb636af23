"""Pages of a list: every order, in whole and without doubles, whatever the size of a page; cursors that make no sense; counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.access.roles import Role
from apps.core import clock, unions
from apps.core.actor import Actor
from apps.core.keyset import encode
from apps.workflow.models import LoanCase
from apps.workflow.models.case import NO_DEADLINE
from apps.workflow.selectors.lists import CaseFilter, cases_counted, cases_visible_to, counted_each
from apps.workflow.selectors.ordering import SORTS, beyond
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = [pytest.mark.django_db, pytest.mark.unrecorded]  # rows are laid bare by the dozen, to be sorted
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def officer() -> Actor:
    """Return a loan officer of two branches, each with cases whose sort keys come in twos."""
    account = people.staff(Role.LOAN_OFFICER, people.branch("R"))
    case = factories.case(branch=people.branch("N", people.branch("R")))
    rows = [
        LoanCase(
            number=f"LF-2025-{number:06d}", borrower=case.borrower, product=case.product, currency="CNY",
            branch=people.branch("R" if number % 3 else "N"), state=State.INTAKE, amount_asked=Decimal(number // 2) * 1000,
            amount_proposed=Decimal("1500.25") if number % 4 == 0 else None, entered_at=START + dt.timedelta(hours=number // 2),
            due_at=NO_DEADLINE if number % 5 == 0 else START + dt.timedelta(hours=number // 3), changed_at=START,
        )
        for number in range(17)
    ]  # fmt: skip
    LoanCase._base_manager.bulk_create(rows)
    return people.actor_for(account)


def all_pages(actor: Actor, sort: str, limit: int) -> list[LoanCase]:
    """Rows of every page, one after the other."""
    page = cases_visible_to(actor, CaseFilter(sort=sort), limit=limit)
    found = [*page.rows]
    while page.next_cursor:
        page = cases_visible_to(actor, CaseFilter(sort=sort), page.next_cursor, limit)
        assert page.rows, "a page that is promised has rows"
        found += page.rows
    return found


@pytest.mark.parametrize("limit", [1, 4, 18])
@pytest.mark.parametrize("name", SORTS)
def test_every_order_is_paged_in_whole(officer: Actor, name: str, limit: int) -> None:
    sort = SORTS[name]
    expected = sorted(LoanCase.objects.all(), key=sort.of, reverse=sort.descending)
    assert [case.number for case in all_pages(officer, name, limit)] == [case.number for case in expected]


@pytest.mark.parametrize(
    "cursor",
    [
        "%%%", encode(["newest"]), encode(["due", "yesterday", 3]), encode(["due", "2026-03-02", 3]), encode(["due", "2026-99-02", 3]),
        encode(["largest", "NaN", 3]), encode(["largest", "much", 3]), encode(["largest", "1e300", 3]), encode(["newest", 2**70]),
        encode(["newest", -4]), encode(["newest", "3"]), encode([None]), encode(["due", str(START), True, 4]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["newest", "due", "largest"])
def test_a_cursor_that_makes_no_sense_here_shows_the_first_page(officer: Actor, cursor: str, sort: str) -> None:
    first = cases_visible_to(officer, CaseFilter(sort=sort), limit=3)
    assert cases_visible_to(officer, CaseFilter(sort=sort), cursor, 3).rows == first.rows


@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40), max_size=4))
def test_no_cursor_raises(key: list[object]) -> None:
    for name in SORTS:
        beyond(name, [name, *key])


def test_an_unknown_order_is_the_newest_first(officer: Actor) -> None:
    assert all_pages(officer, "'; drop table", 5) == all_pages(officer, "newest", 5)


def test_a_list_is_one_statement_over_all_branches_and_one_for_its_rows(officer: Actor) -> None:
    for number in range(6):
        people.branch(f"N{number}", people.branch("R"))
    everywhere = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("R")))
    with CaptureQueriesContext(connection) as wide:
        cases_visible_to(everywhere, limit=5)
    with CaptureQueriesContext(connection) as narrow:
        cases_visible_to(officer, limit=5)
    assert len(wide) == len(narrow) <= 4


def test_the_branch_narrows_and_a_branch_out_of_sight_shows_nothing(officer: Actor) -> None:
    south = factories.case(branch=people.branch("S")).branch
    sizes = {
        place.code: cases_counted(officer, CaseFilter(branch_id=place.pk))
        for place in (people.branch("R"), people.branch("N"), south)
    }
    assert sizes == {"R": 11, "N": 7, "S": 0}


def test_counts_stop_at_a_hundred(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.workflow.selectors.lists.MOST_COUNTED", 5)
    lists = {"all": CaseFilter(), "none": CaseFilter(grade="E"), "drafts": CaseFilter(states=(State.DRAFT,))}
    assert counted_each(officer, lists) == {"all": 5, "none": 0, "drafts": 1}


def test_who_sees_nothing_costs_no_question() -> None:
    assert unions.first_keys([], 2, 5, descending=False) == []
    assert unions.counts({"one": [], "two": [LoanCase.objects.none().values_list("id")[:3]]}, 9) == {"one": 0, "two": 0}
    assert cases_visible_to(people.actor_for(people.account())).rows == []


def test_late_cases_are_found_in_every_order(officer: Actor) -> None:
    with clock.at(START + dt.timedelta(hours=3)):
        late = {case.pk for case in LoanCase.objects.all() if case.due_at < clock.now()}
        found = {
            name: {case.pk for case in cases_visible_to(officer, CaseFilter(overdue=True, sort=name), limit=50).rows}
            for name in ("", *SORTS)
        }
        here = people.branch("N")
        one_branch = people.actor_for(people.staff(Role.LOAN_OFFICER, here))
        near = {case.pk for case in cases_visible_to(one_branch, CaseFilter(overdue=True), limit=50).rows}
    assert late
    assert all(each == late for each in found.values()), found
    assert near == late & {case.pk for case in LoanCase.objects.filter(branch=here)}
    assert near


def test_time_stands_in_the_order_of_deadlines(officer: Actor) -> None:
    with clock.at(START + dt.timedelta(hours=3)):
        late = cases_visible_to(officer, CaseFilter(overdue=True, sort="due"), limit=50).rows
    assert [case.due_at for case in late] == sorted(case.due_at for case in late)
    assert all(case.due_at < START + dt.timedelta(hours=3) for case in late)
