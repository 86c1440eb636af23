"""Verification finds every way of tampering with the triggers off, and names the first bad record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.audit import codes, journal, mac
from apps.audit.canonical import canonical
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import Report, verify
from apps.audit.verify import events as verify_events
from apps.core import clock
from tests.audit.factories import SYSTEM, branch, locks_off, newest, person, rename, run
from tests.audit.sealing import summary

COLUMNS = "id, txid, body, mac_key, mac"


TOUCH_COLUMNS = "id, event_id, txid, object, n, op"


@pytest.fixture(scope="module")
def six_events(shared_db: str) -> list[int]:
    """A branch with three events, a person, a sign-in, a second branch."""
    first = branch()
    rename(first, "Two")
    person()
    rename(first, "Three")
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
    branch()
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def log(six_events: list[int]) -> Iterator[list[int]]:
    """Six events, put back afterwards as they were, with their journal and the wrapped keys."""
    tables = {"audit_event": COLUMNS, "audit_touch": TOUCH_COLUMNS, "audit_mac_key": "id, wrapped, root_key"}
    before = {table: kept(table, columns) for table, columns in tables.items()}
    journals = {path: path.read_text() for path in journal.folder().glob("*.journal")}
    yield six_events
    with locks_off():
        for table, rows in before.items():
            put_back(table, tables[table], rows)
    for path, text in journals.items():
        path.write_text(text)


def body_of(event: Any):
    return json.loads(AuditEvent.objects.values_list("body", flat=True).get(pk=event))


def edit(event: Any, **changes: Any):
    run("UPDATE audit_event SET body = %s WHERE id = %s", (canonical({**body_of(event), **changes}), event))


def edit_with_a_code(event: Any):
    """Edit and sign anew under a key of the intruder's."""
    text = canonical({**body_of(event), "name": "somebody-else"})
    run("UPDATE audit_event SET body = %s, mac = %s WHERE id = %s", (text, mac.code(b"k" * 32, text), event))


def remove(event: Any):
    run("DELETE FROM audit_event WHERE id = %s", (event,))


def remove_with_all_traces(event: Any):
    run("DELETE FROM audit_touch WHERE event_id = %s", (event,))
    remove(event)


def swap(one: Any, other: Any):
    """Let two events change places, codes and all."""
    for old, new in ((one, -1), (other, one), (-1, other)):
        run("UPDATE audit_event SET id = %s WHERE id = %s", (new, old))


def foreign_key_of_codes(event: Any):
    run("UPDATE audit_event SET mac_key = 'nobody' WHERE id = %s", (event,))


def unspell(event: Any):
    """Write the same content in another spelling, with a code that fits it."""
    text = json.dumps(body_of(event))
    run(
        "UPDATE audit_event SET body = %s, mac = %s WHERE id = %s",
        (text, mac.code(mac.mac_key().material, text), event),
    )


def resign(event: Any, **changes: Any):
    """Edit with the process's own key, as a stolen memory image would let one."""
    text = canonical({**body_of(event), **changes})
    run(
        "UPDATE audit_event SET body = %s, mac = %s WHERE id = %s",
        (text, mac.code(mac.mac_key().material, text), event),
    )


TAMPERINGS = {
    "an edited body": (lambda log: edit(log[1], outcome="refused"), 1, "code"),
    "an edited reference": (lambda log: edit(log[4], note={"x": 1}), 4, "code"),
    "an edit with a code of another key": (lambda log: edit_with_a_code(log[2]), 2, "code"),
    "an edited code": (lambda log: run("UPDATE audit_event SET mac = %s WHERE id = %s", ("0" * 64, log[3])), 3, "code"),
    "an unknown key": (lambda log: foreign_key_of_codes(log[1]), 1, "key"),
    "a removed middle": (lambda log: remove(log[1]), 1, "deleted"),
    "a removed middle without traces": (lambda log: remove_with_all_traces(log[1]), 1, "deleted"),
    "a removed sign-in": (lambda log: remove(log[4]), 4, "deleted"),
    "a removed tail": (lambda log: remove_with_all_traces(log[5]), 5, "deleted"),
    "two events in each other's place": (lambda log: swap(log[0], log[2]), 0, "journal"),
    "a renumbered event": (lambda log: swap(log[4], 999), 4, "deleted"),
    "another spelling": (lambda log: unspell(log[1]), 1, "spelling"),
    "a fraction": (lambda log: run("UPDATE audit_event SET body = '{\"v\":1.5}' WHERE id = %s", (log[0],)), 0, "code"),
    "an edit with the stolen key": (lambda log: resign(log[0], address="192.0.2.1"), 0, "journal"),
    "a forged touch": (
        lambda log: run(
            "INSERT INTO audit_touch (event_id, txid, object, n, op) VALUES (%s, 0, 'x:1', 1, 'update')", (log[4],)
        ),
        4,
        "touch",
    ),
    "a removed touch": (lambda log: run("DELETE FROM audit_touch WHERE event_id = %s", (log[0],)), 0, "touch"),
    "a touch of no event": (
        lambda log: run(
            "INSERT INTO audit_touch (event_id, txid, object, n, op) VALUES (%s, 0, 'x:1', 1, 'update')", (log[5] + 1,)
        ),
        6,
        "deleted",
    ),
}


def kept(table: str, columns: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
        return cursor.fetchall()


def put_back(table: str, columns: str, rows: Any):
    run(f"DELETE FROM {table}")
    marks = ", ".join(["%s"] * len(rows[0]))
    for row in rows:
        run(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row))


def test_every_tampering_is_found_and_the_first_bad_record_named(log: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.verify.run.WORTH_SPREADING", 0)
    monkeypatch.setattr("apps.audit.verify.run.STRETCHES", 1)
    events, touches = kept("audit_event", COLUMNS), kept("audit_touch", TOUCH_COLUMNS)
    assert verify().intact
    for name, (tamper, place, kind) in TAMPERINGS.items():
        with locks_off():
            tamper(log)
        report = verify()
        expected = log[place] if place < len(log) else log[-1] + 1
        assert not report.intact, name
        assert (report.first_bad.event, kind) in {(fault.event, fault.kind) for fault in report.faults}, (
            name,
            report.faults,
        )
        assert report.first_bad.event == expected, (name, report.first_bad)
        assert summary(verify(processes=3)) == summary(report), name
        with locks_off():
            put_back("audit_event", COLUMNS, events)
            put_back("audit_touch", TOUCH_COLUMNS, touches)
        assert verify().intact, name


def test_a_broken_chain_is_found_even_when_each_code_fits(log: list[int]):
    told = body_of(log[1])["touched"][0]
    for change, kind in (({**told, "prev": "0" * 64}, "number"), ({**told, "n": 9, "prev": "0" * 64}, "number")):
        with locks_off():
            resign(log[1], touched=[change])
        assert kind in {fault.kind for fault in verify().faults if fault.event == log[1]}


def test_a_key_that_the_key_service_did_not_wrap_is_not_ours(log: list[int]):
    with locks_off():
        run("UPDATE audit_mac_key SET wrapped = %s", (b"x" * 60,))
    report = verify()
    assert report.first_bad.kind == "key"
    assert report.fault_count >= len(log)


def test_columns_that_disagree_with_the_body_are_found(log: list[int]):
    codes.forget_keys()
    event = AuditEvent.objects.get(pk=log[0])
    columns = verify_events.columns_of(event.data, connection.vendor)
    row = verify_events.Row(event.pk, event.body, event.mac_key, event.mac, *columns)
    for changed, intact in ((row, True), (row._replace(action="x"), False), (row._replace(person=3), False)):
        report = Report()
        touched = [(one["object"], one["n"], one["op"]) for one in event.data["touched"]]
        verify_events.Events(report).check(changed, touched)
        assert report.intact is intact


def test_a_crash_between_commit_and_journal_is_told_apart(log: list[int]):
    path = next(journal.folder().glob("*.journal"))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:20])
    report = verify()
    assert (report.intact, report.crashes, report.crash_count) == (True, [log[-1]], 1)


@pytest.mark.parametrize(
    "line", ["nonsense\n", "1 abc\n", f"0 {'0' * 64}\n", f"-1 {'0' * 64}\n", f"9{'0' * 18} {'0' * 64}\n"]
)
def test_a_journal_that_was_written_into_is_reported(log: list[int], line: str):
    path = next(journal.folder().glob("*.journal"))
    path.write_text(line + path.read_text())
    assert verify().first_bad.kind == "journal"


def test_a_log_without_events_is_intact(committed_db: str):
    report = verify()
    assert (report.intact, report.checked, report.first, report.last) == (True, 0, 0, 0)


def test_only_what_follows_a_number_is_checked_when_asked(log: list[int]):
    with locks_off():
        edit(log[0], outcome="refused")
    seen = []
    report = verify(since=log[1], progress=seen.append)
    assert (report.intact, report.checked, report.first, sum(seen)) == (True, len(log) - 2, log[2], len(log) - 2)
    assert not verify(since=0).intact


def test_the_chain_is_followed_past_what_memory_holds(log: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verify_events, "REMEMBERED", 0)
    monkeypatch.setattr("apps.audit.verify.walk.BATCH", 1)
    assert verify().intact


def test_an_event_that_comes_before_the_one_it_follows_is_found_whatever_is_remembered(
    log: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(verify_events, "REMEMBERED", 0)
    monkeypatch.setattr("apps.audit.verify.walk.BATCH", 1)
    with locks_off():
        swap(log[1], log[3])
        for old, new in ((log[1], -1), (log[3], log[1]), (-1, log[3])):
            run("UPDATE audit_touch SET event_id = %s WHERE event_id = %s", (new, old))
    assert (log[1], "number") in {(fault.event, fault.kind) for fault in verify().faults}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("[]", {"code", "spelling"}),
        ("[" * 100_000, {"code", "spelling"}),
        ('{"v":1e400}', {"code", "spelling"}),
        ('{"v":NaN}', {"code", "spelling"}),
        ('{"at":"yesterday"}', {"code", "shape"}),
        ('{"subject":"words"}', {"code", "shape"}),
        ('{"touched":[{}]}', {"code", "shape"}),
        ('{"touched":7}', {"code", "shape"}),
        ('{"action":"other"}', {"code", "column"}),
    ],
)
def test_bodies_of_no_known_shape_are_faults_not_crashes(body: Any, kinds: set[str]):
    branch()
    key, report = newest().mac_key, Report()
    verify_events.Events(report).check(verify_events.Row(1, body, key, "é", *[None] * 13), [])
    assert {fault.kind for fault in report.faults} == kinds


def test_a_report_keeps_the_faults_of_the_lowest_events():
    report = Report()
    for event in range(300, 0, -1):
        report.fault(event, "code", "x")
        report.crash(event)
    assert (report.fault_count, len(report.faults), report.first_bad.event) == (300, 100, 1)
    assert (report.crash_count, len(report.crashes)) == (300, 100)


def test_the_command_tells_intact_from_not(log: list[int], capsys: pytest.CaptureFixture[str]):
    call_command("audit_verify")
    assert "The log is intact." in capsys.readouterr().out
    with locks_off():
        edit(log[1], outcome="refused")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify")
    assert stopped.value.code == 1
    assert f"First bad record: event {log[1]}" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("audit_verify", json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["intact"], found["first_bad"]["event"], found["checked"]) == (False, log[1], len(log))


def test_the_command_says_when_no_event_is_to_blame_and_when_lines_are_missing(
    log: list[int], capsys: pytest.CaptureFixture[str]
):
    for path in journal.folder().glob("*.journal"):
        path.write_text("nonsense\n")
    with pytest.raises(SystemExit):
        call_command("audit_verify")
    out = capsys.readouterr().out
    assert "No event is named" in out
    assert f"{len(log)} events have no journal line (first: {log[0]})" in out


@given(st.binary(max_size=64), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_coder_makes_the_codes_of_its_key(key: bytes, text: str):
    coder = mac.Coder(key)
    assert coder.code(text) == coder.code(text) == mac.code(key, text)


def test_a_coder_takes_no_key_that_would_have_to_be_hashed_first():
    with pytest.raises(ValueError, match="no longer than a block"):
        mac.Coder(bytes(65))


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), data=st.data())
def test_no_single_character_of_a_body_changes_without_its_code(text: str, data: st.DataObject):
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.characters(exclude_categories=["Cs"])) + text[place + 1 :]
    assert (mac.code(b"k" * 32, changed) == mac.code(b"k" * 32, text)) == (changed == text)


def test_a_copied_event_is_found_though_its_code_fits(log: list[int]):
    original = AuditEvent.objects.get(pk=log[-2])  # the sign-in: it touched no object, so no number gives the copy away
    assert "touched" not in original.data
    run(
        "INSERT INTO audit_event (txid, body, mac_key, mac) SELECT 0, body, mac_key, mac FROM audit_event WHERE id = %s",
        (original.pk,),
    )
    report = verify()
    assert [(fault.kind, fault.event > original.pk) for fault in report.faults] == [("copy", True)]
    assert f"copy of event {original.pk}" in report.faults[0].words
    assert not verify(since=log[-1]).intact
    with locks_off():
        run("DELETE FROM audit_event WHERE id > %s", (log[-1],))


def test_equals_under_a_simulated_clock_are_no_copies(committed_db: str):
    branch()
    with clock.at(clock.now()):
        for _twice in range(2):
            with act(actor=SYSTEM):
                record(Tag.SIGNED_IN, actor=SYSTEM)
    assert verify().intact
