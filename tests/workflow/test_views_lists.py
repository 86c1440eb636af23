"""The queue, the list of cases and the search: what each shows, to whom, and what it costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.workflow import factories

pytestmark = pytest.mark.django_db
WORK, CASES, SEARCH, TAKE = (
    reverse(name) for name in ("console:work", "workflow:cases", "console:search", "console:take_next")
)


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


def shown(client: Client, url: str, **query: Any) -> str:
    """Text of a page that answers 200."""
    response = client.get(url, query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def named(officer: Account, name: str, amount: int = 300000) -> LoanCase:
    """Return a draft of a business of this name."""
    actor = people.actor_for(officer)
    place = people.branch()
    owner = businesses.borrower(actor, place, legal_name=name)
    return factories.case(officer, borrower=owner, asks=[FacilityAsk(Decimal(amount), 12, "Stock")])


def test_the_queue_shows_a_case_with_all_its_columns(client: Client, officer: Account) -> None:
    case = named(officer, "Songhua Bakery Co.")
    people.signed_in(client, officer)
    text = shown(client, WORK)
    for word in (
        case.number,
        "Songhua Bakery Co.",
        "Working capital",
        "Draft",
        "CNY\u00a0300,000",
        "asked",
        officer.handle,
    ):
        assert word in text
    assert "The application is complete" in text, "the first thing still open"
    assert "1 case waits for you" in text


def test_an_empty_queue_says_what_to_do_next(client: Client, officer: Account) -> None:
    factories.product()
    people.signed_in(client, officer)
    text = shown(client, WORK)
    assert "Nothing waits for you" in text
    assert 'href="?tab=free"' in text
    assert TAKE not in text


def test_the_tabs_part_mine_from_unassigned_waiting_and_the_branch(
    client: Client, officer: Account, smooth: None
) -> None:
    mine = named(officer, "Mine Ltd")
    free = factories.moved(named(officer, "Free Ltd"), Event.SUBMIT, officer)
    asked = factories.moved(named(officer, "Asked Ltd"), Event.SUBMIT, officer)
    asked = factories.moved(asked, Event.CLAIM, officer)
    asked = factories.moved(asked, Event.ASK_BORROWER, officer, text="Why?", data={"due_on": clock.today()})
    people.signed_in(client, officer)
    expected = {"mine": {mine}, "free": {free}, "waiting": {asked}, "branch": {mine, free, asked}}
    for tab, cases in expected.items():
        text = shown(client, WORK, tab=tab)
        assert {case for case in (mine, free, asked) if case.number in text} == cases, tab


def test_an_unknown_tab_shows_the_first(client: Client, officer: Account) -> None:
    case = named(officer, "Mine Ltd")
    people.signed_in(client, officer)
    assert case.number in shown(
        client, WORK, tab="'; drop table", cursor="%%%", stage="nonsense", product="x", sort="y"
    )


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"stage": "application"}, True),
        ({"stage": "approval"}, False),
        ({"grade": "A"}, False),
        ({"overdue": "on"}, False),
        ({"frozen": "on"}, False),
        ({"sort": "oldest"}, True),
        ({"product": "0"}, True),
    ],
)
def test_filters_narrow_and_an_empty_answer_says_so(
    client: Client, officer: Account, query: dict[str, str], fits: bool
) -> None:
    case = named(officer, "Songhua Bakery Co.")
    people.signed_in(client, officer)
    text = shown(client, WORK, **query)
    assert (case.number in text) is fits
    assert ("Nothing fits these filters" in text) is not fits


def test_the_product_filter_keeps_only_its_product(client: Client, officer: Account) -> None:
    case, other = named(officer, "One Ltd"), factories.product("bridge", name_en="Bridge loan")
    people.signed_in(client, officer)
    assert case.number not in shown(client, CASES, product=other.pk)
    assert case.number in shown(client, CASES, product=case.product_id)


def test_frozen_cases_are_found_among_all(client: Client, officer: Account) -> None:
    case, other = named(officer, "Frozen Ltd"), named(officer, "Other Ltd")
    factories.reason("freeze")
    factories.moved(case, Event.FREEZE, factories.worker(Role.TEAM_LEAD), text="An enquiry runs.")
    people.signed_in(client, officer)
    text = shown(client, CASES, frozen="on")
    assert case.number in text
    assert other.number not in text


def test_late_cases_are_counted_and_found(client: Client, officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    with clock.at(clock.now() + dt.timedelta(days=30)):
        people.signed_in(client, officer)
        text = shown(client, WORK, overdue="on")
    assert case.number in text
    assert "1 overdue" in text
    assert "overdue 2" in text or "overdue 3" in text


def test_taking_the_next_case_claims_the_one_due_first(client: Client, officer: Account, smooth: None) -> None:
    first = factories.moved(named(officer, "First Ltd"), Event.SUBMIT, officer)
    factories.moved(named(officer, "Second Ltd"), Event.SUBMIT, officer)
    people.signed_in(client, officer)
    assert TAKE in shown(client, WORK)
    response = client.post(TAKE)
    assert response["Location"] == first.get_absolute_url()
    first.refresh_from_db()
    assert first.holder_id == officer.person_id
    event = AuditEvent.objects.filter(action=Tag.CASE_CLAIMED).order_by("-id").first()
    assert event is not None
    assert event.data["case"] == first.number


def test_taking_when_nothing_waits_says_so(client: Client, officer: Account) -> None:
    factories.product()
    people.signed_in(client, officer)
    page = client.post(TAKE, follow=True)
    assert "Nothing waits to be taken." in page.content.decode()


def test_take_next_passes_by_cases_on_which_another_duty_was_done(client: Client, smooth: None) -> None:
    both = people.staff([Role.LOAN_OFFICER, Role.CREDIT_ANALYST], people.branch())
    case = factories.moved(factories.submitted(both), Event.ACCEPT, both)
    people.signed_in(client, both)
    client.post(TAKE)
    case.refresh_from_db()
    assert case.holder_id is None


@pytest.mark.parametrize("url", [WORK, CASES, SEARCH])
def test_lists_stop_at_the_branch(client: Client, officer: Account, url: str) -> None:
    case = named(officer, "Songhua Bakery Co.")
    stranger = factories.worker(branch=people.branch("TA", name="Tai'an branch"))
    people.signed_in(client, stranger)
    assert case.number not in shown(client, url, q="Songhua", tab="branch")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AUDITOR, 403), (Role.ADMINISTRATOR, 403), (Role.TEAM_LEAD, 200), (Role.APPRAISER, 200)]
)
def test_only_those_who_work_on_cases_have_a_queue(client: Client, role: str, status: int) -> None:
    people.signed_in(client, factories.worker(role))
    assert client.get(WORK).status_code == status


def test_the_queue_is_paged_by_keyset(client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.workflow.views.lists.PAGE", 2)
    numbers = [named(officer, f"Business {position}").number for position in range(3)]
    people.signed_in(client, officer)
    first = client.get(CASES)
    assert [row.case.number for row in first.context["rows"]] == numbers[:0:-1]
    second = client.get(CASES, {"cursor": first.context["page"].next_cursor})
    assert [row.case.number for row in second.context["rows"]] == numbers[:1]
    assert "First page" in second.content.decode()
    assert "Next page" not in second.content.decode()


@pytest.mark.parametrize(
    ("url", "query", "note"),
    [
        (WORK, {"tab": "free"}, {"view": "console:work", "filters": ["tab"]}),
        (CASES, {"grade": "B", "13012345678": "x"}, {"view": "workflow:cases", "filters": ["grade"]}),
        ("/", {}, {"view": "console:home"}),
    ],
)
def test_each_page_of_a_list_is_one_event_with_the_names_of_its_filters(
    client: Client, officer: Account, url: str, query: dict[str, str], note: dict[str, Any]
) -> None:
    named(officer, "Songhua Bakery Co.")
    people.signed_in(client, officer)
    before = AuditEvent.objects.count()
    client.get(url, query)
    assert AuditEvent.objects.count() == before + 1
    event = AuditEvent.objects.get(action=Tag.CASES_LISTED)
    assert {**event.data["note"], "shown": 0} == {**note, "shown": 0}
    assert (event.data["kind"], event.data["purpose"]["code"]) == ("read", "task:list")


@pytest.mark.parametrize(
    ("url", "query", "most"),
    [(WORK, {}, 27), (WORK, {"tab": "branch"}, 27), (CASES, {}, 21), (SEARCH, {"q": "Business"}, 21)],
)
def test_a_list_costs_the_same_however_long_it_is(
    client: Client,
    officer: Account,
    url: str,
    query: dict[str, str],
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for position in range(4):
        named(officer, f"Business {position}")
    people.signed_in(client, officer)
    client.get(url, query)
    with django_assert_max_num_queries(most) as short:
        client.get(url, query)
    cost = len(short)
    for position in range(4):
        named(officer, f"Business again {position}")
    with django_assert_max_num_queries(cost):
        client.get(url, query)


def test_hostile_names_are_shown_as_text(client: Client, officer: Account) -> None:
    named(officer, '<script>alert("x")</script> Ltd')
    people.signed_in(client, officer)
    text = shown(client, WORK)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
