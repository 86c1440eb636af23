"""The case page: what it shows to whom, which buttons, what it says when something stands in the way."""

from __future__ import annotations

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
from apps.core.errors import Unavailable
from apps.core.permissions import Permission
from apps.vault.errors import KeysUnavailable
from apps.workflow import registry
from apps.workflow.buttons import buttons_for
from apps.workflow.models import LoanCase, Message
from apps.workflow.process import Event
from apps.workflow.registry import Panel
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.workflow import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_panels")]


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


@pytest.fixture
def analyst() -> Account:
    """Return a credit analyst at head office."""
    return factories.worker(Role.CREDIT_ANALYST)


def page(client: Client, case: LoanCase, who: Account) -> Any:
    """Open the case page as somebody."""
    people.signed_in(client, who)
    return client.get(case.get_absolute_url())


def say(client: Client, case: LoanCase, **data: str) -> Any:
    """Post a message."""
    return client.post(reverse("workflow:say", args=[case.number]), data)


def test_the_page_shows_what_is_asked_by_whom_and_what_is_missing(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    text = page(client, case, officer).content.decode()
    for word in (
        case.number, case.borrower.legal_name, "Asked CNY\u00a01,200,000", "24 months", "Flour and packaging", officer.handle,
        "The application is complete", "Open a case", "Prepares", "Stage 1 of 7",
    ):  # fmt: skip
        assert word in text, word


def test_opening_the_page_is_recorded_before_a_message_is_shown(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    people.signed_in(client, officer)
    say(client, case, audience="colleague", body="The owner calls back on Monday.")
    text = page(client, case, officer).content.decode()
    assert "The owner calls back on Monday." in text
    event = AuditEvent.objects.filter(action=Tag.CASE_OPENED).order_by("-id").first()
    assert event is not None
    assert (event.data["kind"], event.data["case"]) == ("read", case.number)
    assert event.data["purpose"] == {"code": f"task:{case.state}"}


def test_a_case_of_another_branch_is_not_there(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    stranger = factories.worker(branch=people.branch("TA"))
    response = page(client, case, stranger)
    assert response.status_code == 404
    assert case.borrower.legal_name not in response.content.decode()
    people.signed_in(client, stranger)
    nothing = client.get(reverse("workflow:case", args=["LF-2026-999999"]))
    assert nothing.status_code == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_OFFICER])
def test_who_does_not_work_on_cases_is_refused(client: Client, officer: Account, role: str) -> None:
    response = page(client, factories.case(officer), factories.worker(role))
    assert response.status_code == 403
    assert "Who can:" in response.content.decode()


def test_an_auditor_reads_but_finds_no_buttons(client: Client, officer: Account) -> None:
    response = page(client, factories.case(officer), factories.worker(Role.AUDITOR))
    assert response.status_code == 200
    assert response.context["buttons"].lead is None
    assert not response.context["buttons"].others
    assert "Send</button>" not in response.content.decode()


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    response = client.get(case.get_absolute_url())
    assert response.status_code == 302
    assert case.number in response["Location"]


def test_taking_the_case_leads_while_nobody_holds_it(client: Client, officer: Account, smooth: None) -> None:
    case = factories.moved(factories.case(officer), Event.SUBMIT, officer)
    response = page(client, case, officer)
    assert response.context["buttons"].lead.event == Event.CLAIM
    assert f'action="{reverse("workflow:claim", args=[case.number])}"' in response.content.decode()


def test_a_role_that_does_not_do_the_stage_is_not_offered_the_case(
    client: Client, officer: Account, analyst: Account, smooth: None
) -> None:
    case = factories.moved(factories.case(officer), Event.SUBMIT, officer)
    buttons = page(client, case, analyst).context["buttons"]
    assert Event.CLAIM not in {button.event for button in (buttons.lead, *buttons.others) if button}


def test_a_button_that_needs_the_holder_says_so_to_others(officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    other = people.actor_for(factories.worker())
    asking = {button.event: button for button in buttons_for(case, other).others}[Event.ASK_BORROWER]
    assert not asking.possible
    assert "somebody else holds the case" in str(asking.why_not[0])
    own = {button.event: button for button in buttons_for(case, people.actor_for(officer)).others}
    assert own[Event.ASK_BORROWER].possible
    assert Event.CLAIM not in own


def test_separation_of_duties_is_explained_on_the_button(
    analyst: Account, smooth: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = people.staff([Role.LOAN_OFFICER, Role.CREDIT_ANALYST], people.branch())
    monkeypatch.setitem(
        registry.links,
        Event.RECOMMEND_UNSECURED,
        registry.EventLink(Event.RECOMMEND_UNSECURED, "workflow:claim", primary=True),
    )
    case = factories.moved(factories.submitted(both), Event.ACCEPT, both)
    lead = [
        button for button in (buttons_for(case, people.actor_for(both)).lead,) if button and button.event != Event.CLAIM
    ]
    others = [
        button
        for button in buttons_for(case, people.actor_for(both)).others
        if button.event == Event.RECOMMEND_UNSECURED
    ]
    found = (lead + others)[0]
    assert not found.possible
    assert "needs another person" in str(found.why_not[0])
    assert analyst.handle in str(found.who_can)


def test_dangerous_steps_stand_apart(officer: Account, analyst: Account, smooth: None) -> None:
    case = factories.reviewed(officer, analyst)
    buttons = buttons_for(case, people.actor_for(analyst))
    assert Event.SEND_BACK in {button.event for button in buttons.dangers}
    assert not {button.event for button in buttons.others} & {Event.SEND_BACK, Event.WITHDRAW_RECORDED, Event.FREEZE}


def test_a_frozen_case_says_so_and_nothing_moves(client: Client, officer: Account, smooth: None) -> None:
    guard = factories.worker(Role.COMPLIANCE_OFFICER)
    case = factories.moved(factories.case(officer), Event.FREEZE, guard, text="Doubtful papers")
    response = page(client, case, officer)
    assert "The case is frozen" in response.content.decode()
    withdraw = {button.event: button for button in response.context["buttons"].dangers}[Event.WITHDRAW_RECORDED]
    assert "frozen" in str(withdraw.why_not[0])
    own = page(client, case, guard).context["buttons"]
    events = {button.event: button for button in (own.lead, *own.others, *own.dangers) if button}
    assert Event.FREEZE not in events
    assert "another person" in str(events[Event.UNFREEZE].why_not[0])


def test_a_waiting_case_says_what_it_waits_for(client: Client, officer: Account, smooth: None) -> None:
    case = factories.moved(
        factories.submitted(officer),
        Event.ASK_BORROWER,
        officer,
        text="Where is the licence?",
        data={"due_on": clock.today()},
    )
    response = page(client, case, officer)
    text = response.content.decode()
    assert "Waiting for the borrower" in text
    assert "Where is the licence?" in text
    assert "service clock paused" in text
    assert response.context["buttons"].lead.event == Event.ANSWER_RECORDED


def test_the_stepper_names_who_did_a_stage(client: Client, officer: Account, analyst: Account, smooth: None) -> None:
    response = page(client, factories.reviewed(officer, analyst), analyst)
    stages = response.context["stages"]
    assert [stage.status for stage in stages] == ["done", "now", "", "", "", "", ""]
    assert stages[0].who == officer.handle
    assert "Stage 2 of 7" in response.content.decode()


def test_an_ended_case_stops_the_stepper(client: Client, officer: Account, smooth: None) -> None:
    factories.reason("withdraw")
    case = factories.moved(factories.submitted(officer), Event.WITHDRAW_RECORDED, officer, reasons=["withdraw-reason"])
    response = page(client, case, officer)
    assert response.context["stages"][0].status == "stopped"
    assert "Withdraw reason" in response.content.decode(), "the timeline quotes the reason"


def test_a_part_whose_service_is_away_does_not_take_the_page_with_it(
    client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(case: LoanCase, actor: Any) -> None:
        raise Unavailable("The valuer's desk does not answer.")

    panel = Panel("away", "workflow/panels/duties.html", away, Permission.CASE_VIEW)
    monkeypatch.setattr(registry, "panels", [*registry.panels, panel])
    case = factories.case(officer)
    text = page(client, case, officer).content.decode()
    assert "The valuer&#x27;s desk does not answer." in text
    assert case.borrower.legal_name in text


def test_messages_whose_keys_are_away_say_so(client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    case = factories.case(officer)
    people.signed_in(client, officer)
    say(client, case, audience="colleague", body="Secret words")

    def away(*_args: Any) -> None:
        raise KeysUnavailable("The key service is away.")

    monkeypatch.setattr(Message._meta.get_field("body"), "open_value", away)
    text = page(client, case, officer).content.decode()
    assert "The key service is away." in text
    assert "Secret words" not in text


def test_panels_need_their_permission(client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Panel(
        "keys", "workflow/panels/away.html", lambda case, actor: {"words": "for administrators"}, Permission.ROLE_GRANT
    )
    monkeypatch.setattr(registry, "panels", [*registry.panels, panel])
    assert "for administrators" not in page(client, factories.case(officer), officer).content.decode()


@pytest.mark.parametrize(("audience", "badge"), [("colleague", "among colleagues"), ("borrower", "with the borrower")])
def test_a_message_is_kept_and_says_whom_it_is_for(client: Client, officer: Account, audience: str, badge: str) -> None:
    case = factories.case(officer)
    people.signed_in(client, officer)
    response = say(client, case, audience=audience, body="Please come by.")
    assert response["Location"] == case.get_absolute_url()
    assert badge in page(client, case, officer).content.decode()
    assert AuditEvent.objects.filter(action=Tag.MESSAGE_SENT).count() == 1


@pytest.mark.parametrize(
    "body", ["", "   ", "x" * 4001, "nul \x00 inside", "bell \x07"], ids=["empty", "blank", "long", "nul", "control"]
)
def test_a_message_that_cannot_be_taken_is_answered_with_the_text_kept(
    client: Client, officer: Account, body: str
) -> None:
    case = factories.case(officer)
    people.signed_in(client, officer)
    response = say(client, case, audience="borrower", body=body)
    assert response.status_code == 400
    assert "error-summary" in response.content.decode()
    assert Message.objects.count() == 0


def test_messages_are_shown_as_text(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    people.signed_in(client, officer)
    say(client, case, audience="colleague", body="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in page(client, case, officer).content.decode()


def test_who_sees_the_case_is_told(client: Client, officer: Account) -> None:
    case = factories.case(officer)
    outside = factories.worker(branch=people.branch("TA"))
    people.signed_in(client, officer)
    assert client.get(reverse("workflow:access", args=[case.number])).status_code == 403
    people.signed_in(client, factories.worker(Role.TEAM_LEAD))
    text = client.get(reverse("workflow:access", args=[case.number])).content.decode()
    assert officer.handle in text
    assert f">{outside.handle}<" not in text
    assert newest(Tag.SIGHT_OPENED)["case"] == case.number


def test_the_case_page_costs_a_bounded_number_of_queries(
    client: Client, officer: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = factories.case(officer)
    page(client, case, officer)
    with django_assert_max_num_queries(37) as few:
        client.get(case.get_absolute_url())
    cost = len(few)
    for number in range(5):
        say(client, case, audience="colleague", body=f"Note {number}")
    with django_assert_max_num_queries(cost + 2):
        client.get(case.get_absolute_url())
