"""The unsealed tail: whatever breaks while events are written, verification tells a crash from a deletion."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, connections, transaction

from apps.accounts.models import Branch
from apps.audit import journal, mac
from apps.audit.models import AuditEvent, AuditMacKey
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import verify
from apps.core.errors import Unavailable
from tests.audit.factories import SYSTEM, branch, locks_off, newest, run, unsaved_branch
from tests.audit.sealing import seal

ON_POSTGRESQL = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no connection to drop")
KILLED = 9


def in_child(work: Any, expected: int = 0) -> None:
    """Do something in a forked process, as a server's worker does it."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent hears of it
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == expected


def test_a_process_killed_between_commit_and_journal_is_told_as_a_crash(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
):
    branch()
    with monkeypatch.context() as dying:
        dying.setattr(journal, "_write", lambda _handle: os._exit(KILLED))
        in_child(branch, KILLED)
    report = verify()
    assert (report.intact, report.crashes) == (True, [newest().pk])
    seal()
    assert verify().intact, "an event without a line is sealed like any other"


def test_a_process_killed_before_its_commit_leaves_neither_row_nor_line(committed_db: str):
    branch()
    before = Branch.objects.count()

    def die() -> None:
        with act(actor=SYSTEM):
            row = unsaved_branch()
            row.save()
            record(Tag.BRANCH_CREATED, actor=SYSTEM, subject=row)
            os._exit(KILLED)

    in_child(die, KILLED)
    report = verify()
    assert (report.intact, report.crash_count, Branch.objects.count()) == (True, 0, before)


def test_forked_workers_and_restarts_sign_with_keys_of_their_own(committed_db: str):
    branch()
    for restart in range(3):
        in_child(lambda code=f"FORK{restart}": branch(code=code))
    mac.forget()
    branch()
    assert AuditMacKey.objects.count() == 5
    assert len(list(journal.folder().glob("*.journal"))) == 5
    assert AuditEvent.objects.values("mac_key").distinct().count() == 5
    report = verify()
    assert (report.intact, report.crash_count, report.lines) == (True, 0, 5)


def test_threads_share_a_file_and_lose_no_line(committed_db: str):
    def write() -> None:
        try:
            for _ in range(5):
                with act(actor=SYSTEM):
                    record(Tag.SIGNED_IN, actor=SYSTEM)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(list(journal.folder().glob("*.journal"))) == 1
    report = verify()
    assert (report.intact, report.crash_count, report.lines) == (True, 0, 30)


def test_journal_files_turn_with_the_day_and_every_one_counts(committed_db: str):
    for day in range(1, 4):
        with time_machine.travel(f"2026-05-0{day}T12:00:00Z", tick=False):
            branch()
    files = sorted(journal.folder().glob("*.journal"))
    assert [path.name[:10] for path in files] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    assert verify().lines == 3
    with locks_off():
        run("DELETE FROM audit_event WHERE id = %s", (newest().pk,))
        run("DELETE FROM audit_touch WHERE event_id NOT IN (SELECT id FROM audit_event)")
    assert [fault.kind for fault in verify().faults] == ["deleted"]


def test_a_line_that_a_full_device_tore_is_no_tampering(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    branch()
    plain = os.write
    taken = iter([30, 0, 5, None])

    def full(handle: int, data: bytes) -> int:
        room = next(taken, None)
        return plain(handle, data if room is None else data[:room])

    with monkeypatch.context() as device:
        device.setattr(os, "write", full)
        branch()
        for _twice in range(2):
            with pytest.raises(Unavailable):
                branch()
        branch()
    branch()
    report = verify()
    assert (report.intact, report.crash_count, report.checked) == (True, 0, 4)
    assert "(torn)" in next(journal.folder().glob("*.journal")).read_text()


def test_a_missing_device_stops_every_act_before_anything_is_written(committed_db: str, settings: Any, tmp_path: Path):
    row = branch()
    (tmp_path / "file").write_text("where the device should be mounted")
    there, settings.LOANFLOW_JOURNAL = settings.LOANFLOW_JOURNAL, tmp_path / "file"
    with pytest.raises(Unavailable), act(actor=SYSTEM):
        row.name = "Never"
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
    settings.LOANFLOW_JOURNAL = there
    row.refresh_from_db()
    assert row.name != "Never"
    assert verify().intact


def test_a_device_that_fails_after_the_commit_gets_the_line_later(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    branch()

    def fail(_handle: int, _data: bytes) -> int:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", fail)
        branch()
        assert verify().crashes == [newest().pk]
        with pytest.raises(Unavailable):
            branch()
    branch()
    assert verify().crash_count == 0


@ON_POSTGRESQL
def test_a_connection_dropped_within_an_act_leaves_neither_row_nor_line(committed_db: str):
    branch()
    before = AuditEvent.objects.count()
    with pytest.raises(DatabaseError), act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connections.close_all()
    assert AuditEvent.objects.count() == before
    branch()
    report = verify()
    assert (report.intact, report.crash_count) == (True, 0)


@ON_POSTGRESQL
def test_a_connection_dropped_at_the_commit_leaves_at_most_a_row_without_a_line(committed_db: str):
    branch()

    def drop() -> None:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseError), act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        drop()
    connections.close_all()
    report = verify()
    assert (report.intact, report.crashes) == (True, [newest().pk])
    branch()
    assert verify().intact


def test_savepoints_however_nested_leave_the_lines_of_what_stands(committed_db: str):
    class Undo(Exception):
        pass

    def go_down(depth: int) -> None:
        for number in range(2):
            try:
                with transaction.atomic():
                    record(Tag.SIGNED_IN, actor=SYSTEM, note={"depth": depth, "number": number})
                    if depth:
                        go_down(depth - 1)
                    if (depth + number) % 2:
                        raise Undo
            except Undo:
                pass

    with act(actor=SYSTEM):
        go_down(3)
        record(Tag.SIGNED_OUT, actor=SYSTEM)
    report = verify()
    assert report.intact
    assert (report.crash_count, report.lines) == (0, AuditEvent.objects.count())
    assert report.lines > 3
