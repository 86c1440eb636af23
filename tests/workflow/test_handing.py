"""Handing over many cases: who may be given what, what the preview promises, and that sending twice moves nothing twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.duties import Duty
from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.models import CaseBlock, LoanCase, Notice
from apps.workflow.process import Event
from apps.workflow.selectors.handing import Chosen, cases_held, previewed, takers
from apps.workflow.services.cases import duty_write
from apps.workflow.services.handing import cases_hand_over
from tests.accounts import factories as people
from tests.workflow import factories
from tests.worlds import once_a_module

PAGE, PREVIEW, CONFIRM = (
    reverse(f"console:{name}") for name in ("hand_over", "hand_over_preview", "hand_over_confirm")
)
WHY = "On leave from today"


@dataclass(frozen=True)
class World:
    """Drafts of one officer at two branches, and who may lead or take them."""

    holder: Account
    taker: Account
    analyst: Account
    lead: Account
    cases: tuple[LoanCase, ...]
    elsewhere: LoanCase


def build() -> World:
    """Make five drafts here, each in its own way, and one at a branch that the lead does not lead."""
    home, away = people.branch("JN"), people.branch("QD")
    holder, taker = factories.worker(branch=home, handle="absent"), factories.worker(branch=home, handle="taker")
    lead = factories.worker(Role.TEAM_LEAD, home)
    cases = tuple(factories.case(holder, branch=home) for _each in range(5))
    elsewhere = factories.case(factories.worker(branch=away), branch=away)
    _hindered(actor=people.SETUP, cases=cases, taker=taker)
    frozen = cases[3]
    factories.reason("freeze")
    factories.moved(frozen, Event.FREEZE, lead, text="An enquiry runs.")
    return World(
        holder,
        taker,
        factories.worker(Role.CREDIT_ANALYST, home),
        lead,
        tuple(LoanCase.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk")),
        elsewhere,
    )


@act
def _hindered(*, actor: Actor, cases: tuple[LoanCase, ...], taker: Account) -> None:
    """Let the taker have reviewed the second case, and be kept off the third."""
    duty_write(cases[1], taker.person_id, Duty.REVIEWS, "recommend")
    CaseBlock.objects.create(case=cases[2], person=taker.person, reason="cousin")
    for case in cases[1:3]:
        record(Tag.CASE_REASSIGNED, actor=actor, subject=case, case=case)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def seen(*cases: LoanCase) -> list[Chosen]:
    """The cases as they stand."""
    return [Chosen(case.number, case.version) for case in cases]


def told(lines: Any) -> dict[str, tuple[str, str]]:
    """Outcome and reason by case."""
    return {line.case.number: (line.outcome, str(line.why)) for line in lines}


def browser(account: Account) -> Client:
    """A client of somebody who is signed in."""
    client = Client()
    people.signed_in(client, account)
    return client


def test_the_preview_and_the_result_say_the_same_of_each_case(world: World) -> None:
    free, reviewed, blocked, frozen, stale = world.cases
    actor, chosen = people.actor_for(world.lead), seen(*world.cases, world.elsewhere)
    factories.moved(stale, Event.URGENT_ON, world.lead, text="Season")
    promised = told(previewed(actor, chosen, world.taker.person_id, WHY))
    assert {number: outcome for number, (outcome, _why) in promised.items()} == {
        free.number: "moves", reviewed.number: "stays", blocked.number: "stays", frozen.number: "stays", stale.number: "stays",
    }  # fmt: skip
    for case, words in (
        (reviewed, "Already took the duty “reviews”"), (blocked, "A conflict of interest keeps this person off"),
        (frozen, "The case is frozen"), (stale, "Changed since you looked"),
    ):  # fmt: skip
        assert words.lower() in promised[case.number][1].lower()
    assert not AuditEvent.objects.filter(outcome="refused").exists(), "a preview tries nothing"
    assert LoanCase.objects.get(pk=free.pk).holder_id == world.holder.person_id
    done = told(cases_hand_over(actor=actor, chosen=chosen, new_holder_id=world.taker.person_id, text=WHY))
    assert done == promised
    assert {case.number for case in LoanCase.objects.filter(holder=world.taker.person)} == {free.number}
    assert AuditEvent.objects.filter(action=Tag.CASE_REASSIGNED, case=free.number, outcome="done").count() == 1
    refused = AuditEvent.objects.filter(outcome="refused")
    assert refused.count() == 4, "what was tried and refused is on record"
    assert Notice.objects.filter(person=world.taker.person, case=free).count() == 1


def test_sending_it_twice_moves_nothing_twice(world: World) -> None:
    free, actor = world.cases[0], people.actor_for(world.lead)
    for outcome in ("moves", "there"):
        lines = cases_hand_over(actor=actor, chosen=seen(free), new_holder_id=world.taker.person_id, text=WHY)
        assert [line.outcome for line in lines] == [outcome]
    assert AuditEvent.objects.filter(action=Tag.CASE_REASSIGNED, case=free.number, outcome="done").count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_every_case_stays(world: World, reason: str) -> None:
    lines = cases_hand_over(
        actor=people.actor_for(world.lead),
        chosen=seen(world.cases[0]),
        new_holder_id=world.taker.person_id,
        text=reason,
    )
    assert told(lines)[world.cases[0].number] == ("stays", "Give a reason.")


def test_who_does_not_lead_hands_nothing_over(world: World) -> None:
    with pytest.raises(Refused):
        cases_hand_over(
            actor=people.actor_for(world.taker),
            chosen=seen(world.cases[0]),
            new_holder_id=world.taker.person_id,
            text=WHY,
        )
    client = browser(world.holder)
    assert client.get(PAGE).status_code == 403
    assert client.post(CONFIRM, {"case": "x:1"}).status_code == 403


def test_a_person_without_the_role_is_not_offered_and_takes_nothing_by_hand(world: World) -> None:
    free = world.cases[0]
    offered = dict(takers([free]))
    assert {"absent", "taker"} <= set(offered.values())
    assert world.analyst.person_id not in offered
    lines = previewed(people.actor_for(world.lead), seen(free), world.analyst.person_id, WHY)
    assert told(lines)[free.number] == ("stays", "Holds no role for this stage's work at this branch.")


def test_a_lead_goes_from_an_absent_person_to_the_result(world: World, settings: Any) -> None:
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]  # each case is locked, judged and written by itself
    client = browser(world.lead)
    assert f"{PAGE}?holder=absent" not in client.get(PAGE).content.decode()
    assert 'href="?holder=absent"' in client.get(PAGE).content.decode()
    text = client.get(PAGE, {"holder": "absent"}).content.decode()
    tokens = re.findall(r'name="case" value="([^"]+)"', text)
    assert {token.partition(":")[0] for token in tokens} == {case.number for case in world.cases}
    assert ">absent</option>" not in text, "the one who hands over takes nothing"
    sent = {"case": tokens, "new_holder": world.taker.person_id, "text": WHY}
    assert client.post(PREVIEW, {**sent, "text": " "}).status_code == 400
    text = client.post(PREVIEW, sent).content.decode()
    assert "2 cases move to taker." in text
    moving = re.findall(r'name="case" value="([^"]+)"', text)
    assert len(moving) == 2, "what stays is not sent on"
    text = client.post(CONFIRM, {**sent, "case": moving}).content.decode()
    assert "2 cases moved to taker." in text
    assert "2 there already" in client.post(CONFIRM, {**sent, "case": moving}).content.decode()
    assert len(cases_held(people.actor_for(world.lead), world.holder.person_id)) == 3


@pytest.mark.parametrize("junk", ["", "LF-2026-000001", "LF:9999999999", ":", "LF-1:-1", "LF-1:1:1"])
def test_what_is_no_case_is_left_out(world: World, junk: str) -> None:
    client = browser(world.lead)
    assert "Whose cases?" in client.get(PAGE, {"case": junk}).content.decode()
    assert client.post(CONFIRM, {"case": junk, "new_holder": world.taker.person_id, "text": WHY}).status_code == 400


def test_rows_are_chosen_by_leads_only(world: World) -> None:
    for account, page in ((world.lead, "?tab=branch"), (world.holder, "?tab=branch")):
        text = browser(account).get(reverse("console:work") + page).content.decode()
        assert (f'name="case" value="{world.cases[0].number}:' in text) is (account == world.lead)
