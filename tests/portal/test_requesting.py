"""A copy of one's own data: who may ask, who answers, what is in it and what never is, and for how long it is there."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.borrowers.models import BorrowerAccess, Interest, Party
from apps.borrowers.services import access_end, access_give
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.portal.models import DataRequest
from apps.portal.requesting import OPEN_FOR, data_ask, data_give, data_refuse, data_take
from apps.vault.files import open_stream
from apps.workflow.models import LoanCase, Notice
from apps.workflow.services.talk import message_send
from tests.accounts import factories as people
from tests.disbursement import factories as disbursement
from tests.workflow import factories
from tests.worlds import once_a_module

INNER = "The owner drinks, says the neighbour."


@dataclass(frozen=True)
class World:
    """A paid-out case, an account that is a person of its business, and who answers requests."""

    case: LoanCase
    account: Account
    party: Party
    compliance: Account


def build() -> World:
    case = disbursement.case_paid()
    officer = people.actor_for(factories.worker(branch=case.branch))
    party = Party.objects.filter(borrower=case.borrower, interests__kind="signer").first()
    assert party is not None
    account = people.borrower_account()
    access_give(actor=officer, borrower=case.borrower, account=account, party=party)
    message_send(actor=officer, case=case, audience="colleague", body=INNER)
    message_send(actor=officer, case=case, audience="borrower", body="Please bring the stamp.")
    return World(case, account, party, factories.worker(Role.COMPLIANCE_OFFICER, branch=case.branch))


world = once_a_module(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def asker(world: World, *, fresh: bool = True) -> Actor:
    return people.actor_for(world.account, fresh=fresh)


def asked(world: World) -> DataRequest:
    return data_ask(actor=asker(world), borrower=world.case.borrower)


def given(world: World) -> DataRequest:
    return data_give(actor=people.actor_for(world.compliance), request=asked(world))


def test_a_request_has_the_last_day_of_the_pack_and_is_brought_to_those_who_answer(world: World) -> None:
    request = asked(world)
    assert request.due_on == clock.today() + dt.timedelta(days=15)
    assert request.state == "asked"
    assert Notice.objects.filter(person=world.compliance.person, kind="data_asked").exists()
    with pytest.raises(Refused, match="asked already"):
        asked(world)


def test_only_a_known_person_of_the_business_asks_and_only_with_a_fresh_code(world: World) -> None:
    with pytest.raises(StepUpNeeded):
        data_ask(actor=asker(world, fresh=False), borrower=world.case.borrower)
    nobody = people.borrower_account()
    access_give(
        actor=people.actor_for(factories.worker(branch=world.case.branch)), borrower=world.case.borrower, account=nobody
    )
    with pytest.raises(Refused, match="not yet confirmed"):
        data_ask(actor=people.actor_for(nobody), borrower=world.case.borrower)
    with pytest.raises(NotVisible):
        data_ask(actor=people.actor_for(people.borrower_account()), borrower=world.case.borrower)


@pytest.mark.unrecorded
def test_a_claim_that_nobody_confirmed_gets_no_data(world: World) -> None:
    BorrowerAccess._base_manager.filter(account=world.account).update(self_made=True)
    with pytest.raises(Refused, match="not yet confirmed"):
        asked(world)


def test_the_copy_holds_ones_own_data_and_the_business_and_nothing_inner_or_of_others(world: World) -> None:
    request = given(world)
    assert request.data is not None
    text = b"".join(open_stream(request.data)).decode()
    copy = json.loads(text)
    assert copy["person"][0]["name"] == str(world.party.name.reveal())
    assert copy["applications"][0]["number"] == world.case.number
    assert {"account", "consents", "messages", "business", "loans", "schedule"} <= set(copy)
    assert [row["text"] for row in copy["messages"]] == ["Please bring the stamp."]
    staff = [each.handle for each in Account.objects.filter(kind="staff")]
    others = Party.objects.filter(borrower=world.case.borrower).exclude(pk=world.party.pk)
    for hidden in (INNER, *staff, *(str(each.id_number.reveal()) for each in others if each.id_number)):
        assert hidden not in text
    for inner in ("grade", "score", "memo", "pd"):
        assert f'"{inner}"' not in text


@pytest.mark.unrecorded
def test_who_owns_no_part_of_the_business_gets_their_own_data_alone(world: World) -> None:
    request = asked(world)
    Interest._base_manager.filter(party=world.party).update(ended_on=clock.today())
    made = data_give(actor=people.actor_for(world.compliance), request=request)
    assert made.data is not None
    copy = json.loads(b"".join(open_stream(made.data)))
    assert "person" in copy
    assert not {"business", "applications", "loans", "bank_accounts"} & set(copy)


def test_the_answer_is_told_by_mail_and_each_step_stands_in_the_log(world: World) -> None:
    request = given(world)
    data_take(actor=asker(world), request=request, form="json")
    actions = (
        AuditEvent.objects.filter(action__startswith="portal.data_").order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == ["portal.data_asked", "portal.data_given", "portal.data_taken"]


def test_a_refusal_needs_a_reason_that_the_asker_reads(world: World, client: Client) -> None:
    request, officer = asked(world), people.actor_for(factories.worker(branch=world.case.branch))
    with pytest.raises(BadInput):
        data_refuse(actor=officer, request=request, why="  ")
    data_refuse(actor=officer, request=request, why="You asked last week and have it.")
    people.signed_in(client, world.account)
    text = client.get(reverse("portal:my_data")).content.decode()
    assert "You asked last week and have it." in text
    with pytest.raises(Refused, match="answered already"):
        data_give(actor=officer, request=request)


def test_only_who_may_answer_does_and_only_in_their_branch(world: World) -> None:
    request = asked(world)
    for account, error in (
        (factories.worker(Role.CREDIT_ANALYST, branch=world.case.branch), Refused),
        (factories.worker(Role.LOAN_OFFICER, branch=people.branch("QD")), NotVisible),
    ):
        with pytest.raises(error):
            data_give(actor=people.actor_for(account), request=request)
    with pytest.raises(StepUpNeeded):
        data_give(actor=people.actor_for(world.compliance, fresh=False), request=request)


def test_the_copy_is_there_for_the_asker_alone_and_for_a_while(world: World) -> None:
    request = given(world)
    colleague = people.borrower_account()
    access_give(
        actor=people.actor_for(factories.worker(branch=world.case.branch)),
        borrower=world.case.borrower,
        account=colleague,
    )
    for actor in (people.actor_for(colleague), people.actor_for(world.compliance)):
        with pytest.raises(NotVisible):
            data_take(actor=actor, request=request, form="pdf")
    with pytest.raises(StepUpNeeded):
        data_take(actor=asker(world, fresh=False), request=request, form="pdf")
    with clock.at(clock.now() + OPEN_FOR + dt.timedelta(minutes=1)), pytest.raises(Refused, match="no longer kept"):
        data_take(actor=asker(world), request=request, form="pdf")


def test_who_no_longer_acts_for_the_business_gets_nothing(world: World) -> None:
    request = asked(world)
    officer = people.actor_for(factories.worker(branch=world.case.branch))
    access_end(actor=officer, access=BorrowerAccess.objects.get(account=world.account))
    with pytest.raises(Refused, match="no longer acts"):
        data_give(actor=officer, request=request)


def test_the_whole_way_on_the_pages(world: World, client: Client) -> None:
    mine = reverse("portal:my_data")
    people.signed_in(client, world.account)
    ask = reverse("portal:data_ask", args=[world.case.borrower_id])
    assert "Ask for my data" in client.get(ask).content.decode()
    assert client.post(ask)["Location"] == mine
    request = DataRequest.objects.get()
    staff = Client()
    people.signed_in(staff, world.compliance)
    page = reverse("portal:data_request", args=[request.pk])
    assert page in staff.get(reverse("portal:requests")).content.decode()
    assert staff.post(page, {"answer": "refuse", "why": ""}).status_code == 400
    assert staff.post(page, {"answer": "give"})["Location"] == reverse("portal:requests")
    address = reverse("portal:data_take", args=[request.pk, "pdf"])
    assert address in client.get(mine).content.decode()
    answer = client.get(address)
    assert b"".join(answer).startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]
    assert client.get(reverse("portal:data_take", args=[request.pk, "xlsx"])).status_code == 404
    other = Client()
    people.signed_in(other, people.borrower_account())
    assert other.get(address).status_code == 404


@pytest.mark.unrecorded
def test_an_old_code_is_asked_for_anew_by_mail_and_leads_back(world: World, client: Client) -> None:
    record = people.signed_in(client, world.account)
    record.factor_at = clock.now() - dt.timedelta(minutes=20)
    record.save()
    ask = reverse("portal:data_ask", args=[world.case.borrower_id])
    step_up = client.get(ask)["Location"]
    assert step_up.startswith(reverse("accounts:step_up"))
    assert "We sent a code" in client.get(step_up).content.decode()
    assert client.post(step_up, {"code": "000000"}).status_code == 403
    clocked = clock.now() + dt.timedelta(minutes=1)
    with clock.at(clocked):
        code = people.email_code(world.account)
    assert client.post(step_up, {"code": code})["Location"] == ask
    assert client.get(ask).status_code == 200
