"""The journal gets a line for every committed event, and acts are refused while it cannot be written."""

import errno
import multiprocessing
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction

from apps.audit import journal, mac
from apps.audit.models import AuditEvent, AuditMacKey
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import verify
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, Unavailable
from apps.vault.errors import CannotOpen, KeysUnavailable
from tests.audit.factories import SYSTEM, branch, newest


def lines():
    return [line for path in sorted(journal.folder().glob("*.journal")) for line in path.read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path, settings: Any):
    settings.LOANFLOW_JOURNAL = tmp_path / "journal"
    return tmp_path / "journal"


def test_every_committed_event_has_its_line(committed_db: str):
    branch()
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        record(Tag.SIGNED_OUT, actor=SYSTEM)
    assert lines() == [f"{event.pk} {event.mac}" for event in AuditEvent.objects.order_by("pk")]
    (path,) = journal.folder().glob("*.journal")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d-{mac.mac_key().id}\.journal", path.name)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("at_a_time", [1, 100, 1 << 16])
def test_verification_names_the_line_that_is_not_a_journals_wherever_it_stands(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, at_a_time: int
):
    branch()
    branch()
    monkeypatch.setattr("apps.audit.verify.journals.AT_A_TIME", at_a_time)
    (path,) = journal.folder().glob("*.journal")
    first, second = path.read_text().splitlines(keepends=True)
    path.write_text(f"{first}nonsense\n{second}")
    report = verify()
    assert [fault.words for fault in report.faults] == [f"line 2 of {path.name} is not a journal's"]
    assert (report.lines, report.crash_count) == (2, 0)


def test_threads_that_wait_for_the_device_share_its_next_sync(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    settings.LOANFLOW_JOURNAL_SYNC = True
    begun, syncs, real = threading.Event(), list[int](), os.fsync

    def slow(handle: int) -> None:
        syncs.append(handle)
        begun.set()
        while len(syncs) == 1 and len(journal._waiting) < 8:
            time.sleep(0.001)
        real(handle)

    monkeypatch.setattr(journal.os, "fsync", slow)
    written: dict[str, bool] = {}

    def append(line: str) -> None:
        journal.append("k", [line])
        written[line] = line in lines()

    threads = [threading.Thread(target=append, args=(f"{number} x",)) for number in range(9)]
    threads[0].start()
    assert begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(lines()) == sorted(written) == [f"{number} x" for number in range(9)]
    assert all(written.values())
    assert len(syncs) == 2


def test_what_rolls_back_leaves_no_line(shared_db: str):
    branch()
    before = lines()
    with pytest.raises(BadInput), act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        raise BadInput("no")
    with act(actor=SYSTEM):
        with pytest.raises(BadInput), transaction.atomic():
            record(Tag.SIGNED_IN, actor=SYSTEM)
            raise BadInput("no")
        kept = record(Tag.SIGNED_OUT, actor=SYSTEM)
    assert sorted(lines()) == sorted([*before, f"{kept.pk} {kept.mac}"])


def test_a_refusal_has_its_line(shared_db: str):
    with pytest.raises(Refused), act(actor=SYSTEM):
        raise Refused("permission", "No.")
    assert f"{newest().pk} {newest().mac}" in lines()


def test_nothing_begins_while_the_journal_cannot_be_written(shared_db: str, settings: Any, tmp_path: Path):
    before = AuditEvent.objects.count()
    (tmp_path / "file").write_text("in the way")
    settings.LOANFLOW_JOURNAL = tmp_path / "file"
    with pytest.raises(Unavailable, match="journal"):
        branch()
    assert AuditEvent.objects.count() == before


def test_a_full_device_refuses_acts(folder: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.fstatvfs

    class Full:
        def __init__(self, handle: int) -> None:
            self.f_frsize, self.f_bavail = real(handle).f_frsize, 0

    monkeypatch.setattr(journal.os, "fstatvfs", Full)
    with pytest.raises(Unavailable):
        journal.ensure_writable("k")


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), "half"])
def test_lines_that_could_not_be_written_go_first_when_they_can(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failure: Any
):
    def fail(handle: int, data: bytes) -> int:
        if failure == "half":
            return len(data) - 1
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(journal.os, "write", fail)
        journal.append("k", ["1 a"])
        with pytest.raises(Unavailable):
            journal.ensure_writable("k")
    journal.ensure_writable("k")
    journal.append("k", ["2 b"])
    torn = [" (torn)"] if failure == "half" else []
    assert lines() == [*torn, "1 a", "2 b"]


def test_a_file_taken_away_is_replaced_and_the_loss_found(committed_db: str):
    branch()
    for path in journal.folder().glob("*.journal"):
        path.unlink()
    kept = branch()
    assert kept.pk
    report = verify()
    assert (report.intact, report.crash_count, len(lines())) == (True, 1, 1)


def test_a_new_day_has_a_file_of_its_own(folder: Path):
    for day in ("2026-01-01", "2026-01-02"):
        with time_machine.travel(f"{day}T12:00:00Z"):
            journal.append("k", [f"1 {day}"])
            journal.append("k", [f"2 {day}"])
    assert [path.name for path in sorted(folder.glob("*"))] == ["2026-01-01-k.journal", "2026-01-02-k.journal"]
    assert len(lines()) == 4


def test_the_device_is_waited_for_unless_told_otherwise(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch):
    synced = []
    settings.LOANFLOW_JOURNAL_SYNC = True
    monkeypatch.setattr(journal.os, "fsync", synced.append)
    journal.append("k", ["1 a"])
    settings.LOANFLOW_JOURNAL_SYNC = False
    journal.append("k", ["2 b"])
    assert len(synced) == 1


def test_a_process_signs_with_a_key_of_its_own_that_the_database_holds_wrapped(shared_db: str):
    branch()
    key = mac.mac_key()
    row = AuditMacKey.objects.get(pk=key.id)
    assert bytes(row.wrapped) != key.material
    assert mac.unwrapped(row) == key.material
    assert newest().mac == mac.code(key.material, newest().body)
    assert str(row) == f"code key {key.id}"
    row.id = "0" * 16
    with pytest.raises(CannotOpen):
        mac.unwrapped(row)


def test_a_key_whose_row_rolled_back_is_stored_again(committed_db: str):
    mac.forget()
    with pytest.raises(BadInput), act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        raise BadInput("no")
    assert not AuditMacKey.objects.exists()
    with act(actor=SYSTEM):
        with pytest.raises(BadInput), transaction.atomic():
            record(Tag.SIGNED_IN, actor=SYSTEM)
            raise BadInput("no")
        record(Tag.SIGNED_IN, actor=SYSTEM)
        record(Tag.SIGNED_OUT, actor=SYSTEM)
    assert AuditMacKey.objects.count() == 1
    assert verify().intact


def test_a_key_once_stored_costs_nothing_more(shared_db: str, django_assert_num_queries: Any):
    branch()
    with django_assert_num_queries(1 + 2, info="begin, event, commit"), act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)


def test_no_act_begins_while_the_key_service_is_away(shared_db: str, settings: Any, tmp_path: Path):
    before = AuditEvent.objects.count()
    mac.forget()
    settings.LOANFLOW_KEY_FILE = tmp_path / "gone.json"
    with pytest.raises(KeysUnavailable):
        branch()
    settings.LOANFLOW_KEY_FILE = tmp_path / "gone.json"
    assert AuditEvent.objects.count() == before


def in_child(queue: Any):
    queue.put((mac.mac_key().id, journal._opened, journal._unwritten))


def test_a_forked_child_has_a_key_and_a_file_of_its_own(folder: Path):
    journal.append("k", ["1 a"])
    mine = mac.mac_key().id
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=in_child, args=(queue,))
    child.start()
    theirs, opened, unwritten = queue.get()
    child.join()
    assert theirs != mine
    assert (opened, unwritten) == ({}, [])
    assert mac.mac_key().id == mine


def test_a_child_starts_without_its_parents_lines_and_locks(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "_unwritten", ["1 a"])
    monkeypatch.setattr(journal, "_opened", {"k": (99, str(folder))})
    before = journal._lock
    with before:
        journal.forget_after_fork()
        journal.append("k", ["2 b"])
    assert lines() == ["2 b"]


def test_two_sessions_of_one_process_store_one_key(shared_db: str):
    mac.forget()
    branch()
    transaction.get_connection().close()
    branch()
    assert AuditMacKey.objects.filter(pk=mac.mac_key().id).count() == 1
    assert verify().intact


@pytest.mark.django_db
def test_in_a_rolled_back_test_every_act_stores_the_key_anew_at_the_same_cost(
    django_assert_num_queries: Any,
):
    mac.forget()  # a key that an earlier test has committed here would not be stored again

    @act
    def sign_in(*, actor: Actor) -> None:
        record(Tag.SIGNED_IN, actor=actor)

    sign_in(actor=SYSTEM)
    with django_assert_num_queries(4, info="savepoint, key, event, release"):
        sign_in(actor=SYSTEM)
