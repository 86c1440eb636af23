"""The pages of the generic steps: asked, done, refused, stale, wrong; typed words are kept."""

from __future__ import annotations

import datetime as dt
import html
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
from apps.workflow.models import CaseStep, LoanCase, Message
from apps.workflow.process import Event
from apps.workflow.states import State
from apps.workflow.views.steps import PAGES, views
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


@pytest.fixture
def analyst() -> Account:
    """Return a credit analyst at head office."""
    return factories.worker(Role.CREDIT_ANALYST)


@pytest.fixture
def lead() -> Account:
    """Return a team lead at head office."""
    return factories.worker(Role.TEAM_LEAD)


def url(case: LoanCase, name: str) -> str:
    """Address of a step's page."""
    return reverse(f"workflow:{name}", args=[case.number])


def send(client: Client, who: Account, case: LoanCase, name: str, **data: Any) -> Any:
    """Post a step as somebody who saw the case as it is."""
    people.signed_in(client, who)
    return client.post(url(case, name), {"version": case.version, **data})


def text_of(response: Any) -> str:
    """Words of a page."""
    return html.unescape(response.content.decode())


def newest(case: LoanCase) -> CaseStep:
    """Last step of a case."""
    return CaseStep.objects.filter(case=case).order_by("-id")[0]


def test_every_generic_step_has_its_page() -> None:
    assert {page.event for page in PAGES} == {Event(name) for name in views}


def test_claiming_makes_one_the_holder(client: Client, officer: Account, smooth: None) -> None:
    case = factories.moved(factories.case(officer), Event.SUBMIT, officer)
    response = send(client, officer, case, "claim")
    assert response["Location"] == case.get_absolute_url()
    case.refresh_from_db()
    assert case.holder_id == officer.person_id
    assert newest(case).event == Event.CLAIM


def test_of_two_who_claim_one_wins_and_the_other_is_told(client: Client, officer: Account, smooth: None) -> None:
    case = factories.moved(factories.case(officer), Event.SUBMIT, officer)
    other = factories.worker()
    send(client, officer, case, "claim")
    response = send(client, other, case, "claim")
    assert response.status_code == 409
    shown = text_of(response)
    assert f"Changed by {officer.handle}" in shown
    case.refresh_from_db()
    assert case.holder_id == officer.person_id
    again = send(client, other, case, "claim")
    assert again.status_code == 403
    assert "Somebody else holds the case already." in text_of(again)


def test_reassigning_offers_the_eligible_and_tells_the_new_holder(
    client: Client, officer: Account, lead: Account, smooth: None
) -> None:
    case, other = factories.submitted(officer), factories.worker()
    outside = factories.worker(branch=people.branch("TA"))
    people.signed_in(client, lead)
    offered = text_of(client.get(url(case, "reassign")))
    assert other.handle in offered
    assert outside.handle not in offered
    response = send(client, lead, case, "reassign", new_holder=other.person_id, text="Holiday of the holder")
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.holder_id == other.person_id
    people.signed_in(client, other)
    assert "the case was handed to you" in text_of(client.get(reverse("console:notices")))


@pytest.mark.parametrize("chosen", ["", "0", "99999", "x", "1; drop"])
def test_nobody_else_can_be_made_the_holder(
    client: Client, officer: Account, lead: Account, smooth: None, chosen: str
) -> None:
    case = factories.submitted(officer)
    response = send(client, lead, case, "reassign", new_holder=chosen, text="Because I say so")
    assert response.status_code == 400
    assert "Because I say so" in text_of(response)
    case.refresh_from_db()
    assert case.holder_id == officer.person_id


def test_asking_the_borrower_stops_the_clock_and_keeps_the_words_encrypted(
    client: Client, officer: Account, smooth: None
) -> None:
    case = factories.submitted(officer)
    day = clock.today() + dt.timedelta(days=7)
    response = send(client, officer, case, "ask_borrower", text="Where is the licence?", due_on=day.isoformat())
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == State.WAITING
    assert case.paused_seconds
    message = Message.objects.get()
    assert (message.kind, message.audience, message.due_on) == ("question", "borrower", day)
    event = AuditEvent.objects.get(action=Tag.BORROWER_ASKED)
    assert "licence" not in event.body


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"text": "", "due_on": "2999-01-01"}, "required"),
        ({"text": "Where?", "due_on": "2001-01-01"}, "This day has passed"),
        ({"text": "Where?", "due_on": "31 February"}, "four digits"),
        ({"text": "Where?", "due_on": ""}, "required"),
        ({"text": "nul \x00", "due_on": "2999-01-01"}, "Null characters"),
        ({"text": "x" * 4001, "due_on": "2999-01-01"}, "at most 4000"),
    ],
)
def test_a_question_that_cannot_be_asked_is_answered_in_words(
    client: Client, officer: Account, smooth: None, data: dict[str, str], complaint: str
) -> None:
    case = factories.submitted(officer)
    response = send(client, officer, case, "ask_borrower", **data)
    assert response.status_code == 400
    assert complaint in text_of(response)
    case.refresh_from_db()
    assert case.state == State.INTAKE


def test_only_the_holder_asks(client: Client, officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    response = send(client, factories.worker(), case, "ask_borrower", text="My question?", due_on="2999-01-01")
    assert response.status_code == 403
    shown = text_of(response)
    assert "somebody else holds the case" in shown
    assert "My question?" in shown, "what was typed is kept"
    assert AuditEvent.objects.filter(outcome="refused").count() == 1


def test_a_recorded_answer_brings_the_case_back(client: Client, officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    case = factories.moved(case, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    response = send(client, officer, case, "answer_recorded", text="By phone: it is in the safe.")
    assert response.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.INTAKE, officer.person_id)


def test_a_colleague_is_asked_and_told(client: Client, officer: Account, analyst: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    response = send(client, officer, case, "ask_colleague", to_person=analyst.person_id, text="Do you know them?")
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == State.INTAKE
    people.signed_in(client, analyst)
    assert "a colleague asks you" in text_of(client.get(reverse("console:notices")))


def test_sending_back_offers_the_earlier_stages_and_needs_a_reason(
    client: Client, officer: Account, analyst: Account, smooth: None
) -> None:
    reason = factories.reason("return")
    case = factories.reviewed(officer, analyst)
    assert send(client, analyst, case, "send_back", to="intake").status_code == 400
    assert send(client, analyst, case, "send_back", to="approval", reasons=[reason.code]).status_code == 400
    assert send(client, analyst, case, "send_back", to="intake", reasons=["made-up"]).status_code == 400
    response = send(client, analyst, case, "send_back", to="intake", reasons=[reason.code])
    assert response.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.INTAKE, None)
    assert newest(case).reason_codes == [reason.code]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"text": "They found another bank"}, 302),
        ({"reasons": ["withdraw-reason"]}, 302),
        ({}, 400),
        ({"text": "  "}, 400),
    ],
)
def test_a_withdrawal_takes_a_reason_of_the_list_or_in_words(
    client: Client, officer: Account, smooth: None, given: dict[str, Any], status: int
) -> None:
    factories.reason("withdraw")
    case = factories.submitted(officer)
    assert send(client, officer, case, "withdraw_recorded", **given).status_code == status
    case.refresh_from_db()
    assert (case.state == State.WITHDRAWN) is (status == 302)


def test_one_freezes_and_another_lifts(client: Client, officer: Account, lead: Account) -> None:
    case, guard = factories.case(officer), factories.worker(Role.COMPLIANCE_OFFICER)
    assert send(client, guard, case, "freeze", text="Doubtful papers").status_code == 302
    case.refresh_from_db()
    assert case.is_frozen
    assert send(client, guard, case, "freeze", text="Once more").status_code == 403
    own = send(client, guard, case, "unfreeze", text="All is well")
    assert own.status_code == 403
    assert "another person has to lift it" in text_of(own)
    assert send(client, lead, case, "unfreeze", text="All is well").status_code == 302
    case.refresh_from_db()
    assert not case.is_frozen


def test_a_withdrawn_case_is_reopened_by_a_lead(client: Client, officer: Account, lead: Account, smooth: None) -> None:
    case = factories.moved(factories.case(officer), Event.WITHDRAW_RECORDED, officer, text="Changed their mind")
    assert send(client, officer, case, "reopen", text="Please").status_code == 403
    assert send(client, lead, case, "reopen", text="They came back").status_code == 302
    case.refresh_from_db()
    assert case.state == State.CREDIT_REVIEW


def test_a_step_that_the_state_does_not_know_is_refused_in_words(
    client: Client, officer: Account, lead: Account
) -> None:
    response = send(client, lead, factories.case(officer), "reopen", text="Please")
    assert response.status_code == 409
    assert "In the state “Draft” the step “Reopen” is not possible." in text_of(response)


def test_a_stale_form_shows_the_difference_keeps_the_words_and_goes_through_when_sent_again(
    client: Client, officer: Account, lead: Account, smooth: None
) -> None:
    case, other = factories.submitted(officer), factories.worker()
    people.signed_in(client, lead)
    seen = client.get(url(case, "freeze")).context["form"].initial["seen"]
    factories.moved(case, Event.REASSIGN, lead, text="Holiday", data={"new_holder_id": other.person_id})
    stale = client.post(url(case, "freeze"), {"version": case.version, "seen": seen, "text": "Doubtful papers"})
    assert stale.status_code == 409
    shown = text_of(stale)
    for words in ("Somebody was faster", "Holder", officer.handle, other.handle, "Doubtful papers"):
        assert words in shown
    form = stale.context["form"]
    again = client.post(
        url(case, "freeze"),
        {"version": form["version"].value(), "seen": form["seen"].value(), "text": "Doubtful papers"},
    )
    assert again.status_code == 302


@pytest.mark.parametrize("seen", ["", "{", "[]", '{"state": 3}', '{"holder": "x", "amount_asked": "much"}'])
def test_a_damaged_memory_of_what_was_seen_counts_for_nothing(
    client: Client, officer: Account, lead: Account, seen: str
) -> None:
    people.signed_in(client, lead)
    case = factories.case(officer)
    response = client.post(url(case, "freeze"), {"version": case.version + 7, "seen": seen, "text": "Doubtful"})
    assert response.status_code == 409


@pytest.mark.parametrize("version", ["", "0", "-1", "abc", "9" * 30])
def test_a_form_without_a_version_is_not_taken(client: Client, officer: Account, lead: Account, version: str) -> None:
    people.signed_in(client, lead)
    case = factories.case(officer)
    response = client.post(url(case, "freeze"), {"version": version, "text": "Doubtful"})
    assert response.status_code in {400, 409}
    case.refresh_from_db()
    assert not case.is_frozen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.event))
def test_the_pages_are_closed_to_roles_without_the_permission_and_to_other_branches(
    client: Client, officer: Account, page: Any
) -> None:
    case = factories.case(officer)
    people.signed_in(client, factories.worker(Role.ADMINISTRATOR))
    assert client.get(url(case, page.event)).status_code == 403
    outside = people.branch("TA")
    for role in (Role.LOAN_OFFICER, Role.TEAM_LEAD, Role.CREDIT_ANALYST):
        people.signed_in(client, factories.worker(role, outside))
        assert client.get(url(case, page.event)).status_code in {403, 404}


def test_the_page_of_a_step_costs_a_bounded_number_of_queries(
    client: Client, officer: Account, lead: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = factories.case(officer)
    people.signed_in(client, lead)
    client.get(url(case, "reassign"))
    with django_assert_max_num_queries(19):
        client.get(url(case, "reassign"))


# -- the urgent lane


def test_a_lead_puts_a_case_on_the_urgent_lane_and_off_it(
    client: Client, officer: Account, lead: Account, smooth: None
) -> None:
    case = factories.submitted(officer)
    ordinary = case.due_at
    assert send(client, officer, case, "urgent_on", text="The oven broke").status_code == 403
    assert send(client, lead, case, "urgent_on", text="").status_code == 400
    assert send(client, lead, case, "urgent_off", text="Not on it").status_code == 403
    assert send(client, lead, case, "urgent_on", text="The oven broke").status_code == 302
    case.refresh_from_db()
    assert (case.is_urgent, case.state, case.holder_id) == (True, State.INTAKE, officer.person_id)
    assert clock.now() < case.due_at < ordinary
    assert send(client, lead, case, "urgent_on", text="Once more").status_code == 403
    assert send(client, lead, case, "urgent_off", text="It was repaired").status_code == 302
    case.refresh_from_db()
    assert not case.is_urgent
    assert abs(case.due_at - ordinary) < dt.timedelta(minutes=1)
    actions = AuditEvent.objects.filter(outcome="done", action__in=[Tag.CASE_URGENT, Tag.CASE_NOT_URGENT])
    assert list(actions.order_by("id").values_list("action", flat=True)) == [Tag.CASE_URGENT, Tag.CASE_NOT_URGENT]


def test_a_case_that_waits_changes_its_lane_for_when_it_goes_on(officer: Account, lead: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    case = factories.moved(case, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    before = case.paused_seconds or 0
    case = factories.moved(case, Event.URGENT_ON, lead, text="The oven broke")
    assert case.paused_seconds == max(before - 8 * 3600, 0)
    assert case.state == State.WAITING


def test_what_is_past_due_stays_due_when_it_was(officer: Account, lead: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    due = case.due_at
    with clock.at(due + dt.timedelta(days=1)):
        case = factories.moved(case, Event.URGENT_ON, lead, text="Hurry")
    assert case.due_at == due


def test_the_page_offers_only_the_lane_the_case_is_not_on(
    client: Client, officer: Account, lead: Account, smooth: None
) -> None:
    case = factories.submitted(officer)
    people.signed_in(client, lead)
    assert url(case, "urgent_on") in text_of(client.get(case.get_absolute_url()))
    factories.moved(case, Event.URGENT_ON, lead, text="Hurry")
    shown = text_of(client.get(case.get_absolute_url()))
    assert url(case, "urgent_off") in shown
    assert url(case, "urgent_on") not in shown


# -- answering a colleague


def reply_url(case: LoanCase, message: Message) -> str:
    """Address of the page that answers a question."""
    return reverse("workflow:reply", args=[case.number, message.pk])


def looks_of(account: Account) -> int:
    """How often a person opened a case."""
    return AuditEvent.objects.filter(action=Tag.CASE_OPENED, actor=account.handle).count()


def test_a_colleagues_answer_counts_and_goes_to_who_asked(
    client: Client, officer: Account, analyst: Account, smooth: None
) -> None:
    case = factories.submitted(officer)
    factories.moved(
        case, Event.ASK_COLLEAGUE, officer, text="Do you know them?", data={"to_person_id": analyst.person_id}
    )
    question = Message.objects.get()
    people.signed_in(client, analyst)
    assert reply_url(case, question) in text_of(client.get(case.get_absolute_url()))
    looks = looks_of(analyst)
    assert "Do you know them?" in text_of(client.get(reply_url(case, question)))
    assert looks_of(analyst) == looks + 1, "the look at the question is recorded before its words are shown"
    assert client.post(reply_url(case, question), {"body": "Since years."})["Location"] == case.get_absolute_url()
    question.refresh_from_db()
    answer = Message.objects.get(kind="answer")
    assert question.answered_at is not None
    assert (answer.reply_to_id, answer.to_person_id, answer.audience) == (question.pk, officer.person_id, "colleague")
    assert reply_url(case, question) not in text_of(client.get(case.get_absolute_url()))
    again = client.post(reply_url(case, question), {"body": "Once more."})
    assert again.status_code == 400
    assert "answered this question already" in text_of(again)
    people.signed_in(client, officer)
    assert "your question was answered" in text_of(client.get(reverse("console:notices")))


@pytest.mark.parametrize("body", ["", "  ", "nul \x00", "x" * 4001])
def test_an_answer_that_cannot_be_taken_leaves_the_question_open(
    client: Client, officer: Account, analyst: Account, smooth: None, body: str
) -> None:
    case = factories.submitted(officer)
    factories.moved(
        case, Event.ASK_COLLEAGUE, officer, text="Do you know them?", data={"to_person_id": analyst.person_id}
    )
    question = Message.objects.get()
    people.signed_in(client, analyst)
    assert client.post(reply_url(case, question), {"body": body}).status_code == 400
    question.refresh_from_db()
    assert question.answered_at is None


def test_what_is_no_colleagues_question_of_this_case_has_no_answer_page(
    client: Client, officer: Account, analyst: Account, smooth: None
) -> None:
    case, other = factories.submitted(officer), factories.submitted(officer)
    factories.moved(
        case, Event.ASK_COLLEAGUE, officer, text="Do you know them?", data={"to_person_id": analyst.person_id}
    )
    question = Message.objects.get()
    people.signed_in(client, analyst)
    assert client.get(reply_url(other, question)).status_code == 404
    people.signed_in(client, officer)
    assert client.get(reply_url(case, question)).status_code == 404, "who asked does not answer"


def test_the_borrowers_answer_answers_the_question(officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    case = factories.moved(case, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    factories.moved(case, Event.ANSWER_RECORDED, officer, text="In the safe.")
    question, answer = Message.objects.order_by("id")
    assert question.answered_at is not None
    assert answer.reply_to_id == question.pk
