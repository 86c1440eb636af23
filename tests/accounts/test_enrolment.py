"""From an invitation to a complete enrolment, the long way, and what is refused on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts import selectors
from apps.accounts.models import Account, Invitation, RecoveryCode, TotpDevice
from apps.accounts.services import enrolment, factors, invitations, people
from apps.accounts.services.people import Invited, Particulars
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
STRANGER = Actor.anonymous(address="192.0.2.7")
DAY = dt.timedelta(hours=24)


def invited(handle: str = "officer-1", kind: str = "staff") -> Invited:
    """Invite somebody."""
    factories.institution()
    who = Particulars(handle=handle, name="Li Wei", email=f"{handle}@example.test", kind=kind)
    return people.person_invite(actor=SETUP, who=who)


def waiting_code(account: Account) -> str:
    """Code of the authenticator that waits to be confirmed."""
    device = selectors.waiting_device(account)
    assert device is not None
    return factories.shown_code(device.secret.reveal())


def link(made: Invited) -> str:
    """Address of an invitation."""
    return reverse("accounts:invitation", args=[made.token])


def choose_password(client: Client, made: Invited, password: str = PASSWORD) -> Any:
    """Post the invitation's form."""
    return client.post(link(made), {"password": password, "again": password})


def test_an_invited_colleague_enrols_page_by_page(client: Client) -> None:
    made = invited()
    assert "officer-1" in client.get(link(made)).content.decode()
    assert choose_password(client, made).url == reverse("accounts:enrol")
    page = client.get(reverse("accounts:enrol")).content.decode()
    assert 'src="data:image/svg+xml' in page
    key = re.search(r"data-totp-key>([A-Z2-7 ]+)<", page)
    assert key is not None
    secret = key.group(1).replace(" ", "")
    code = factories.shown_code(secret)
    done = client.post(reverse("accounts:enrol"), {"code": code})
    codes = re.findall(r"<code>([A-Z2-9-]{29})</code>", done.content.decode())
    assert len(set(codes)) == 10
    assert client.get(reverse("accounts:profile")).status_code == 200
    account = Account.objects.get(handle="officer-1")
    assert account.enrolled_at is not None
    assert {newest(tag)["outcome"] for tag in (Tag.INVITATION_OPENED, Tag.ENROLLED, Tag.SIGNED_IN)} == {"done"}
    assert not RecoveryCode.objects.filter(digest__in=codes).exists(), "codes are kept as digests"


def test_nothing_but_enrolment_opens_before_the_factor(client: Client) -> None:
    made = invited()
    choose_password(client, made)
    for name in ("profile", "sessions", "factors", "password", "step_up"):
        answer = client.get(reverse(f"accounts:{name}"))
        assert answer.url.startswith(reverse("accounts:sign_in")), name
    assert client.get(reverse("accounts:factor")).url == reverse("accounts:sign_in")
    assert client.get(reverse("accounts:enrol")).status_code == 200


def test_a_link_works_once(client: Client) -> None:
    made = invited()
    choose_password(client, made)
    again = Client()
    assert again.get(link(made)).status_code == 410
    assert choose_password(again, made).status_code == 410
    with pytest.raises(Refused, match="used already"):
        invitations.invitation_accept(actor=STRANGER, token=made.token, password=PASSWORD)


def test_looking_at_a_link_does_not_spend_it(client: Client) -> None:
    made = invited()
    for _each in range(3):
        assert client.get(link(made)).status_code == 200
    assert choose_password(client, made).status_code == 302


def test_a_link_dies_after_a_day(client: Client) -> None:
    made = invited()
    with clock.at(clock.now() + DAY - dt.timedelta(minutes=1)):
        assert client.get(link(made)).status_code == 200
    with clock.at(clock.now() + DAY):
        assert client.get(link(made)).status_code == 410


def test_a_new_link_ends_the_one_before(client: Client) -> None:
    first = invited()
    second = people.person_reinvite(actor=SETUP, account=first.account)
    assert client.get(link(first)).status_code == 410
    assert client.get(link(second)).status_code == 200


@pytest.mark.parametrize("token", ["x", "../etc", "%00", "a" * 300])
def test_made_up_links_lead_nowhere(client: Client, token: str) -> None:
    factories.institution()
    assert client.get(f"/account/invitation/{token}/").status_code in {404, 410}


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "too short"),
        ("password1234", "password1234", "too common"),
        ("correct horse battery", "correct horse", "differ"),
        ("", "", "required"),
        ("a\x00bcdefghijklmnop", "a\x00bcdefghijklmnop", "cannot be stored"),
        ("x" * 129, "x" * 129, "at most 128"),
    ],
)
def test_weak_passwords_are_sent_back_and_the_link_stays_open(
    client: Client, password: str, again: str, words: str
) -> None:
    made = invited()
    answer = client.post(link(made), {"password": password, "again": again})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert client.get(link(made)).status_code == 200


def test_the_token_is_stored_as_a_digest_only() -> None:
    made = invited()
    assert made.token not in str(Invitation.objects.values())


def test_an_interrupted_enrolment_goes_on_with_the_password(client: Client) -> None:
    made = invited()
    choose_password(client, made)
    later = Client()
    answer = later.post(reverse("accounts:sign_in"), {"name": "officer-1", "password": PASSWORD})
    assert answer.url == reverse("accounts:enrol")
    assert later.post(reverse("accounts:enrol"), {"code": waiting_code(made.account)}).status_code == 200


def test_an_enrolment_left_for_a_day_needs_a_new_invitation(client: Client) -> None:
    made = invited()
    choose_password(client, made)
    with clock.at(clock.now() + DAY):
        later = Client()
        later.post(reverse("accounts:sign_in"), {"name": "officer-1", "password": PASSWORD})
        answer = later.post(reverse("accounts:enrol"), {"code": waiting_code(made.account)})
    assert answer.status_code == 403
    assert "Ask for a new invitation" in answer.content.decode()


def test_a_wrong_first_code_is_refused_on_record_and_can_be_tried_again(client: Client) -> None:
    made = invited()
    choose_password(client, made)
    answer = client.post(reverse("accounts:enrol"), {"code": "000000"})
    assert answer.status_code == 403
    assert newest(Tag.FACTOR_FAILED)["outcome"] == "refused"
    assert TotpDevice.objects.get(user=made.account).confirmed is False
    assert client.post(reverse("accounts:enrol"), {"code": waiting_code(made.account)}).status_code == 200


def test_the_code_that_confirmed_cannot_sign_in() -> None:
    made = invited()
    account = invitations.invitation_accept(actor=STRANGER, token=made.token, password=PASSWORD)
    code = waiting_code(account)
    enrolment.device_confirm(actor=STRANGER, account=account, code=code)
    with pytest.raises(Refused, match="used already"):
        factors.totp_prove(actor=STRANGER, account=account, code=code)


def test_a_borrower_needs_no_authenticator(client: Client) -> None:
    made = invited("songhua", "borrower")
    assert choose_password(client, made).url == reverse("accounts:email_code")
    assert not TotpDevice.objects.filter(user=made.account).exists()


def test_a_new_link_for_an_enrolled_colleague_keeps_the_authenticator(client: Client) -> None:
    owner = factories.staff()
    record = factories.signed_in(Client(), owner)
    made = people.person_reinvite(actor=SETUP, account=owner)
    assert choose_password(client, made, "another horse battery staple").url == reverse("accounts:factor")
    record.refresh_from_db()
    assert record.end_reason == "password_change"
    assert client.get(reverse("accounts:enrol")).status_code == 302
    done = client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)})
    assert done.status_code == 302


def test_replacing_an_authenticator_needs_the_one_before(client: Client) -> None:
    owner = factories.staff()
    with pytest.raises(StepUpNeeded):
        enrolment.device_prepare(actor=factories.actor_for(owner, fresh=False), account=owner)
    other = factories.staff()
    with pytest.raises(StepUpNeeded):
        enrolment.device_prepare(actor=factories.actor_for(other), account=owner)
    factories.signed_in(client, owner)
    client.post(reverse("accounts:replace"))
    before = selectors.live_device(owner)
    page = client.get(reverse("accounts:replace_confirm"))
    assert page.status_code == 200
    assert client.post(reverse("accounts:replace_confirm"), {"code": waiting_code(owner)}).status_code == 200
    after = selectors.live_device(owner)
    assert before is not None
    assert after is not None
    assert before.pk != after.pk
    before.refresh_from_db()
    assert before.retired_at is not None


def test_a_recovery_sign_in_may_replace_the_authenticator_at_once_only() -> None:
    owner = factories.staff()
    recovered = dataclasses.replace(factories.actor_for(owner), factor=Factor.RECOVERY)
    enrolment.device_prepare(actor=recovered, account=owner)
    with clock.at(clock.now() + dt.timedelta(minutes=11)), pytest.raises(StepUpNeeded):
        enrolment.device_prepare(actor=recovered, account=owner)


def test_new_recovery_codes_replace_the_old_and_need_a_fresh_factor(client: Client) -> None:
    owner = factories.staff()
    old = enrolment.recovery_codes_make(actor=factories.actor_for(owner), account=owner)
    new = enrolment.recovery_codes_make(actor=factories.actor_for(owner), account=owner)
    with pytest.raises(Refused):
        factors.recovery_prove(actor=STRANGER, account=owner, code=old[0])
    assert factors.recovery_prove(actor=STRANGER, account=owner, code=new[0]) == 9
    assert count(Tag.RECOVERY_CODE_USED) == 1
    with pytest.raises(StepUpNeeded):
        enrolment.recovery_codes_make(actor=factories.actor_for(owner, fresh=False), account=owner)


def test_suspended_accounts_get_no_links() -> None:
    owner = factories.staff()
    suspended = people.account_suspend(actor=SETUP, account=owner, reason="test")
    with pytest.raises(BadInput, match="suspended"):
        people.person_reinvite(actor=SETUP, account=suspended)
