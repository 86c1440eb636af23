"""A stretch retires by two people's word: archived and proved first, gone whole, and the log verifies and says so."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.audit.drill.unlocked import unlocked
from apps.audit.locks.guarded import NEVER_RETIRED
from apps.audit.models import AuditEvent, AuditLeaf, AuditRetired, AuditStub
from apps.audit.proofs import event_proof, newest_head, object_proof
from apps.audit.reconcile import reconcile
from apps.audit.retiring import archive
from apps.audit.retiring.agreed import State, proposal
from apps.audit.retiring.due import next_due
from apps.audit.selectors import EventFilter
from apps.audit.services import act, record
from apps.audit.services.retiring import agreed_waiting, stretch_agree, stretch_decline, stretch_propose, stretch_retire
from apps.audit.standalone import loanflow_verify
from apps.audit.stream.due import RETIRED, due_from
from apps.audit.tags import Tag
from apps.audit.tasks import retirer_actor, stretches_retire
from apps.audit.touched import object_key
from apps.audit.tree.checking import verify_inclusion
from apps.audit.tree.objects import verify_object
from apps.audit.verify import verify
from apps.core import clock
from apps.core.errors import Refused, StepUpNeeded, Unavailable
from tests.audit.bundles import bundle_bytes, files_of, stored
from tests.audit.factories import SYSTEM, branch, locks_off, newest, rename, run
from tests.audit.retiring.stretches import OLD, agreed, old_log, reader, retired
from tests.audit.sealing import seal_all


def carried_out(asked: int) -> Any:
    return stretch_retire(actor=retirer_actor("test"), asked=asked)


def test_bodies_go_and_all_else_stays_and_verifies(committed_db: str):
    row, sizes = old_log()
    before = {leaf.pk: bytes(leaf.hash) for leaf in AuditLeaf.objects.all()}
    old = dict(AuditEvent.objects.filter(pk__lte=sizes[1]).values_list("pk", "action"))
    done = retired(0, sizes[1])
    left = set(AuditEvent.objects.filter(pk__in=old).values_list("pk", flat=True))
    assert left == {pk for pk, action in old.items() if action in NEVER_RETIRED}
    assert done.events == len(old) - len(left) > 3
    assert {leaf.pk: bytes(leaf.hash) for leaf in AuditLeaf.objects.filter(pk__in=before)} == before
    report = verify()
    assert report.intact, report.first_bad
    [gone] = report.retired
    assert (gone["first"], gone["last"], gone["events"], gone["event"]) == (1, sizes[1], done.events, done.event)
    assert gone["people"] == ("reader-3", "reader-4")
    assert verify(since=sizes[1] - 1).intact
    seal_all()
    assert verify().intact
    assert object_proof(object_key(row)).head.pk == newest_head().pk


def test_the_archive_proves_what_is_gone(committed_db: str):
    _row, sizes = old_log()
    bodies = dict(AuditEvent.objects.filter(pk__lte=sizes[1]).values_list("pk", "body"))
    done = retired(0, sizes[1])
    path = Path(django_settings.LOANFLOW_LOG_ARCHIVE) / done.file
    told = AuditEvent.objects.get(pk=done.event).data["note"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == told["archive"]["sha256"]
    assert loanflow_verify.verify(path).manifest["rows"] == sizes[1]
    lines = files_of(path.read_bytes())["events.jsonl"].splitlines()
    assert {json.loads(line)["number"]: json.loads(line)["body"] for line in lines} == bodies


def test_what_remains_is_numbered_proved_and_compared_as_before(committed_db: str, tmp_path: Path):
    row, sizes = old_log()
    retired(0, sizes[1])
    assert reconcile().differences == []
    rename(row, "Three")  # points back to an event whose body is gone
    seal_all()
    event = newest()
    assert event.data["touched"][0]["n"] == 4
    made = event_proof(event.pk)
    verify_inclusion(made.index, made.size, made.leaf, made.proof, bytes(newest_head().root))
    found = verify_object(object_key(row), object_proof(object_key(row)).proof, bytes(newest_head().map_root))
    assert found == (4, made.leaf)
    assert verify().intact
    for is_rest, asked in ((True, EventFilter()), (False, EventFilter(object=object_key(row)))):
        data = bundle_bytes(asked)
        manifest = loanflow_verify.verify(stored(tmp_path, data)).manifest
        assert (manifest["stretch"], manifest["rows"] > 0) == (is_rest, True)
    [one] = json.loads(files_of(data)["proofs.json"])["objects"]
    assert (one["first"], one["last"]) == (4, 4)


def test_a_row_changed_behind_the_log_is_found_though_its_event_has_retired(committed_db: str):
    row, sizes = old_log()
    retired(0, sizes[1])
    with locks_off():
        run("UPDATE accounts_branch SET name = 'Four' WHERE id = %s", (row.pk,))
    assert [found.object for found in reconcile().differences] == [object_key(row)]


def test_a_receiver_that_comes_late_is_told_that_events_have_retired(committed_db: str):
    _row, sizes = old_log()
    retired(0, sizes[1])
    states = [sent.state for sent in due_from(0)[: sizes[1]]]
    assert states.count(RETIRED) == AuditStub.objects.count() > 0
    assert "missing" not in states


def test_stretches_retire_one_after_another_and_never_twice(committed_db: str):
    _row, sizes = old_log()
    retired(0, sizes[0])
    due = next_due()
    assert due is not None
    assert (due.start, due.stop) == (sizes[0], sizes[1])
    with pytest.raises(Refused, match="retired already"):
        agreed(0, sizes[1])
    retired(sizes[0], sizes[1])
    assert AuditRetired.objects.count() == 2
    assert next_due() is None
    assert verify().intact


def test_one_person_is_not_enough(committed_db: str):
    _row, sizes = old_log()
    proposed = stretch_propose(actor=reader(3, behalf=4), start=0, stop=sizes[0], words="x")
    for person in (3, 4):
        with pytest.raises(Refused, match="another person"):
            stretch_agree(actor=reader(person), asked=proposed.pk)
    with pytest.raises(Refused, match="Only people"):
        stretch_agree(actor=SYSTEM, asked=proposed.pk)
    with pytest.raises(StepUpNeeded):
        stretch_agree(actor=reader(5, age=10), asked=proposed.pk)
    with pytest.raises(Refused, match="have not agreed"):
        carried_out(proposed.pk)
    assert AuditEvent.objects.filter(pk__lte=sizes[0]).count() == sizes[0]


def test_a_proposal_is_answered_once_and_lapses(committed_db: str):
    _row, sizes = old_log()
    proposed = stretch_propose(actor=reader(3), start=0, stop=sizes[0], words="x")
    with pytest.raises(Refused, match="under way"):
        stretch_propose(actor=reader(3), start=0, stop=sizes[0], words="x")
    stretch_decline(actor=reader(4), asked=proposed.pk)
    with pytest.raises(Refused, match="answered already"):
        stretch_agree(actor=reader(4), asked=proposed.pk)
    again = stretch_propose(actor=reader(3), start=0, stop=sizes[0], words="x")
    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        found = proposal(again.pk)
        assert found is not None
        assert found.state is State.LAPSED
        with pytest.raises(Refused, match="its time is over"):
            stretch_agree(actor=reader(4), asked=again.pk)


def test_nothing_goes_before_the_agreement_is_sealed(committed_db: str):
    _row, sizes = old_log()
    proposed = stretch_propose(actor=reader(3), start=0, stop=sizes[0], words="x")
    stretch_agree(actor=reader(4), asked=proposed.pk)
    with pytest.raises(Refused, match="not sealed yet"):
        carried_out(proposed.pk)


@pytest.mark.parametrize("tag", [Tag.HOLD_PLACED, Tag.RETENTION_SET])
def test_a_hold_that_is_placed_after_the_agreement_stops_it(committed_db: str, tag: Tag):
    _row, sizes = old_log()
    proposed = agreed(0, sizes[0])
    with act(actor=SYSTEM):
        record(tag, actor=SYSTEM)
    with pytest.raises(Refused, match="Propose it anew"):
        carried_out(proposed.pk)
    assert not AuditRetired.objects.exists()


def test_an_archive_that_cannot_be_written_keeps_everything(committed_db: str, settings: Any, tmp_path: Path):
    _row, sizes = old_log()
    proposed = agreed(0, sizes[0])
    (tmp_path / "file").write_text("in the way")
    settings.LOANFLOW_LOG_ARCHIVE = tmp_path / "file" / "archive"
    with pytest.raises(Unavailable, match="cannot be written"):
        carried_out(proposed.pk)
    assert not AuditRetired.objects.exists()
    assert len(agreed_waiting()) == 1


def test_a_bundle_that_does_not_verify_keeps_everything(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    _row, sizes = old_log()
    proposed = agreed(0, sizes[0])

    def broken(path: Path) -> Any:
        raise loanflow_verify.Refused("no")

    monkeypatch.setattr(archive, "verified", broken)
    with pytest.raises(Unavailable, match="does not verify"):
        carried_out(proposed.pk)
    assert not AuditRetired.objects.exists()


def test_the_job_and_the_command_carry_it_out(committed_db: str):
    _row, sizes = old_log()
    out = io.StringIO()
    call_command("audit_retire", due=True, stdout=out)
    agreed(0, sizes[0])
    call_command("audit_retire", stdout=out)
    agreed(sizes[0], sizes[1])
    stretches_retire.call()
    call_command("audit_retire", stdout=out)
    call_command("audit_verify", stdout=out)
    words = out.getvalue()
    assert f"Leaves 1 to {sizes[1]} are due." in words
    assert "events have retired, as event" in words
    assert "Nothing waits to be carried out." in words
    assert "reader-3 and reader-4 agreed" in words
    assert "The log is intact." in words


def test_the_command_says_why_nothing_has_retired(committed_db: str):
    _row, sizes = old_log()
    agreed(0, sizes[0])
    answer = AuditEvent.objects.filter(action=Tag.STRETCH_AGREED).latest("pk")
    with locks_off():
        run("UPDATE audit_event SET mac = 'x' WHERE id = %s", (answer.pk,))
    with pytest.raises(CommandError, match="Two people have not agreed"):
        call_command("audit_retire")


STATEMENTS = {
    "delete alone": ["DELETE FROM audit_event WHERE id = (SELECT MAX(id) - 1 FROM audit_event)"],
    "a row of an old retirement": [
        "INSERT INTO audit_stub (id, stretch, digest, images) SELECT id, 0, 'x', '' FROM audit_event"
    ],
    "the row is said again": ["INSERT INTO audit_retired (id, stop, event) SELECT 100, 101, event FROM audit_retired"],
    "the row moves": ["UPDATE audit_retired SET stop = stop + 1"],
    "the row goes": ["DELETE FROM audit_retired"],
    "a stub goes": ["DELETE FROM audit_stub"],
    "a stub changes": ["UPDATE audit_stub SET digest = 'x'"],
    "the retiring event goes": ["DELETE FROM audit_event WHERE action = 'audit.stretch_retired'"],
}


@pytest.mark.parametrize("way", STATEMENTS)
def test_no_other_delete_gets_through(committed_db: str, way: str):
    _row, sizes = old_log()
    retired(0, sizes[0])
    before = list(AuditEvent.objects.values_list("pk", "body"))
    with pytest.raises(DatabaseError), transaction.atomic():
        for statement in STATEMENTS[way]:
            run(statement)
    assert list(AuditEvent.objects.values_list("pk", "body")) == before
    assert verify().intact


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="gates are SQLite's")
@pytest.mark.parametrize(
    "statement", ["INSERT INTO audit_gate (stretch) VALUES (0)", "UPDATE audit_gate SET open = 0", "SELECT 1"]
)
def test_no_transaction_leaves_a_gate_open(committed_db: str, statement: str):
    _row, sizes = old_log()
    retired(0, sizes[0])
    with pytest.raises(DatabaseError), transaction.atomic():
        run("INSERT INTO audit_gate (stretch) VALUES (0)")
        run(statement)
    assert verify().intact


def honest_event(sizes: list[int], stop: int) -> AuditEvent:
    """An event of LoanFlow's own that tells of a retirement, as one person with the application's rights could have it written."""
    note = {
        "from": 0,
        "to": stop,
        "events": 1,
        "people": ["x"],
        "asked": 1,
        "agreed": 2,
        "archive": {"file": "x"},
        "stubs": "x",
    }
    with act(actor=SYSTEM):
        told = record(Tag.STRETCH_RETIRED, actor=SYSTEM, note=note)
        AuditRetired.objects.create(pk=0, stop=stop, event=told.pk)
        body = AuditEvent.objects.get(pk=2)
        AuditStub.objects.create(pk=2, stretch=0, digest=hashlib.sha256(body.body.encode()).hexdigest())
        run("DELETE FROM audit_event WHERE id = 2")
        if connection.vendor == "sqlite":
            run("DELETE FROM audit_gate")
    return told


def test_events_that_go_without_two_people_are_missed(committed_db: str):
    _row, sizes = old_log()
    honest_event(sizes, sizes[0])
    report = verify()
    assert not report.intact
    assert {fault.kind for fault in report.faults} >= {"retired", "deleted"}
    assert any("two people have not agreed" in fault.words for fault in report.faults)
    assert report.retired == []


def test_what_a_stretch_left_cannot_be_changed_unnoticed(committed_db: str):
    _row, sizes = old_log()
    done = retired(0, sizes[1])
    tampered = {
        "UPDATE audit_stub SET digest = 'x' WHERE id = 2": "what it left",
        "DELETE FROM audit_stub WHERE id = 2": "what it left",
        "INSERT INTO audit_stub (id, stretch, digest, images) VALUES (99999, 0, 'x', '')": "no stretch that did has it",
        "UPDATE audit_retired SET stop = stop - 1": "tells of another stretch",
        f"DELETE FROM audit_retired WHERE event = {done.event}": "none has",
        f"UPDATE audit_event SET mac = 'x' WHERE id = {done.event}": "code does not fit",
        f"UPDATE audit_retired SET event = {done.event - 1}": "no event tells of it",
    }  # fmt: skip
    for statement, words in tampered.items():
        with transaction.atomic():
            with unlocked():
                run(statement)
            faults = verify().faults
            transaction.set_rollback(True)
        assert any(words in fault.words for fault in faults), statement


def test_an_event_that_is_there_and_said_to_have_retired_is_named(committed_db: str):
    _row, sizes = old_log()
    body = AuditEvent.objects.filter(pk=2).values("txid", "body", "mac_key", "mac").get()
    retired(0, sizes[0])
    with locks_off():
        run("INSERT INTO audit_event (id, txid, body, mac_key, mac) VALUES (2, %s, %s, %s, %s)", tuple(body.values()))
        run(
            "DELETE FROM audit_touch WHERE id IN (SELECT MAX(id) FROM audit_touch GROUP BY event_id, object HAVING COUNT(*) > 1)"
        )
    assert any("is there and is said to have retired" in fault.words for fault in verify().faults)


def test_young_events_stay_whatever_is_signed(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    """The database itself keeps the log online for six months, even from a service that has been talked into it."""
    with clock.at(timezone.now() - dt.timedelta(days=100)):
        branch()
        seal_all()
    size = newest_head().pk
    monkeypatch.setattr("apps.audit.services.retiring.refuse_kept", lambda _stretch: None)
    proposed = agreed(0, size)
    with pytest.raises(DatabaseError):
        carried_out(proposed.pk)
    assert AuditEvent.objects.filter(pk__lte=size).count() == size
    assert not AuditRetired.objects.exists()
    assert OLD.days > 183
