"""Once sealed, nothing is changed unnoticed, by whoever owns the database and even the keys of the codes and the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from apps.audit import heads, journal, mac, notes
from apps.audit.canonical import canonical
from apps.audit.heads import Head
from apps.audit.models import (
    AuditEvent,
    AuditHead,
    AuditLeaf,
    AuditNode,
    AuditObject,
    AuditObjectNode,
    AuditSigningKey,
    AuditTouch,
)
from apps.audit.pins import pin_head
from apps.audit.services import act, record
from apps.audit.services.signing import sealer_actor, signing_key_rotate
from apps.audit.tags import Tag
from apps.audit.tree.frontier import Frontier
from apps.audit.tree.hashing import leaf_hash
from apps.audit.verify import verify
from tests.audit.factories import SYSTEM, branch, locks_off, rename, run
from tests.audit.sealing import newest_head, seal, seal_all, summary

TABLES = (AuditEvent, AuditTouch, AuditLeaf, AuditNode, AuditHead, AuditObject, AuditObjectNode, AuditSigningKey)


@pytest.fixture
def log(committed_db: str) -> list[int]:
    """A log sealed in three heads, and its last event not yet."""
    row = branch()
    seal_all()
    rename(row, "Two")
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
    branch()
    seal_all()
    rename(row, "Three")
    seal_all()
    rename(row, "Four")
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def kept(*models: Any) -> dict[Any, list[tuple[Any, ...]]]:
    held = {}
    for model in models or TABLES:
        columns = [field.column for field in model._meta.concrete_fields if not field.generated]
        names = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM {model._meta.db_table}")
            held[model, names] = cursor.fetchall()
    return held


def put_back(held: dict[Any, list[tuple[Any, ...]]]) -> None:
    for (model, names), rows in held.items():
        run(f"DELETE FROM {model._meta.db_table}")
        marks = ", ".join(["%s"] * (names.count(",") + 1))
        for row in rows:
            run(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", tuple(row))


def forged_body(event: int) -> str:
    """Edit an event under the process's own key, as a stolen memory image would let one."""
    body = canonical({**AuditEvent.objects.get(pk=event).data, "address": "192.0.2.66"})
    code = mac.code(mac.mac_key().material, body)
    run("UPDATE audit_event SET body = %s, mac = %s WHERE id = %s", (body, code, event))
    return body


def rehash(event: int) -> None:
    """Edit an event, its code and its leaf."""
    run("UPDATE audit_leaf SET hash = %s WHERE event_id = %s", (leaf_hash(forged_body(event).encode()), event))


def rebuild(event: int, *, own_key: bool = False) -> None:
    """Edit an event and build the tree anew, with heads signed by a key of one's own, which the table then holds or not."""
    rehash(event)
    private = Ed25519PrivateKey.generate()
    key, edge, numbers = AuditSigningKey.objects.get(), Frontier(), heads.NO_NUMBERS
    rows = {row.pk: row for row in AuditHead.objects.all()}
    for number, leaf in AuditLeaf.objects.order_by("pk").values_list("event_id", "hash"):
        edge.append(bytes(leaf))
        numbers = heads.numbered(numbers, number)
        if edge.size in rows:
            old = Head.parsed(notes.parse(rows[edge.size].note).text)
            head = Head(old.origin, edge.size, edge.root(), old.map_root, numbers, timezone.now())
            note = notes.written(head.text(), [notes.signature_line(head.text(), head.origin, private)])
            AuditHead.objects.filter(pk=edge.size).update(
                note=note, root=head.root, numbers=numbers, frontier=edge.packed()
            )
    if own_key:
        AuditSigningKey.objects.filter(pk=key.pk).update(public=notes.public_of(private))


def swap_leaves(one: int, other: int) -> None:
    """Let two events change places in the tree."""
    first, second = AuditLeaf.objects.get(event_id=one), AuditLeaf.objects.get(event_id=other)
    run("UPDATE audit_leaf SET event_id = -1, hash = %s WHERE id = %s", (bytes(second.hash), first.pk))
    run("UPDATE audit_leaf SET event_id = %s, hash = %s WHERE id = %s", (one, bytes(first.hash), second.pk))
    run("UPDATE audit_leaf SET event_id = %s WHERE id = %s", (other, first.pk))


def renumber(one: int, other: int) -> None:
    """Let two events change numbers wherever those stand."""
    for table, column in (("audit_event", "id"), ("audit_leaf", "event_id"), ("audit_touch", "event_id")):
        for old, new in ((one, -1), (other, one), (-1, other)):
            run(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", (new, old))


def remove(event: int, *, sealed: bool = True) -> None:
    """Delete an event with what it touched, and its leaf."""
    run("DELETE FROM audit_event WHERE id = %s", (event,))
    run("DELETE FROM audit_touch WHERE event_id = %s", (event,))
    if sealed:
        run("DELETE FROM audit_leaf WHERE event_id = %s", (event,))


def sql(statement: str, *places: int) -> Callable[[list[int]], None]:
    return lambda log: run(statement, tuple(log[place] for place in places))


EDITED = "UPDATE audit_event SET body = REPLACE(body, 'Two', 'Too') WHERE id = %s"
# what is done · the event named (None: none in particular) · the kind of its fault; the log is: branch, key, Two, sign-in,
# branch, Three, and Four, which is not sealed
TAMPERINGS: dict[str, tuple[Callable[[list[int]], None], int | None, str]] = {
    "an edited body": (sql(EDITED, 2), 2, "leaf"),
    "an edited body with a code that fits": (lambda log: forged_body(log[3]) and None, 3, "leaf"),
    "an edited body, its code and its leaf": (lambda log: rehash(log[3]), 2, "tree"),
    "a tree built anew": (lambda log: rebuild(log[3]), None, "head"),
    "a tree built anew with the key swapped": (lambda log: rebuild(log[3], own_key=True), None, "key"),
    "a removed event": (lambda log: remove(log[3], sealed=False), 3, "deleted"),
    "a removed event and leaf": (lambda log: remove(log[3]), 2, "tree"),
    "a removed leaf": (sql("DELETE FROM audit_leaf WHERE event_id = %s", 3), 3, "unsealed"),
    "two leaves in each other's place": (lambda log: swap_leaves(log[2], log[3]), 2, "tree"),
    "two numbers in each other's place": (lambda log: renumber(log[3], log[4]), 2, "tree"),
    "an edited leaf": (sql("UPDATE audit_leaf SET hash = (SELECT root FROM audit_head ORDER BY id LIMIT 1) WHERE event_id = %s", 4), 4, "leaf"),
    "a removed newest head": (lambda log: run("DELETE FROM audit_head WHERE id = %s", (newest_head().pk,)), 5, "head"),
    "an edited head": (lambda log: run("UPDATE audit_head SET note = REPLACE(note, 'clock', 'Clock')"), None, "head"),
    "a head's root": (lambda log: run("UPDATE audit_head SET root = map_root"), None, "head"),
    "a key that we did not make": (lambda log: run("UPDATE audit_signing_key SET wrapped = public"), None, "key"),
    "an object with an event more": (lambda log: run("UPDATE audit_object SET n = n + 1"), None, "map"),
    "an object's other last event": (lambda log: run("UPDATE audit_object SET leaf = key"), None, "map"),
    "an object in another place": (lambda log: run("UPDATE audit_object SET slot = 65535 - slot"), None, "map"),
    "an object left out": (lambda log: run("DELETE FROM audit_object WHERE n = 1"), None, "map"),
    "a stored subtree of the map": (lambda log: run("UPDATE audit_object_node SET entries = 2"), None, "map"),
}  # fmt: skip


def test_a_sealed_log_is_intact(log: list[int]):
    report = verify()
    assert (report.intact, report.size, report.unsealed, report.heads) == (True, 6, 1, AuditHead.objects.count())
    assert report.heads == 3


def test_every_tampering_with_what_is_sealed_is_found(log: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.verify.run.WORTH_SPREADING", 0)
    monkeypatch.setattr("apps.audit.verify.run.STRETCHES", 1)
    held = kept()
    for path in journal.folder().glob("*.journal"):
        path.unlink()  # whoever does this has the journal's device too
    for name, (tamper, place, kind) in TAMPERINGS.items():
        with locks_off():
            tamper(log)
        report = verify()
        found = {(fault.event, fault.kind) for fault in report.faults}
        expected = log[place] if place is not None else None
        assert kind in {fault for event, fault in found if expected in (None, event)}, (name, report.faults)
        if expected is not None:
            assert report.first_bad is not None
            assert report.first_bad.event == expected, (name, report.faults)
        assert summary(verify(processes=3)) == summary(report), name
        with locks_off():
            put_back(held)
        assert verify().intact, name


def test_only_what_follows_a_number_is_checked_and_from_the_head_before(log: list[int]):
    report = verify(since=log[4])
    assert (report.intact, report.heads, report.unsealed) == (True, 1, 1)
    with locks_off():
        rehash(log[1])
    assert verify(since=log[4]).intact
    assert not verify().intact
    with locks_off():
        run("UPDATE audit_head SET note = REPLACE(note, 'clock', 'Clock')")
    assert {fault.kind for fault in verify(since=log[4]).faults} >= {"head"}
    assert verify(since=log[-1]).unsealed == 0


def test_many_small_heads_and_stored_subtrees_verify(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.verify.sealed.CHUNK", 7)
    monkeypatch.setattr("apps.audit.verify.walk.BATCH", 11)
    with act(actor=SYSTEM):
        for _ in range(300):
            record(Tag.SIGNED_IN, actor=SYSTEM)
    seal(batch=100)
    assert verify().intact
    assert AuditNode.objects.count() == 1
    with locks_off():
        run("UPDATE audit_node SET hash = (SELECT root FROM audit_head ORDER BY id LIMIT 1)")
    assert [fault.kind for fault in verify().faults] == ["node"]


def test_a_key_comes_with_its_event_and_hands_over_from_the_one_before(log: list[int]):
    signing_key_rotate(actor=sealer_actor())
    seal_all()
    branch()
    seal_all()
    assert verify().intact
    with locks_off():
        AuditHead.objects.filter(pk=AuditHead.objects.order_by("-pk")[1].pk).delete()
    assert "head" in {fault.kind for fault in verify().faults}


def test_a_key_without_an_event_and_an_event_without_its_key_are_found(log: list[int]):
    with locks_off():
        run("INSERT INTO audit_signing_key (origin, public, wrapped, root_key, created)"
            " SELECT origin, public, wrapped, root_key, created FROM audit_signing_key")  # fmt: skip
    assert verify().intact, "the same key twice says nothing new"
    with locks_off():
        run("DELETE FROM audit_signing_key")
    kinds = {(fault.event, fault.kind) for fault in verify().faults}
    assert (AuditEvent.objects.get(action=Tag.SIGNING_KEY_MADE).pk, "key") in kinds
    with locks_off():
        body = canonical({**AuditEvent.objects.get(pk=log[0]).data, "note": "words"})
        run("UPDATE audit_event SET body = %s WHERE id = %s", (body, log[0]))
    assert not verify().intact


def test_a_log_that_was_rolled_back_is_found_by_what_was_pinned(log: list[int], settings: Any, tmp_path: Path):
    settings.LOANFLOW_PIN = tmp_path / "pins"
    held = kept()
    seal()
    assert verify().pins == 1
    pin_head(newest_head(), at_once=True)
    for path in journal.folder().glob("*.journal"):
        path.unlink()
    with locks_off():
        put_back(held)
    report = verify()
    assert {fault.kind for fault in report.faults} == {"pin"}
    branch()
    branch()
    seal()
    assert {fault.kind for fault in verify().faults} == {"pin"}, "and it stays so when the log has grown on"
    (tmp_path / "pins").write_text("nonsense\n\nmore\n\n")
    assert {fault.kind for fault in verify().faults} == {"pin"}


def test_another_head_of_the_same_size_is_a_split_view(log: list[int], settings: Any, tmp_path: Path):
    settings.LOANFLOW_PIN = tmp_path / "pins"
    row = newest_head()
    row.note = row.note.replace("clock unknown", "clock +9.000000").replace("clock +0", "clock +9")
    pin_head(row)
    assert [fault.words for fault in verify().faults] == [
        f"another head of {row.pk} events is pinned than the log holds"
    ]


def test_verification_runs_while_the_log_is_written_and_sealed(log: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.verify.walk.BATCH", 2)

    def meanwhile(_count: int) -> None:
        branch()
        seal()

    assert verify(progress=meanwhile).intact
    assert verify().intact


def test_the_command_says_how_much_is_sealed(
    log: list[int], capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
):
    settings.LOANFLOW_PIN = tmp_path / "pins"
    pin_head(newest_head())
    call_command("audit_verify")
    out = capsys.readouterr().out
    assert "6 events are sealed, 3 heads checked, 1 events not sealed yet." in out
    assert "1 pinned heads agree" in out
    call_command("audit_verify", json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["sealed"], found["heads"], found["unsealed"], found["pins"]) == (6, 3, 1, 1)


@pytest.mark.usefixtures("committed_db")
def test_inside_a_transaction_the_map_is_read_in_it():
    branch()
    with transaction.atomic():
        assert verify().intact
