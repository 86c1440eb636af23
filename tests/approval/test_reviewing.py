"""A second look at a decision: within its term, by a person who took no part, with reasons in the letter."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.approval.models import DecisionReview, Letter
from apps.approval.selectors.reviews import people_decided, reviewable
from apps.approval.services import approval_decline, review_ask, review_close
from apps.core import clock
from apps.core.errors import BadInput, NotVisible, Refused
from apps.vault.files import open_stream
from apps.workflow import registry
from apps.workflow.models import LoanCase, Notice
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import ONE, approver_account, case_needing, policy
from tests.portal.factories import account_for
from tests.workflow import factories
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """A declined case, who declined it, its borrower, and two leads of the branch."""

    case: LoanCase
    decider: Account
    borrower: Account
    lead: Account


def build() -> World:
    factories.reason("decline", "short-history")
    policy()
    decider = approver_account(ONE)
    case = case_needing(ONE)
    approval_decline(actor=people.actor_for(decider), case=case, version=case.version, reasons=["short-history"])
    case = again(case)
    lead = factories.worker(Role.TEAM_LEAD, branch=case.branch)
    return World(case, decider, account_for(case), lead)


world = once_a_module(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def asked(world: World) -> DecisionReview:
    return review_ask(actor=people.actor_for(world.borrower), case=world.case, words="We have traded for nine years.")


def closed(world: World, review: DecisionReview, by: Account, outcome: str = "upheld", **more: Any) -> DecisionReview:
    case = again(world.case)
    given = {"reasons": "The accounts cover two years.", **more}
    return review_close(
        actor=people.actor_for(by), case=case, review=review, version=case.version, outcome=outcome, **given
    )


def test_a_request_has_its_last_day_and_reaches_those_who_took_no_part(world: World) -> None:
    review = asked(world)
    assert review.due_on == clock.today() + dt.timedelta(days=30)
    assert Notice.objects.filter(kind="review_asked", person=world.lead.person, case=world.case).exists()
    assert not Notice.objects.filter(kind="review_asked", person=world.decider.person).exists()
    with pytest.raises(Refused, match="asked already"):
        asked(world)


def test_it_is_asked_within_the_term_by_the_borrower_with_words(world: World) -> None:
    with clock.at(clock.now() + dt.timedelta(days=60)):
        assert reviewable(world.case) is not None
    with clock.at(clock.now() + dt.timedelta(days=62)), pytest.raises(Refused, match="term is over"):
        asked(world)
    with pytest.raises(BadInput):
        review_ask(actor=people.actor_for(world.borrower), case=world.case, words=" ")
    for stranger in (people.borrower_account(), world.lead):
        with pytest.raises(NotVisible):
            review_ask(actor=people.actor_for(stranger), case=world.case, words="Look again.")


@pytest.mark.parametrize("role", [Role.TEAM_LEAD, Role.HEAD_OF_CREDIT])
def test_upholding_writes_letters_with_the_reasons_and_leaves_the_case(world: World, role: Role) -> None:
    review = closed(world, asked(world), factories.worker(role, branch=world.case.branch))
    assert again(world.case).state == State.DECLINED
    letters = list(Letter.objects.filter(review=review).select_related("file"))
    assert {letter.language for letter in letters} == {"en", "zh-hans"}
    english = next(letter for letter in letters if letter.language == "en")
    text = PdfReader(io.BytesIO(b"".join(open_stream(english.file)))).pages[0].extract_text()
    assert "The accounts cover two years." in text
    assert "The decision stands." in text
    with pytest.raises(Refused, match="already"):
        closed(world, review, world.lead)


def test_who_took_part_never_looks_again_whatever_roles_they_hold(world: World) -> None:
    review = asked(world)
    analyst = next(iter(people_decided(world.case) - {world.decider.person_id}))
    for person_id in (world.decider.person_id, analyst):
        account = Account.objects.get(person_id=person_id, kind="staff")
        people.role_found(
            actor=people.SETUP, person=account.person, role=Role.TEAM_LEAD, branch=world.case.branch, reason="test"
        )
        with pytest.raises(Refused) as refusal:
            closed(world, review, account)
        assert refusal.value.guard in {"own_decision", "administers"}
        if refusal.value.guard == "own_decision":
            assert world.lead.handle in refusal.value.who_can


@pytest.mark.parametrize(
    ("role", "error"), [(Role.APPROVER_1, Refused), (Role.COMPLIANCE_OFFICER, Refused), (Role.AUDITOR, Refused)]
)
def test_others_do_not_answer(world: World, role: Role, error: type[Exception]) -> None:
    review = asked(world)
    with pytest.raises(error):
        closed(world, review, factories.worker(role, branch=world.case.branch))


def test_reopening_has_to_pass_the_guards_of_its_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    review = asked(world)
    with pytest.raises(Refused) as refusal:
        closed(world, review, world.lead, "reopened")
    assert refusal.value.guard == "consent_fresh"
    assert DecisionReview.objects.get(pk=review.pk).reviewed_at is None
    assert not Letter.objects.filter(review=review).exists()
    for name in ("consent_fresh", "declaration_signed"):
        kept = registry.guards[name]
        monkeypatch.setitem(registry.guards, name, registry.Guard(name, kept.label, lambda *_: [], kept.standing))
    closed(world, review, world.lead, "reopened")
    assert again(world.case).state == State.CREDIT_REVIEW


@pytest.mark.parametrize(("outcome", "reasons"), [("referred", "So."), ("", "So."), ("upheld", " ")])
def test_an_answer_that_makes_no_sense_is_not_taken(world: World, outcome: str, reasons: str) -> None:
    with pytest.raises(BadInput):
        closed(world, asked(world), world.lead, outcome, reasons=reasons)


def test_the_whole_way_on_the_pages(world: World, client: Client) -> None:
    people.signed_in(client, world.borrower)
    case_url = reverse("portal:case", args=[world.case.number])
    ask = reverse("portal:look_again", args=[world.case.number])
    assert ask in client.get(case_url).content.decode()
    assert client.post(ask, {"words": "Nine years."})["Location"].startswith(case_url)
    page = client.get(case_url).content.decode()
    assert ask not in page
    assert "answers by" in page
    review = DecisionReview.objects.get()
    staff = Client()
    people.signed_in(staff, world.lead)
    address = reverse("approval:review", args=[world.case.number, review.pk])
    assert address in staff.get(reverse("portal:requests")).content.decode()
    assert "Nine years." in staff.get(address).content.decode()
    answer = staff.post(address, {"version": world.case.version, "outcome": "upheld", "reasons": "Two years only."})
    assert answer["Location"] == world.case.get_absolute_url()
    page = client.get(case_url).content.decode()
    assert "the decision stands" in page
    assert "Letter on a second look" in page
    assert world.lead.handle not in page
    people.signed_in(staff, world.decider)
    assert staff.get(address).status_code == 403


def test_nothing_is_offered_to_ask_about_while_nothing_is_decided(world: World) -> None:
    case = factories.case()
    assert reviewable(case) is None
    with pytest.raises(Refused):
        review_ask(actor=people.actor_for(account_for(case)), case=case, words="Please.")
