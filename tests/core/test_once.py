"""A form that is sent twice is done once, and what is really another one is done too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.drafts import SentForms, drafts_expire
from apps.accounts.models import SentForm
from apps.borrowers.models import Borrower, Party
from apps.core import clock
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db


def house() -> dict[str, Any]:
    """Two officers and a business."""
    officer = businesses.account_of(Role.LOAN_OFFICER)
    business = businesses.borrower(people.actor_for(officer))
    return {"officer": officer, "other": businesses.account_of(Role.LOAN_OFFICER), "business": business}


world = once_a_module(house)


class Desk:
    """Somebody before the form of a new person."""

    def __init__(self, client: Client, owner: Any, business: Borrower) -> None:
        self.client, self.address = client, reverse("borrowers:person_add", args=[business.pk])
        people.signed_in(client, owner)
        self.mark = client.get(self.address).context["form_once"]

    def send(self, **typed: str) -> HttpResponse:
        """Send what is typed with the mark of the page."""
        return self.client.post(self.address, {"name": "Wang Fang", "form_once": self.mark, **typed})


@pytest.fixture
def desk(client: Client, world: dict[str, Any]) -> Desk:
    return Desk(client, world["officer"], world["business"])


def test_the_second_of_two_equal_sendings_leads_to_where_the_first_led(desk: Desk) -> None:
    first, second = desk.send(csrfmiddlewaretoken="a"), desk.send(csrfmiddlewaretoken="b", draft_version="2")
    assert (first.status_code, second.status_code, first["Location"]) == (302, 302, second["Location"])
    assert Party.objects.count() == 1
    assert "This form was sent already" in [str(one) for one in get_messages(second.wsgi_request)][-1]


def test_other_words_on_the_same_page_are_another_form(desk: Desk) -> None:
    """Somebody went back, typed the next person over the last and sent that."""
    desk.send()
    assert desk.send(name="Li Na").status_code == 302
    assert Party.objects.count() == 2


def test_what_was_refused_may_be_sent_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = desk.send(name="")
    assert (wrong.status_code, wrong.context["form_once"]) == (400, desk.mark)
    with monkeypatch.context() as broken:
        broken.setattr("apps.borrowers.views.changes.services.party_add", lambda **_given: 1 / 0)
        desk.client.raise_request_exception = False
        assert desk.send().status_code == 500
    assert desk.send().status_code == 302
    assert Party.objects.count() == 1


def test_a_sending_without_an_answer_is_not_done_again_but_told(desk: Desk) -> None:
    desk.send()
    SentForm.objects.update(url="")
    again = desk.send()
    assert (again.status_code, Party.objects.count()) == (409, 1)
    assert "Look whether it arrived" in again.content.decode()


@pytest.mark.parametrize("mark", ["", "0" * 31, "g" * 32, "'; DROP TABLE", "9" * 4000])
def test_a_mark_that_is_none_guards_nothing_and_harms_nothing(desk: Desk, mark: str) -> None:
    desk.mark = mark
    assert [desk.send().status_code for _time in range(2)] == [302, 302]
    assert Party.objects.count() == 2


def test_claims_are_each_accounts_own_and_forgotten_after_two_days(desk: Desk, world: dict[str, Any]) -> None:
    desk.send()
    key = SentForm.objects.get().key
    assert SentForms().claim(people.actor_for(world["other"]), key) is None
    with clock.at(clock.now() + dt.timedelta(days=3)):
        drafts_expire(people.SETUP)
    assert not SentForm.objects.exists()
