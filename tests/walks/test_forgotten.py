"""The rich case's borrower is forgotten: with every key that is left, nothing of them can be read anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.verify import verify
from apps.borrowers import registry
from apps.borrowers.models import Borrower
from apps.borrowers.services import forget_approve, forget_ask
from apps.vault.errors import CannotOpen
from apps.vault.files import open_stream, storage
from apps.vault.keyring import keyring
from apps.vault.models import EncryptedFile, KeyOwner
from apps.vault.secret import Secret
from apps.vault.services.resealing import owner_paths, sealed_models
from tests.accounts import factories as people
from tests.walks.test_canary import SHORTEST, written
from tests.walks.world import NEAR, OWNER, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
FIGURE = re.compile(r"-?\d+[.]\d+|\d{4}-\d\d-\d\d.*")
"""Amounts and days stand in clear in other columns: they are no one's."""


def texts_under(owners: set[int]) -> set[str]:
    """Every clear text under the keys of some owners."""
    found: set[str] = set()
    for model in sealed_models():
        for row in model._base_manager.all():
            for field in row._meta.concrete_fields:
                held = getattr(row, field.attname)
                if isinstance(held, Secret) and held.field.owner_of(row).pk in owners:  # type: ignore[attr-defined]
                    found.add(_opened(held))
    return {text for text in found if len(text) >= SHORTEST and not FIGURE.fullmatch(text)}


def _opened(held: Secret) -> str:
    """The text; what is structured holds such texts and codes, so it is not looked for as a whole."""
    try:
        clear = held.reveal()
    except CannotOpen:
        return ""
    return clear if isinstance(clear, str) else ""


def readable(journal: Path) -> Iterator[tuple[str, bytes]]:
    """All that can be read: tables, the journal, files on the disk, and what the keys that are left still open."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield table, b"\n".join(b"\t".join(map(written, row)) for row in cursor.fetchall())
    for path in journal.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
    for file in EncryptedFile.objects.all():
        try:
            yield f"file {file.pk}", b"".join(open_stream(file))
        except CannotOpen:
            continue


def test_nothing_of_a_forgotten_borrower_can_be_read(
    world: World,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.LOANFLOW_JOURNAL = tmp_path / "journal"  # its lines outlive the roll-back of the test
    monkeypatch.setattr(registry, "keepers", {})
    monkeypatch.setattr("apps.borrowers.keeping.keepers", {})
    borrower = world.case().borrower
    owner = world.account(OWNER, "borrower")
    owners = {borrower.key_owner_id, owner.person.key_owner_id}
    others = set(KeyOwner.objects.exclude(pk__in=owners).values_list("pk", flat=True))
    name = borrower.legal_name
    known = texts_under(owners) - texts_under(others)
    assert len(known) > 20
    files = list(EncryptedFile.objects.filter(owner_id__in=owners))
    owner.borrower_accesses.exclude(borrower=borrower)
    asked = forget_ask(actor=world.actor(Role.COMPLIANCE_OFFICER), borrower=borrower, cause="asked")
    with django_capture_on_commit_callbacks(execute=True):
        done = forget_approve(actor=world.actor(Role.HEAD_OF_CREDIT), request=asked)
    keyring.clear()
    assert done.files >= 5
    assert not any(storage().exists(file.storage_name) for file in files if file.owner_id == borrower.key_owner_id)
    under = {borrower.key_owner_id}
    assert texts_under(under) == set()
    still = texts_under(set(KeyOwner.objects.values_list("pk", flat=True)))
    gone = known - still if borrower.accesses.filter(account__is_active=True).exists() else known
    places = list(readable(settings.LOANFLOW_JOURNAL))
    assert [(text, place) for text in gone | {name} for place, content in places if text.encode() in content] == []
    assert verify().first_bad is None
    assert Borrower.objects.get(pk=borrower.pk).forgotten_at is not None
    assert owner_paths(Borrower) == ["key_owner"]


def test_pages_about_a_forgotten_borrower_still_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.borrowers.keeping.keepers", {})
    case = world.case()
    asked = forget_ask(actor=world.actor(Role.COMPLIANCE_OFFICER), borrower=case.borrower, cause="asked")
    forget_approve(actor=world.actor(Role.HEAD_OF_CREDIT), request=asked)
    keyring.clear()
    client = Client()
    people.signed_in(client, world.account(NEAR, Role.COMPLIANCE_OFFICER))
    for address in (
        reverse("borrowers:borrower", args=[case.borrower_id]),
        case.get_absolute_url(),
        reverse("console:privacy"),
        reverse("borrowers:list"),
        reverse("workflow:cases"),
    ):
        assert client.get(address).status_code == 200, address
