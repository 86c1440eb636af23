"""The one search box: what each kind of words finds, for whom, what an address may hold, and what is recorded."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.borrowers.models import Party
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.workflow import factories
from tests.worlds import once_a_module

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
SEARCH = reverse("console:search")
NAME = "Zhang Meiling"


class World:
    """A business with a person behind it and a case, another of another name, and one of another branch."""

    def __init__(self) -> None:
        home, away = people.branch("JN", name="Jinan branch"), people.branch("TA", name="Tai'an branch")
        self.officer, self.stranger = factories.worker(branch=home), factories.worker(branch=away)
        self.auditor = factories.worker(Role.AUDITOR, home)
        actor = people.actor_for(self.officer)
        owner = businesses.borrower(actor, home, legal_name="Songhua Bakery Co.")
        self.party: Party = businesses.party(actor, owner, name=NAME)
        self.case: LoanCase = factories.case(self.officer, branch=home, borrower=owner)
        other = businesses.borrower(actor, home, legal_name="Blue Lake Clinic")
        self.other = factories.case(self.officer, branch=home, borrower=other)
        far = businesses.borrower(people.actor_for(self.stranger), away, legal_name="Songhua Bakery of Tai'an")
        businesses.party(people.actor_for(self.stranger), far, name=NAME)
        self.far = factories.case(self.stranger, branch=away, borrower=far)


world = once_a_module(World)


@pytest.fixture
def seat(client: Client, world: World) -> Client:
    """The browser of the officer."""
    people.signed_in(client, world.officer)
    return client


def told(client: Client, words: str) -> str:
    """Text of the answer to what is typed in the box, wherever it leads."""
    answer = client.post(SEARCH, {"q": words}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def note() -> dict[str, object]:
    """What the newest search left in the log."""
    event = AuditEvent.objects.filter(action=Tag.CASES_SEARCHED).latest("id")
    found: dict[str, object] = event.data["note"]
    return found


@pytest.mark.parametrize("words", ["Songhua", "songhua b", "ＳＯＮＧＨＵＡ"])
def test_the_beginning_of_a_name_finds_businesses_and_their_cases(seat: Client, world: World, words: str) -> None:
    text = told(seat, words)
    assert reverse("borrowers:borrower", args=[world.case.borrower_id]) in text
    assert world.case.number in text
    for hidden in (world.other.number, world.far.number, "Tai&#x27;an", "People</h2>"):
        assert hidden not in text
    assert note() == {"how": "name", "shown": 1, "businesses": 1}


@pytest.mark.parametrize("form", ["{0}", "lf-{1}-{2}", "LF{1}{2}", "  {0} "])
def test_a_reference_opens_its_case_at_once(seat: Client, world: World, form: str) -> None:
    words = form.format(world.case.number, *world.case.number.split("-")[1:])
    assert seat.get(SEARCH, {"q": words})["Location"] == world.case.get_absolute_url()
    assert seat.post(SEARCH, {"q": words})["Location"] == world.case.get_absolute_url()


@pytest.mark.parametrize("words", ["{0}", "LF-2026-999999", "LN-2026-000001", "ab" * 16])
def test_a_reference_out_of_sight_is_not_found_and_nothing_more(seat: Client, world: World, words: str) -> None:
    text = told(seat, words.format(world.far.number))
    assert "Nothing bears this reference" in text
    assert "Songhua" not in text
    assert note() == {"how": "reference", "shown": 0}


def test_a_business_identifier_is_found_by_blind_index_and_the_look_is_recorded(seat: Client, world: World) -> None:
    identifier = world.case.borrower.identifier.reveal()
    assert world.case.number in told(seat, identifier)
    assert note() == {"how": "identifier", "shown": 1, "businesses": 1, "fields": ["identifier"]}
    assert identifier not in AuditEvent.objects.latest("id").body


@pytest.mark.parametrize("field", ["name", "id_number", "phone"])
def test_a_person_is_found_by_what_only_they_bear_and_shown_masked(seat: Client, world: World, field: str) -> None:
    words = getattr(world.party, field).reveal()
    answer = seat.post(SEARCH, {"q": words})
    text = answer.content.decode()
    assert answer.status_code == 200, "no redirect to an address with it"
    assert "People</h2>" in text
    assert reverse("borrowers:borrower", args=[world.case.borrower_id]) in text
    assert text.count('class="masked"') >= 1
    assert "Tai&#x27;an" not in text, "the same person behind a business of another branch stays there"
    shown_again = text.replace(f"“{words}”", "").replace(f'value="{words}"', "")
    assert words not in shown_again
    assert note()["people"] == 1
    assert note()["fields"] == ["name" if field == "name" else "identifier"]


@pytest.mark.parametrize("field", ["name", "id_number", "phone"])
def test_nothing_of_a_person_is_looked_up_from_an_address(seat: Client, world: World, field: str) -> None:
    words = getattr(world.party, field).reveal()
    text = seat.get(SEARCH, {"q": words}).content.decode()
    assert "People</h2>" not in text
    assert world.case.number not in text
    assert "fields" not in note()


@pytest.mark.parametrize(
    ("words", "leads_on"), [("Songhua", True), (NAME, False), ("Zhang Meilin", False), ("Nobody", False)]
)
def test_only_a_business_name_goes_on_to_an_address(seat: Client, words: str, leads_on: bool) -> None:
    answer = seat.post(SEARCH, {"q": words})
    assert (answer.status_code == 302) is leads_on
    if leads_on:
        assert answer["Location"] == f"{SEARCH}?q={words}"


def test_the_box_posts(seat: Client) -> None:
    assert re.search(r'<form class="search-box" action="[^"]+" method="post"', seat.get("/").content.decode())


def test_a_failed_look_up_is_recorded_without_what_was_typed(seat: Client) -> None:
    for words in ("91370100MA3C000000", "LF-2026-999999", "Nobody"):
        told(seat, words)
    notes = [event.data["note"] for event in AuditEvent.objects.filter(action=Tag.CASES_SEARCHED).order_by("id")]
    assert notes == [
        {"how": "name", "shown": 0, "fields": ["identifier"]}, {"how": "reference", "shown": 0},
        {"how": "name", "shown": 0, "fields": ["name"]},
    ]  # fmt: skip
    assert not AuditEvent.objects.filter(body__contains="91370100MA3C000000").exists()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "What are you looking for?"), ("S", "What are you looking for?"), ("Nobody", "Nothing found"), ("9" * 300, "Nothing found"),
        ("\0\0", "What are you looking for?"), ("\u202e\u202e", "What are you looking for?"), ("<b>x</b>", "Nothing found"),
    ],
)  # fmt: skip
def test_a_search_that_finds_nothing_says_what_to_type(seat: Client, words: str, answer: str) -> None:
    assert answer in told(seat, words)
    assert answer in seat.get(SEARCH, {"q": words}).content.decode()


def test_cases_of_one_name_go_on_page_by_page(seat: Client, world: World) -> None:
    for _each in range(26):
        factories.case(world.officer, branch=world.case.branch, borrower=world.other.borrower)
    first = seat.get(SEARCH, {"q": "Blue"})
    assert len(first.context["rows"]) == 25
    second = seat.get(SEARCH, {"q": "Blue", "cursor": first.context["page"].next_cursor})
    assert len(second.context["rows"]) == 2
    assert "Businesses</h2>" not in second.content.decode()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMMITTEE_SECRETARY, Role.ADMINISTRATOR, Role.SECURITY_OFFICER])
def test_who_sees_no_cases_has_no_box_and_no_keys_to_what_is_refused(client: Client, role: Role) -> None:
    account: Account = factories.worker(role, people.branch("JN"))
    people.signed_in(client, account)
    text = client.get("/").content.decode()
    sees = client.get(SEARCH).status_code == 200
    assert ("data-search" in text, 'data-go="c"' in text) == (sees, sees)
    assert 'data-go="q"' not in text
    assert client.get(reverse("console:work")).status_code == 403
