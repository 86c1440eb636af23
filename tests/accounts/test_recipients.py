"""One's own key for exports: registered with a fresh factor, shown with its fingerprint, on record, and revocable."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account, RecipientKey
from apps.accounts.selectors import recipient_key_of
from apps.accounts.services.recipients import recipient_register, recipient_revoke
from apps.audit.models import AuditEvent
from apps.audit.recipients import fingerprint
from apps.audit.tags import Tag
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from tests.accounts import factories as people
from tests.audit.recipients import OTHER, RECIPIENT

pytestmark = pytest.mark.django_db
PAGE, REVOKE = reverse("accounts:export_key"), reverse("accounts:export_key_revoke")


@pytest.fixture
def auditor() -> Account:
    people.institution()
    return people.staff(Role.AUDITOR)


def client_of(account: Account) -> Client:
    client = Client()
    people.signed_in(client, account)
    return client


def test_a_key_is_registered_shown_and_on_record(auditor: Account):
    client = client_of(auditor)
    answer = client.post(PAGE, {"recipient": f" {RECIPIENT} "}, follow=True)
    words = answer.content.decode()
    assert "Your key is registered." in words
    assert RECIPIENT in words
    assert fingerprint(RECIPIENT) in words
    told = AuditEvent.objects.filter(action=Tag.RECIPIENT_ADDED).latest("pk")
    assert told.data["note"] == {"recipient": RECIPIENT, "recipient_sha256": fingerprint(RECIPIENT)}
    assert recipient_key_of(auditor).recipient == RECIPIENT


def test_another_key_takes_the_place_of_the_one_before(auditor: Account):
    actor = people.actor_for(auditor)
    recipient_register(actor=actor, account=auditor, recipient=RECIPIENT)
    with pytest.raises(BadInput, match="registered already"):
        recipient_register(actor=actor, account=auditor, recipient=RECIPIENT)
    recipient_register(actor=actor, account=auditor, recipient=OTHER)
    assert recipient_key_of(auditor).recipient == OTHER
    assert RecipientKey.objects.filter(account=auditor).count() == 2
    told = AuditEvent.objects.filter(action=Tag.RECIPIENT_RETIRED).latest("pk")
    assert told.data["note"]["reason"] == "replaced"


def test_a_key_is_revoked_once(auditor: Account):
    client = client_of(auditor)
    client.post(PAGE, {"recipient": RECIPIENT})
    assert "Your key is revoked." in client.post(REVOKE, follow=True).content.decode()
    assert recipient_key_of(auditor) is None
    with pytest.raises(Refused, match="No key is registered"):
        recipient_revoke(actor=people.actor_for(auditor), account=auditor)


@pytest.mark.parametrize("typed", ["age1", "AGE-SECRET-KEY-1QQQQ", "ssh-ed25519 AAAA", ""])
def test_what_is_no_public_key_is_refused_beside_its_field(auditor: Account, typed: str):
    answer = client_of(auditor).post(PAGE, {"recipient": typed})
    assert answer.status_code == 400
    assert not RecipientKey.objects.exists()


def test_nobody_registers_a_key_at_anothers_account_or_with_a_stale_factor(auditor: Account):
    other = people.staff(Role.AUDITOR)
    with pytest.raises(NotVisible):
        recipient_register(actor=people.actor_for(other), account=auditor, recipient=RECIPIENT)
    with pytest.raises(StepUpNeeded):
        recipient_register(actor=people.actor_for(auditor, fresh=False), account=auditor, recipient=RECIPIENT)
    borrower = people.borrower_account()
    with pytest.raises(NotVisible):
        recipient_register(actor=people.actor_for(borrower), account=borrower, recipient=RECIPIENT)
    assert not RecipientKey.objects.exists()


def test_an_auditors_exports_are_encrypted_to_their_key_unless_they_say_otherwise(auditor: Account):
    client, page = client_of(auditor), reverse("console:audit_export")
    assert RECIPIENT not in client.get(page).content.decode()
    recipient_register(actor=people.actor_for(auditor), account=auditor, recipient=RECIPIENT)
    assert f'value="{RECIPIENT}"' in client.get(page).content.decode()
    assert PAGE in client.get(reverse("accounts:profile")).content.decode()
    officer = client_of(people.staff(Role.LOAN_OFFICER))
    assert PAGE not in officer.get(reverse("accounts:profile")).content.decode()
