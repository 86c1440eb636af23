"""Who acts for a business in the portal: invited at the address on file, refused, ended, each on record."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role, roles_with
from apps.accounts.models import Account, AccountKind, Invitation, SessionRecord
from apps.accounts.services.people import Particulars, person_invite
from apps.audit.models import AuditEvent
from apps.borrowers import services
from apps.borrowers.models import Borrower, BorrowerAccess, Party
from apps.borrowers.policies import borrowers_of_account
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories as people
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    return f.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def actor(officer: Account) -> Actor:
    return people.actor_for(officer)


@pytest.fixture
def borrower(actor: Actor) -> Borrower:
    return f.borrower(actor)


@pytest.fixture
def person(actor: Actor, borrower: Borrower) -> Party:
    return f.whole_people(actor, borrower)


@pytest.fixture
def browser(client: Client, officer: Account) -> Client:
    people.signed_in(client, officer)
    return client


def url(name: str, *rest: object) -> str:
    return reverse(f"borrowers:{name}", args=list(rest))


def link_in(message: Any) -> str:
    """Path of the invitation in a mail."""
    found = re.search(r"/account/invitation/\S+", message.body)
    assert found is not None
    return found.group()


def tags() -> list[str]:
    return list(AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:4])


def test_invited_person_chooses_a_password_and_signs_in_by_address_and_code(
    browser: Client, borrower: Borrower, person: Party, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(url("portal_invite", borrower.pk), {"party": person.pk, "language": "zh-hans"})
    assert answer.status_code == 302
    (sent,) = mail.outbox
    assert sent.to == [person.email.reveal()]
    shown = browser.get(borrower.get_absolute_url()).content.decode()
    assert person.name.masked in shown
    assert "invited" in shown
    assert link_in(sent) not in shown, "whoever invites never sees the link"
    access = BorrowerAccess.objects.get(borrower=borrower)
    assert (access.party, access.account.kind, access.account.person.language) == (
        person,
        AccountKind.BORROWER,
        "zh-hans",
    )
    assert str(person.name.reveal()).lower() not in access.account.handle
    assert tags()[:2] == ["borrowers.file_opened", "borrowers.access_given"]
    visitor = Client()
    with django_capture_on_commit_callbacks(execute=True):
        answer = visitor.post(link_in(sent), {"password": people.PASSWORD, "again": people.PASSWORD})
    assert answer["Location"] == reverse("accounts:email_code")
    assert visitor.get(link_in(sent)).status_code == 410, "the link works once"
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)
    assert code is not None
    assert visitor.post(reverse("accounts:email_code"), {"code": code.group()}).status_code == 302
    assert visitor.get(reverse("portal:home")).status_code == 200
    assert borrowers_of_account(access.account_id) == {borrower.pk}
    with django_capture_on_commit_callbacks(execute=True):
        back = Client().post(reverse("accounts:sign_in"), {"name": sent.to[0], "password": people.PASSWORD})
    assert back["Location"] == reverse("accounts:email_code")


def test_the_link_dies_after_a_day(
    actor: Actor, borrower: Borrower, person: Party, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.portal_invite(actor=actor, borrower=borrower, party=person)
    with clock.at(clock.now() + dt.timedelta(hours=24, seconds=1)):
        assert Client().get(link_in(mail.outbox[-1])).status_code == 410


def test_only_roles_of_the_table_invite(borrower: Borrower, person: Party) -> None:
    assert roles_with(Permission.BORROWER_INVITE) == (Role.LOAN_OFFICER,)
    for role in (Role.TEAM_LEAD, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR):
        with pytest.raises(Refused) as refused:
            services.portal_invite(actor=f.actor_of(role), borrower=borrower, party=person)
        assert refused.value.guard == "permission"
    with pytest.raises(NotVisible):
        services.portal_invite(actor=f.officer(people.branch("B2")), borrower=borrower, party=person)
    assert not BorrowerAccess.objects.exists()


def test_inviting_needs_a_fresh_factor(officer: Account, borrower: Borrower, person: Party) -> None:
    stale = people.actor_for(officer, fresh=False)
    with pytest.raises(StepUpNeeded):
        services.portal_invite(actor=stale, borrower=borrower, party=person)
    access = services.portal_invite(actor=people.actor_for(officer), borrower=borrower, party=person)
    with pytest.raises(StepUpNeeded):
        services.portal_reinvite(actor=stale, access=access)


def refused_words(actor: Actor, borrower: Borrower, party: Party) -> str:
    with pytest.raises(BadInput) as refused:
        services.portal_invite(actor=actor, borrower=borrower, party=party)
    return str(refused.value.errors["party"][0])


def test_who_may_not_be_invited_is_told_why(actor: Actor, borrower: Borrower, person: Party) -> None:
    guarantor = f.party(actor, borrower)
    services.interest_add(actor=actor, party=guarantor, kind="guarantor")
    assert "Invite an owner" in refused_words(actor, borrower, guarantor)
    silent = f.party(actor, borrower, email="")
    services.interest_add(actor=actor, party=silent, kind="signer", authority="law")
    assert "no e-mail address" in refused_words(actor, borrower, silent)
    services.portal_invite(actor=actor, borrower=borrower, party=person)
    assert "has access already" in refused_words(actor, borrower, person)
    with pytest.raises(NotVisible):
        services.portal_invite(actor=actor, borrower=f.borrower(actor), party=person)


def test_a_colleagues_address_opens_no_portal(actor: Actor, officer: Account, borrower: Borrower) -> None:
    """An officer who enters their own address as the borrower's would act for both sides."""
    own = str(officer.person.email.reveal())
    party = f.party(actor, borrower, email=own.upper())
    services.interest_add(actor=actor, party=party, kind="signer", authority="law")
    assert "member of staff" in refused_words(actor, borrower, party)


def test_one_account_serves_one_person_for_several_businesses(actor: Actor, borrower: Borrower, person: Party) -> None:
    first = services.portal_invite(actor=actor, borrower=borrower, party=person)
    sister = f.borrower(actor)
    same = f.party(actor, sister, name=person.name.reveal(), email=person.email.reveal())
    services.interest_add(actor=actor, party=same, kind="signer", authority="law")
    second = services.portal_invite(actor=actor, borrower=sister, party=same)
    assert second.account_id == first.account_id
    assert borrowers_of_account(first.account_id) == {borrower.pk, sister.pk}
    other = f.party(actor, sister, email=person.email.reveal())
    services.interest_add(actor=actor, party=other, kind="owner", share=50)
    assert "another name" in refused_words(actor, sister, other)


def test_who_acts_already_hears_of_the_next(
    actor: Actor, borrower: Borrower, person: Party, django_capture_on_commit_callbacks: Any
) -> None:
    services.portal_invite(actor=actor, borrower=borrower, party=person)
    second = f.party(actor, borrower)
    services.interest_add(actor=actor, party=second, kind="signer", authority="law")
    with django_capture_on_commit_callbacks(execute=True):
        services.portal_invite(actor=actor, borrower=borrower, party=second)
    assert [each.to for each in mail.outbox if "Somebody else" in each.subject] == [[person.email.reveal()]]


def test_a_new_link_replaces_the_old_one(
    browser: Client, actor: Actor, borrower: Borrower, person: Party, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        access = services.portal_invite(actor=actor, borrower=borrower, party=person)
        assert browser.get(url("portal_reinvite", borrower.pk, access.pk)).status_code == 200
        assert browser.post(url("portal_reinvite", borrower.pk, access.pk)).status_code == 302
    old, new = (link_in(each) for each in mail.outbox)
    assert Client().get(old).status_code == 410
    assert Client().get(new).status_code == 200


def test_ended_access_ends_link_and_session_at_once(
    browser: Client, actor: Actor, borrower: Borrower, person: Party
) -> None:
    access = services.portal_invite(actor=actor, borrower=borrower, party=person)
    visitor = Client()
    people.signed_in(visitor, access.account)
    page = browser.get(url("portal_end", borrower.pk, access.pk))
    assert person.name.masked in page.content.decode()
    assert browser.post(url("portal_end", borrower.pk, access.pk)).status_code == 302
    assert visitor.get(reverse("portal:home")).status_code == 302
    assert not Invitation.objects.filter(account=access.account, withdrawn_at=None).exists()
    assert SessionRecord.objects.get(account=access.account).end_reason == "access_ended"
    assert {"borrowers.access_ended", "accounts.invitation_withdrawn", "accounts.session_ended"} <= set(tags())
    assert browser.post(url("portal_end", borrower.pk, access.pk)).status_code == 404, "ended once"
    with pytest.raises(Refused) as refused:
        services.portal_reinvite(actor=actor, access=access)
    assert refused.value.guard == "ended"


def test_ending_one_business_leaves_the_other(actor: Actor, borrower: Borrower) -> None:
    account = people.borrower_account()
    sister = f.borrower(actor)
    first = services.access_give(actor=actor, borrower=borrower, account=account)
    services.access_give(actor=actor, borrower=sister, account=account)
    session = people.signed_in(Client(), account)
    services.access_end(actor=actor, access=first)
    session.refresh_from_db()
    assert session.ended_at is None
    assert borrowers_of_account(account.pk) == {sister.pk}


def test_nobody_outside_the_branch_ends_access(actor: Actor, borrower: Borrower) -> None:
    access = services.access_give(actor=actor, borrower=borrower, account=people.borrower_account())
    with pytest.raises(NotVisible):
        services.access_end(actor=f.officer(people.branch("B2")), access=access)
    with pytest.raises(Refused):
        services.access_end(actor=f.actor_of(Role.CREDIT_ANALYST), access=access)
    stranger = f.borrower(actor)
    with pytest.raises(NotVisible):
        services.access_give(actor=actor, borrower=stranger, account=access.account, party=f.party(actor, borrower))


@pytest.mark.parametrize("party", ["", "x", "999999"])
def test_a_choice_that_is_not_offered_stands_beside_its_field(
    browser: Client, borrower: Borrower, person: Party, party: str
) -> None:
    answer: HttpResponse = browser.post(url("portal_invite", borrower.pk), {"party": party, "language": "en"})
    assert answer.status_code == 400
    assert 'id="id_party_error"' in answer.content.decode()


def test_an_invitation_of_staff_is_no_way_into_the_portal(actor: Actor, borrower: Borrower) -> None:
    who = Particulars(handle="officer-99", name="Wang", email="w99@example.test")
    with pytest.raises(BadInput):
        services.access_give(actor=actor, borrower=borrower, account=person_invite(actor=people.SETUP, who=who).account)
