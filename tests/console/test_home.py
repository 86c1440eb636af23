"""The first page: what others did on one's cases since one last looked, the mark that says so, and the leads' charts."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.console.marks import mark_of, news_seen
from apps.console.models import HomeMark
from apps.console.notice_places import with_places
from apps.core import clock
from apps.workflow.models import CaseBlock, CaseStep, LoanCase, Notice
from apps.workflow.process import Event
from apps.workflow.selectors.news import newest_step, news_for
from apps.workflow.services.sharing import case_block
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
SEEN = reverse("console:news_seen")


@pytest.fixture
def officer(smooth: None) -> Account:
    """Return a loan officer at head office."""
    return factories.worker(handle="officer-1")


@pytest.fixture
def passed_on(officer: Account) -> LoanCase:
    """A case that its officer prepared and an analyst has taken."""
    return factories.reviewed(officer, factories.worker(Role.CREDIT_ANALYST, handle="analyst-1"))


def told(account: Account) -> list[tuple[str, str]]:
    """What the news say to somebody: event and who did it, newest first."""
    actor = people.actor_for(account)
    return [(each.step.event, each.step.who) for each in news_for(actor, mark_of(actor))]


def test_what_others_did_is_told_to_who_prepared_the_case_and_ones_own_steps_are_not(
    officer: Account, passed_on: LoanCase
) -> None:
    assert told(officer) == [(Event.CLAIM, "analyst-1")]
    assert told(Account.objects.get(handle="analyst-1")) == [
        (event, "officer-1") for event in (Event.ACCEPT, Event.CLAIM, Event.SUBMIT, Event.CREATE)
    ]
    assert told(factories.worker()) == [], "nothing of it is a third person's"


def test_the_news_go_when_they_are_marked_as_seen_and_later_ones_come(
    client: Client, officer: Account, passed_on: LoanCase
) -> None:
    people.signed_in(client, officer)
    text = client.get("/").content.decode()
    upto = re.search(r'name="upto" value="(\d+)"', text)
    assert upto, "the page says how far it shows"
    assert "Take the case" in text
    factories.moved(passed_on, Event.FREEZE, factories.worker(Role.TEAM_LEAD), text="Enquiry")  # while the page is open
    assert client.post(SEEN, {"upto": upto[1]})["Location"] == "/"
    assert [event for event, _who in told(officer)] == [Event.FREEZE]
    assert AuditEvent.objects.filter(action=Tag.NEWS_SEEN, outcome="done").count() == 1


@pytest.mark.parametrize("upto", ["", "-1", "x", "9" * 40, "²"])
def test_a_mark_of_nonsense_changes_nothing(client: Client, officer: Account, passed_on: LoanCase, upto: str) -> None:
    people.signed_in(client, officer)
    assert client.post(SEEN, {"upto": upto}).status_code == 302
    assert not HomeMark.objects.exists()


def test_the_mark_moves_forward_only_and_not_past_what_has_happened(officer: Account, passed_on: LoanCase) -> None:
    actor, newest = people.actor_for(officer), newest_step()
    for upto, marked in ((newest + 1000, newest), (1, newest), (newest, newest)):
        news_seen(actor=actor, upto=upto)
        assert mark_of(actor) == marked
    assert AuditEvent.objects.filter(action=Tag.NEWS_SEEN).count() == 1, "what changes nothing is no event"


def test_who_has_never_looked_is_told_of_the_last_week(officer: Account, passed_on: LoanCase) -> None:
    with clock.at(clock.now() + dt.timedelta(days=8)):
        assert told(officer) == []


def test_who_may_no_longer_see_a_case_hears_nothing_of_it(officer: Account, passed_on: LoanCase) -> None:
    assert told(officer)
    moved = people.actor_for(officer)
    assert news_for(moved, 0)
    assert news_for(people.actor_for(factories.worker(branch=people.branch("TA"))), 0) == []
    _blocked(passed_on, officer)
    assert news_for(people.actor_for(officer), 0) == []


def _blocked(case: LoanCase, account: Account) -> None:
    lead = people.actor_for(factories.worker(Role.TEAM_LEAD))
    case_block(actor=lead, case=LoanCase.objects.get(pk=case.pk), handle=account.handle, reason="cousin")
    assert CaseBlock.objects.filter(case=case).exists()


def test_a_lead_reads_the_same_figures_in_the_chart_and_in_its_table(client: Client, officer: Account) -> None:
    for _each in range(3):
        factories.case(officer)
    lead = factories.worker(Role.TEAM_LEAD)
    people.signed_in(client, lead)
    text = client.get("/").content.decode()
    chart, table = text.partition('id="holders-table"')[::2]
    assert re.findall(r'<text x="\d+%" y="18">(\d+)</text>', chart)[-1] == "3"
    assert re.search(
        r'href="/work/hand-over/\?holder=officer-1"[^>]*>officer-1</a></td>\s*<td class="num">3</td>', table
    )
    assert ' style="' not in text


@pytest.mark.parametrize("role", [role for role in Role if role != Role.BORROWER])
def test_in_a_house_without_cases_home_counts_nothing(client: Client, role: Role) -> None:
    people.signed_in(client, people.staff(role))
    answer = client.get("/")
    assert answer.status_code == 200
    counted = set(re.findall(r'class="tile-figure[^"]*">\s*([\d,]+)\s*<', answer.content.decode()))
    assert counted <= {"0"}


def test_marking_is_refused_to_who_works_on_no_cases(client: Client) -> None:
    people.signed_in(client, factories.worker(Role.AUDITOR))
    assert client.post(SEEN, {"upto": "1"}).status_code == 403
    assert not CaseStep.objects.exists()


@pytest.mark.parametrize(
    ("kind", "role", "leads_to"),
    [
        ("data_asked", Role.LOAN_OFFICER, "/requests/"),
        ("data_asked", Role.CREDIT_ANALYST, ""),
        ("delegation_made", Role.CREDIT_ANALYST, "/deputies/"),
        ("right_declined", Role.CREDIT_ANALYST, "/rights/"),
        ("few_administrators", Role.LOAN_OFFICER, ""),
        ("nothing_known", Role.LOAN_OFFICER, ""),
    ],
)
def test_a_notice_without_a_case_leads_to_where_its_reader_answers_it(
    client: Client, kind: str, role: Role, leads_to: str
) -> None:
    reader = people.staff(role)
    Notice.objects.create(person=reader.person, kind=kind, created_at=clock.now())
    [(_notice, place)] = with_places(people.actor_for(reader), Notice.objects.all())
    assert place.endswith(leads_to)
    assert bool(place) is bool(leads_to)
    people.signed_in(client, reader)
    text = client.get(reverse("console:notices")).content.decode()
    assert (f'data-row-link href="{place}"' in text) is bool(leads_to)
