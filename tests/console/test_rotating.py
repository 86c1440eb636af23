"""All keys change while reads and writes go on: none fails, none is lost, and whoever interrupts it goes on later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.verify import verify
from apps.borrowers.models import Borrower, Party
from apps.borrowers.services import borrower_update
from apps.console import rotating
from apps.console.rotating import rotation_begin, rotation_run, rotation_step
from apps.core.actor import Actor
from apps.vault import crypto
from apps.vault.errors import KeysUnavailable
from apps.vault.keyring import keyring
from apps.vault.keyservice.current import forget_key_service, key_service
from apps.vault.keyservice.keyfile import keyfile_create
from apps.vault.models import DataKey, KeyRotation, RotationKind
from apps.vault.secret import Secret
from apps.vault.services import sealed_models
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers

SYSTEM = Actor.system("rotate_keys")
BUSINESSES = 6


@pytest.fixture(autouse=True)
def own_key_file(settings: Any, tmp_path: Any) -> Iterator[None]:
    """A key file of the test's own, as its root keys change."""
    settings.LOANFLOW_KEY_FILE = tmp_path / "keys" / "root.json"
    keyfile_create(settings.LOANFLOW_KEY_FILE)
    forget_key_service()
    keyring.clear()
    yield
    forget_key_service()
    keyring.clear()


@pytest.fixture
def officer(committed_db: str) -> Actor:
    """Somebody with businesses to their branch."""
    home = people.branch("JN")
    actor = people.actor_for(people.staff(Role.LOAN_OFFICER, home))
    for _ in range(BUSINESSES):
        borrower = borrowers.borrower(actor, home)
        borrowers.party(actor, borrower)
    return actor


def rows_and_keys() -> Iterator[tuple[bytes, bytes]]:
    """The key that sealed each value, beside the one that seals its owner's new ones."""
    for model in sealed_models():
        for row in model._base_manager.all():
            for field in row._meta.concrete_fields:
                held = getattr(row, field.attname)
                if isinstance(held, Secret) and held:
                    yield crypto.key_id_of(held.envelope()), held.field.owner_of(row).active_cipher().key_id  # type: ignore[attr-defined]


def opened() -> dict[str, list[Any]]:
    """Every secret of every row, opened with an empty ring of keys."""
    keyring.clear()
    return {
        f"{model._meta.label} {row.pk}": [
            held.reveal()
            for field in row._meta.concrete_fields
            if isinstance(held := getattr(row, field.attname), Secret)
        ]
        for model in sealed_models()
        for row in model._base_manager.order_by("pk")
    }


def all_of(kind: RotationKind) -> KeyRotation:
    run = rotation_begin(actor=SYSTEM, kind=kind)
    for _seen in rotation_run(actor=SYSTEM, run=run):
        pass
    run.refresh_from_db()
    return run


def test_data_keys_change_and_every_value_is_under_its_owners_new_one(officer: Actor, monkeypatch: Any) -> None:
    monkeypatch.setattr(rotating, "BATCH", 4)
    before, keys = opened(), set(DataKey.objects.live().filter(use="data").values_list("key_id", flat=True))
    run = all_of(RotationKind.DATA)
    assert run.finished_at is not None
    assert opened() == before
    assert keys.isdisjoint(DataKey.objects.live().filter(use="data").values_list("key_id", flat=True))
    pairs = list(rows_and_keys())
    assert len(pairs) > 5 * BUSINESSES
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert verify().intact
    assert AuditEvent.objects.filter(action="vault.key_rotated").exists()
    assert AuditEvent.objects.filter(action="console.job_finished").count() == 1


def test_the_root_key_changes_and_every_data_key_is_wrapped_under_it(officer: Actor, monkeypatch: Any) -> None:
    monkeypatch.setattr(rotating, "BATCH", 4)
    before, old = opened(), key_service().active()
    run = all_of(RotationKind.ROOT)
    assert key_service().active() == run.root_key_id != old
    assert set(DataKey.objects.values_list("root_key_id", flat=True)) == {run.root_key_id}
    assert run.done == DataKey.objects.count()
    assert opened() == before
    assert AuditEvent.objects.filter(action="vault.root_rotated").count() == 1


@pytest.mark.parametrize("kind", list(RotationKind))
def test_an_interrupted_change_goes_on_where_it_was(officer: Actor, monkeypatch: Any, kind: RotationKind) -> None:
    monkeypatch.setattr(rotating, "BATCH", 2)
    before, run = opened(), rotation_begin(actor=SYSTEM, kind=kind)
    for _ in range(3):
        rotation_step(actor=SYSTEM, run=run)
    again = rotation_begin(actor=SYSTEM, kind=kind)
    assert (again.pk, again.root_key_id) == (run.pk, run.root_key_id)
    assert again.done > 0
    finished = all_of(kind)
    assert (finished.pk, rotation_step(actor=SYSTEM, run=run)) == (run.pk, None)
    assert opened() == before
    assert all_of(kind).pk != run.pk


def test_without_the_key_service_a_step_changes_nothing_and_the_next_goes_on(officer: Actor, settings: Any) -> None:
    run, before = rotation_begin(actor=SYSTEM, kind=RotationKind.DATA), list(DataKey.objects.order_by("pk").values())
    there = settings.LOANFLOW_KEY_FILE
    settings.LOANFLOW_KEY_FILE = there.with_name("gone.json")
    with pytest.raises(KeysUnavailable):
        rotation_step(actor=SYSTEM, run=run)
    with pytest.raises(CommandError, match="Start it again"):
        call_command("rotate_keys", "--data")
    settings.LOANFLOW_KEY_FILE = there
    assert list(DataKey.objects.order_by("pk").values()) == before
    assert all_of(RotationKind.DATA).pk == run.pk


def test_the_command_wants_to_know_which_and_says_what_it_did(officer: Actor, capsys: Any) -> None:
    with pytest.raises(CommandError, match="--root, --data or both"):
        call_command("rotate_keys")
    call_command("rotate_keys", "--root", "--data")
    said = capsys.readouterr().out
    assert f"root key: {DataKey.objects.filter(retired_at=None).count()} renewed." in said
    assert KeyRotation.objects.exclude(finished_at=None).count() == 2


@contextmanager
def traffic(*works: Callable[[], None]) -> Iterator[list[int]]:
    """Threads that read and write until the block ends; what goes wrong in one is raised. The value counts their rounds."""
    stop, rounds = threading.Event(), [0] * len(works)

    def run(number: int) -> None:
        try:
            while not stop.is_set() or not rounds[number]:
                works[number]()
                rounds[number] += 1
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(run, number) for number in range(len(works))]
        try:
            yield rounds
        finally:
            stop.set()
        for one in running:
            one.result()


def test_no_read_and_no_write_fails_while_all_keys_change(officer: Actor, monkeypatch: Any) -> None:
    monkeypatch.setattr(rotating, "BATCH", 3)
    expected = {row.pk: row.name.reveal() for row in Party.objects.all()}
    written: dict[int, str] = {}

    def read() -> None:
        keyring.clear()
        assert {row.pk: row.name.reveal() for row in Party.objects.all()} == expected
        assert all(row.identifier.reveal() for row in Borrower.objects.all())

    def write() -> None:
        for number, row in enumerate(Borrower.objects.order_by("pk")):
            words = f"{len(written)} Quancheng Road, door {number}"
            borrower_update(actor=officer, borrower=row, changes={"address": words})
            written[row.pk] = words

    with traffic(read, read, write) as rounds:
        for kind in (RotationKind.DATA, RotationKind.ROOT, RotationKind.DATA):
            all_of(kind)
    assert min(rounds) >= 1
    assert {row.pk: row.address.reveal() for row in Borrower.objects.all()} == written
    assert verify().intact
