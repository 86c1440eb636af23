"""The explorer says how far the log is sealed and who vouches for it; the head's sheet can be printed and read back."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit import notes, pins
from apps.audit.heads import Head
from apps.audit.models import AuditCosignature, AuditEvent, AuditHead, AuditLeaf, AuditSigningKey, AuditTimestamp
from apps.audit.services.signing import sealer_actor, signing_key_ensure
from apps.audit.signing import private_key
from apps.audit.tree.hashing import leaf_hash
from tests.accounts import factories

pytestmark = pytest.mark.django_db
PAGE, LOG = reverse("console:audit_head"), reverse("console:audit")


@pytest.fixture
def auditor(client: Client) -> Client:
    """Sign an auditor of all branches in."""
    factories.signed_in(client, factories.staff(Role.AUDITOR, handle="auditor-1"))
    return client


def sealed_by_hand() -> AuditHead:
    """Sign a head over the first event, as the sealer does; its own transaction could not see those of a test."""
    key = signing_key_ensure(actor=sealer_actor("test"))
    event = AuditEvent.objects.order_by("pk")[0]
    leaf = AuditLeaf.objects.create(pk=0, event_id=event.pk, hash=leaf_hash(event.body.encode()))
    head = Head(key.origin, 1, leaf.hash, b"m" * 32, b"n" * 32, event.at)
    note = notes.written(head.text(), [notes.signature_line(head.text(), key.origin, private_key(key))])
    return AuditHead.objects.create(
        pk=1, note=note, root=head.root, map_root=head.map_root, numbers=head.numbers, frontier=head.root,
        horizon=0, cluster="test",
    )  # fmt: skip


def text_of(client: Client, address: str) -> str:
    """Words of a page, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_before_the_first_sealing_the_pages_say_so(auditor: Client):
    assert "nothing sealed yet" in text_of(auditor, PAGE)
    assert "nothing sealed yet" in text_of(auditor, LOG)
    assert "no witness is set" in text_of(auditor, LOG)


def test_the_head_is_kept_as_a_file_that_a_later_bundle_is_held_to(auditor: Client):
    assert "attachment" not in auditor.get(f"{PAGE}?take=head.txt").headers.get("Content-Disposition", "")
    row = sealed_by_hand()
    assert f'href="{PAGE}?take=head.txt"' in auditor.get(PAGE).content.decode()
    taken = auditor.get(f"{PAGE}?take=head.txt")
    assert taken["Content-Disposition"] == 'attachment; filename="head.txt"'
    assert pins.kept(taken.content.decode()) == [row.pk]


def test_the_explorer_says_how_far_the_log_is_sealed_and_who_vouches_for_it(auditor: Client, settings: Any):
    private = Ed25519PrivateKey.generate()
    key = notes.Key("w.example", notes.public_of(private), notes.COSIGNATURE)
    settings.LOANFLOW_WITNESSES = [f"{key.text()}@https://w.example"]
    head = sealed_by_hand()
    assert "w.example has vouched for nothing yet" in text_of(auditor, LOG)
    line = notes.cosignature_line(notes.parse(head.note).text, "w.example", private, 1_800_000_000)
    AuditCosignature.objects.create(head=head.pk, witness="w.example", line=line)
    words = text_of(auditor, LOG)
    first = AuditLeaf.objects.get().event_id
    assert f"1 event sealed, up to #{first}" in words
    assert "w.example vouches for 1 event" in words
    assert re.search(r"\d+ events not sealed yet", words)
    assert "Place in the tree 1" in text_of(auditor, reverse("console:audit_event", args=[first]))
    assert "not sealed yet" in text_of(auditor, reverse("console:audit_event", args=[first + 1]))


def test_the_sheet_holds_the_whole_note_and_all_keys(auditor: Client):
    head = sealed_by_hand()
    answer = auditor.get(PAGE).content.decode()
    found = re.search(r"<pre data-note[^>]*>(.*?)</pre>", answer, re.DOTALL)
    keys = re.search(r"<pre data-keys[^>]*>(.*?)</pre>", answer, re.DOTALL)
    assert found is not None
    assert keys is not None
    [key] = html.unescape(keys[1]).split()
    note = notes.parse(html.unescape(found[1]))
    assert note.signed_by(notes.Key.parsed(key))
    assert Head.parsed(note.text).root == bytes(head.root)
    assert bytes(head.root).hex()[:8] in answer
    assert AuditSigningKey.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 200), (Role.LOAN_OFFICER, 403)])
def test_only_readers_of_the_log_see_its_head(client: Client, role: Role, status: int):
    factories.signed_in(client, factories.staff(role))
    assert client.get(PAGE).status_code == status


def test_the_sheet_says_since_when_the_log_is_time_stamped(auditor: Client, settings: Any):
    assert "data-stamped" not in auditor.get(PAGE).content.decode()
    settings.LOANFLOW_TSA_URL = "https://tsa.example/tsr"
    head = sealed_by_hand()
    assert "not time-stamped yet" in auditor.get(PAGE).content.decode()
    AuditTimestamp.objects.create(head=head.pk, answer=b"x", at=head.at)
    assert "1 event time-stamped" in auditor.get(PAGE).content.decode()
