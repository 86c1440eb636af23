"""The page of notices by mail: what it keeps, what it refuses, and where it is reached from."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.workflow.models import NoticePreference, Rhythm
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
PAGE = reverse("console:notice_mail")
CHOICE = {
    "talk": "on",
    "rhythm": "daily",
    "daily_at": "07:30",
    "quiet_from": "22:00",
    "quiet_until": "06:00",
    "zone": "Europe/Berlin",
}


def test_what_is_chosen_is_kept_shown_again_and_recorded(client: Client) -> None:
    people.signed_in(client, factories.worker())
    assert PAGE in client.get(reverse("accounts:profile")).content.decode()
    assert client.post(PAGE, CHOICE)["Location"] == PAGE
    kept = NoticePreference.objects.get()
    assert (kept.talk, kept.moved, kept.deadlines, kept.branch, kept.rhythm) == (
        True,
        False,
        False,
        False,
        Rhythm.DAILY,
    )
    assert (kept.daily_at, kept.quiet_from, kept.quiet_until) == (dt.time(7, 30), dt.time(22), dt.time(6))
    assert (kept.zone, kept.site) == ("Europe/Berlin", "http://testserver/")
    text = client.get(PAGE).content.decode()
    assert 'value="07:30"' in text
    assert '<option value="Europe/Berlin" selected>' in text
    assert client.post(PAGE, {**CHOICE, "zone": "", "quiet_from": "", "quiet_until": ""}).status_code == 302
    assert AuditEvent.objects.filter(action=Tag.NOTICES_CHOSEN, outcome="done").count() == 2
    assert NoticePreference.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"quiet_until": ""}, "Give both ends of the quiet hours"), ({"quiet_from": ""}, "Give both ends of the quiet hours"),
        ({"quiet_until": "22:00"}, "The quiet hours end when they begin"), ({"quiet_from": "25:00"}, "valid time"),
        ({"daily_at": ""}, "required"), ({"rhythm": "hourly"}, "hourly"), ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"zone": "../../etc/passwd"}, "etc/passwd"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field(client: Client, wrong: dict[str, str], words: str) -> None:
    people.signed_in(client, factories.worker())
    answer = client.post(PAGE, {**CHOICE, **wrong})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not NoticePreference.objects.exists()


@pytest.mark.parametrize(("role", "leads"), [(Role.LOAN_OFFICER, False), (Role.TEAM_LEAD, True)])
def test_the_branchs_deadlines_are_offered_to_leads(client: Client, role: Role, leads: bool) -> None:
    people.signed_in(client, factories.worker(role))
    assert ('name="branch"' in client.get(PAGE).content.decode()) is leads
    client.post(PAGE, {**CHOICE, "branch": "on"})
    assert NoticePreference.objects.get().branch is leads


def test_who_sees_no_cases_has_no_notices_to_choose(client: Client) -> None:
    people.signed_in(client, factories.worker(Role.ADMINISTRATOR))
    assert PAGE not in client.get(reverse("accounts:profile")).content.decode()
    assert client.get(PAGE).status_code == 403
