"""Reminders: the holder, then the leads, each once; legal terms, which nothing stops."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.borrowers.services import tie_declare
from apps.core import clock
from apps.core.actor import Actor
from apps.core.packs.shape import LegalClock
from apps.workflow.legal import LegalTerm, legal_terms
from apps.workflow.models import LoanCase, Notice
from apps.workflow.process import Event
from apps.workflow.services import reminders_send
from apps.workflow.services.reminding import leads_of
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
CLOCK = Actor.system("clock", channel="test")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


@pytest.fixture
def lead() -> Account:
    """Return a team lead at head office."""
    return factories.worker(Role.TEAM_LEAD)


@pytest.fixture
def held(officer: Account, smooth: None) -> LoanCase:
    """Return a case in intake that its officer holds."""
    return factories.submitted(officer)


def reminded(case: LoanCase) -> list[tuple[str, int]]:
    """Kinds of reminders and to whom they went, in order."""
    kinds = ("due", "late", "late_lead", "legal.decision")
    return list(Notice.objects.filter(case=case, kind__in=kinds).order_by("id").values_list("kind", "person_id"))


def test_holder_then_lead_each_once(held: LoanCase, officer: Account, lead: Account) -> None:
    expected: list[tuple[str, int]] = []
    for moment, more in (
        (held.due_at - 30 * HOUR, []),
        (held.due_at - 2 * HOUR, [("due", officer.person_id)]),
        (held.due_at + HOUR, [("late", officer.person_id)]),
        (held.due_at + 25 * HOUR, [("late_lead", lead.person_id)]),
        (held.due_at + 3 * DAY, []),
    ):
        expected += more
        with clock.at(moment):
            assert (reminders_send(CLOCK), reminders_send(CLOCK)) == (len(more), 0)
        assert reminded(held) == expected
    assert AuditEvent.objects.filter(action=Tag.CASE_REMINDED).count() == 3


def test_a_new_holder_is_reminded_too_and_a_new_state_begins_anew(
    held: LoanCase, officer: Account, lead: Account
) -> None:
    with clock.at(held.due_at - HOUR):
        reminders_send(CLOCK)
    other = factories.worker()
    case = factories.moved(held, Event.REASSIGN, lead, text="Holiday", data={"new_holder_id": other.person_id})
    with clock.at(case.due_at - HOUR):
        assert reminders_send(CLOCK) == 1
    assert [person for _kind, person in reminded(case)] == [officer.person_id, other.person_id]


def test_a_frozen_case_reminds_nobody_of_its_deadline(held: LoanCase, lead: Account) -> None:
    factories.moved(held, Event.FREEZE, lead, text="Doubtful")
    with clock.at(held.due_at + 2 * DAY):
        assert reminders_send(CLOCK) == 0


def test_a_case_that_waits_reminds_nobody_of_its_deadline(held: LoanCase, officer: Account, lead: Account) -> None:
    factories.moved(held, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    with clock.at(held.due_at + 2 * DAY):
        assert reminders_send(CLOCK) == 0


def test_leads_of_the_branch_come_before_those_of_the_institution(held: LoanCase) -> None:
    head = people.staff(Role.HEAD_OF_CREDIT, None)
    assert leads_of(held) == {head.person_id}
    lead = factories.worker(Role.TEAM_LEAD)
    assert leads_of(held) == {lead.person_id}


def test_a_lead_with_a_tie_is_not_told(held: LoanCase, lead: Account) -> None:
    other = factories.worker(Role.TEAM_LEAD)
    tie_declare(actor=people.actor_for(lead), borrower=held.borrower, person=lead.person, kind="own")
    assert leads_of(held) == {other.person_id}


def test_the_lead_hears_of_a_legal_term_once_even_while_the_borrower_is_asked(
    held: LoanCase, officer: Account, lead: Account
) -> None:
    factories.moved(held, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    held.refresh_from_db()
    assert held.submitted_at is not None
    with clock.at(held.submitted_at + 52 * DAY):
        assert reminders_send(CLOCK) == 0
    with clock.at(held.submitted_at + 53 * DAY + HOUR):
        assert (reminders_send(CLOCK), reminders_send(CLOCK)) == (1, 0)
    with clock.at(held.submitted_at + 70 * DAY):
        assert reminders_send(CLOCK) == 0
    assert reminded(held) == [("legal.decision", lead.person_id)]


LAW = LegalClock("decision", "Answer", "submitted", 30)


@pytest.mark.parametrize(
    ("days", "left", "near", "past"),
    [(0, 30, False, False), (22, 8, False, False), (23, 7, True, False), (30, 0, True, False), (31, -1, False, True)],
)
def test_a_legal_term_counts_calendar_days(held: LoanCase, days: int, left: int, near: bool, past: bool) -> None:
    assert held.submitted_at is not None
    with clock.at(held.submitted_at + days * DAY):
        (term,) = legal_terms(held, [LAW])
    assert (term.days_left, term.is_near, term.is_past) == (left, near, past)


@pytest.mark.parametrize(
    ("state", "runs"),
    [
        (State.INTAKE, True),
        (State.WAITING, True),
        (State.APPROVAL, True),
        (State.OFFERED, False),
        (State.DECLINED, False),
    ],
)
def test_a_legal_term_runs_until_the_decision(held: LoanCase, state: State, runs: bool) -> None:
    held.state = state
    assert bool(legal_terms(held, [LAW])) is runs


def test_a_draft_has_no_legal_term(officer: Account) -> None:
    assert legal_terms(factories.case(officer), [LAW]) == []


def test_the_closest_term_comes_first(held: LoanCase) -> None:
    terms: list[LegalTerm] = legal_terms(held, [LAW, LegalClock("first", "First", "submitted", 3)])
    assert [term.code for term in terms] == ["first", "decision"]


def test_case_page_and_queue_say_it_in_words(held: LoanCase, officer: Account, client: Client) -> None:
    pages = (held.get_absolute_url(), reverse("console:work"))
    assert held.submitted_at is not None
    for days, words in ((57, "3 days left"), (60, "last day"), (70, "legal term passed")):
        with clock.at(held.submitted_at + days * DAY):
            people.signed_in(client, officer)
            for page in pages:
                assert words in client.get(page).content.decode(), (days, page)
