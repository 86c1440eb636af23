"""Announcements: who writes them, who sees them and when, and who has put them away; and the page of safety."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.portal.announcements import announce, announcement_end, announcement_put_away, shown_to
from apps.portal.models import Announcement
from tests.accounts import factories as people
from tests.portal.factories import announcement_values
from tests.workflow import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Actor:
    """Who writes announcements."""
    return people.actor_for(people.staff(Role.ADMINISTRATOR))


def written(actor: Actor, **given: Any) -> Announcement:
    return announce(actor=actor, announcement=None, values=announcement_values(**given))


def titles(actor: Actor | None) -> list[str]:
    return [each.title_en for each in shown_to(actor)]


def test_each_reader_sees_what_is_for_them(administrator: Actor) -> None:
    for audience in ("portal", "staff", "all"):
        written(administrator, audience=audience, title_en=audience)
    borrower, officer = (people.actor_for(each) for each in (people.borrower_account(), factories.worker()))
    assert set(titles(borrower)) == {"portal", "all"}
    assert set(titles(officer)) == {"staff", "all"}
    assert titles(None) == titles(Actor.anonymous()) == ["all"]


@pytest.mark.parametrize(
    ("after", "seen"), [(dt.timedelta(hours=-2), False), (dt.timedelta(0), True), (dt.timedelta(days=7), False)]
)
def test_it_appears_and_disappears_by_the_clock(administrator: Actor, after: dt.timedelta, seen: bool) -> None:
    written(administrator)
    with clock.at(clock.now() + after):
        assert bool(shown_to(administrator)) is seen


def test_it_is_changed_and_taken_down_on_record_until_it_is_over(administrator: Actor) -> None:
    row = written(administrator)
    announce(actor=administrator, announcement=row, values=announcement_values(title_en="Closed on Saturday"))
    announcement_end(actor=administrator, announcement=row)
    assert shown_to(administrator) == []
    with pytest.raises(Refused, match="over"):
        announce(actor=administrator, announcement=row, values=announcement_values())
    actions = AuditEvent.objects.filter(action__startswith="portal.announce", outcome="done").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "portal.announced", "portal.announcement_changed", "portal.announcement_ended",
    ]  # fmt: skip


def test_what_ends_before_it_begins_or_is_past_is_not_taken(administrator: Actor) -> None:
    now = clock.now()
    for ends in (now - dt.timedelta(minutes=5), now - dt.timedelta(hours=2)):
        with pytest.raises(BadInput):
            written(administrator, ends_at=ends)


@pytest.mark.parametrize("role", [Role.HEAD_OF_CREDIT, Role.LOAN_OFFICER, Role.SECURITY_OFFICER])
def test_nobody_but_an_administrator_announces(client: Client, role: Role) -> None:
    account = factories.worker(role)
    with pytest.raises(Refused):
        written(people.actor_for(account))
    people.signed_in(client, account)
    assert client.get(reverse("portal:announcements")).status_code == 403


def test_a_reader_puts_it_away_for_themselves_alone(client: Client, administrator: Actor) -> None:
    row = written(administrator, title_en="Open on <Saturday>")
    reader, other = people.borrower_account(), people.borrower_account()
    people.signed_in(client, reader)
    home = reverse("portal:home")
    assert "Open on &lt;Saturday&gt;" in client.get(home).content.decode()
    assert client.post(reverse("portal:announcement_put_away", args=[row.pk]))["Location"] == "/"
    assert "Saturday" not in client.get(home).content.decode()
    announcement_put_away(actor=people.actor_for(reader), announcement=row)
    assert titles(people.actor_for(other)) == ["Open on <Saturday>"]


def test_the_pages_write_change_and_end_it(client: Client) -> None:
    people.signed_in(client, people.staff(Role.ADMINISTRATOR))
    sent = {**announcement_values(audience="staff"), "begins_at": "2026-01-01T09:00", "ends_at": "2031-01-01T09:00"}
    assert client.post(reverse("portal:announcement_new"), {**sent, "ends_at": "2025-01-01T09:00"}).status_code == 400
    listed = reverse("portal:announcements")
    assert client.post(reverse("portal:announcement_new"), sent)["Location"] == listed
    row = Announcement.objects.get()
    page = reverse("portal:announcement", args=[row.pk])
    assert page in client.get(listed).content.decode()
    assert client.get(page).context["form"]["title_zh"].value() == "本周六营业"
    assert "Open on Saturday" in client.get("/").content.decode()
    assert client.post(reverse("portal:announcement_end", args=[row.pk]))["Location"] == listed
    assert "Open on Saturday" not in client.get("/").content.decode()
    assert client.get(reverse("portal:announcement", args=[9999])).status_code == 404


def test_strangers_find_what_is_for_everybody_and_the_page_of_safety(client: Client, administrator: Actor) -> None:
    written(administrator)
    text = client.get(reverse("accounts:sign_in")).content.decode()
    assert "Open on Saturday" in text
    assert reverse("portal:safety") in text
    page = client.get(reverse("portal:safety"))
    assert page.status_code == 200
    assert "http://testserver/" in page.content.decode()
    assert reverse("accounts:sessions") not in page.content.decode()


def test_one_click_signs_out_everywhere_else(client: Client) -> None:
    account = people.borrower_account()
    elsewhere, stranger = Client(), Client()
    people.signed_in(elsewhere, account)
    people.signed_in(stranger, people.borrower_account())
    people.signed_in(client, account)
    end = reverse("accounts:sessions_end_others")
    assert end in client.get(reverse("portal:safety")).content.decode()
    assert client.post(end)["Location"] == reverse("accounts:sessions")
    home = reverse("portal:home")
    assert [each.get(home).status_code for each in (client, elsewhere, stranger)] == [200, 302, 200]
