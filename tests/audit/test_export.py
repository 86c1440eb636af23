"""Exports stream, say what they hold, can't run as formulas, and are on record before anybody has them."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.body import Purpose
from apps.audit.canonical import canonical
from apps.audit.export import HEADINGS, Tally, written
from apps.audit.models import AuditEvent
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, EventFilter, Scope, walk
from apps.audit.services import act, log_export, record
from apps.audit.tags import Tag
from apps.core.actor import Actor, ActorKind
from apps.core.errors import BadInput
from tests.audit.factories import SYSTEM, branch, newest, rename

pytestmark = pytest.mark.django_db
AUDITOR = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3)
WHY = Purpose("audit", "yearly review")


def exported(form: str, asked: Any = NO_FILTER, scope: Scope = WHOLE_LOG, zone: str = "UTC"):
    made = log_export(actor=AUDITOR, asked=asked, scope=scope, form=form, purpose=WHY, zone=zone)
    with made.file, zipfile.ZipFile(made.file) as archive:
        names = archive.namelist()
        assert names == [made.manifest["file"], "manifest.json", "dictionary.json"]
        return archive.read(names[0]), json.loads(archive.read("manifest.json")), made


def rows_of(data: bytes):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("action", [["x"], {"a": 1}, 7, None])
def test_an_event_whose_action_was_made_anything_else_is_written_as_it_is(form: str, action: Any):
    branch()
    event = newest()
    event.body = canonical({**event.data, "action": action})
    found = AuditEvent(pk=event.pk, body=event.body, mac_key=event.mac_key, mac=event.mac)
    tally = Tally()
    assert b"".join(written([found], form=form, zone="UTC", tally=tally))
    assert tally.rows == 1


def test_sheets_hold_a_row_an_event_with_local_and_universal_time():
    row = branch()
    rename(row, "Two")
    data, _manifest, _made = exported("csv", zone="Asia/Shanghai")
    first, second = rows_of(data)
    assert data.startswith("\ufeff".encode())
    assert tuple(first) == HEADINGS
    assert (first["action"], first["action_words"]) == ("accounts.branch_created", "Branch created")
    assert first["time_utc"].endswith("Z")
    assert first["time_local"].endswith("+08:00")
    assert json.loads(second["changes"]) == {f"accounts_branch:{row.pk}": {"name": [f"Branch {row.code}", "Two"]}}


def test_lines_hold_each_body_as_it_was_signed():
    branch()
    data, _manifest, _made = exported("jsonl")
    (line,) = data.decode().splitlines()
    event = AuditEvent.objects.order_by("pk")[0]
    assert json.loads(line) == {
        "number": event.pk, "txid": event.txid, "code_key": event.mac_key, "code": event.mac, "body": event.data,
    }  # fmt: skip
    assert event.body in line


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_manifest_says_what_was_exported_and_the_event_says_the_same(form: str):
    branch()
    branch()
    last = newest().pk
    data, manifest, made = exported(form, asked=EventFilter(outcome="done"), scope=Scope(areas=frozenset({"accounts"})))
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
    assert (manifest["rows"], manifest["last"]) == (2, last)
    assert (manifest["filter"], manifest["scope"]) == ({"outcome": "done"}, {"areas": ["accounts"]})
    assert (manifest["requester"], manifest["purpose"]["text"], manifest["time_zone"]) == (
        "auditor-1",
        "yearly review",
        "UTC",
    )
    event = newest()
    assert (event.action, event.kind, event.data["note"]) == ("audit.exported", "read", manifest)
    assert made.name.endswith(".zip")


def test_an_export_holds_what_stood_at_its_beginning():
    branch()
    first, _manifest, _made = exported("jsonl")
    second, manifest, _made = exported("jsonl")
    assert (len(first.splitlines()), len(second.splitlines()), manifest["rows"]) == (1, 2, 2)


def test_an_export_of_nothing_is_an_export():
    data, manifest, _made = exported("csv", asked=EventFilter(person=99))
    assert rows_of(data) == []
    assert (manifest["rows"], manifest["first"], manifest["last"]) == (0, 0, 0)


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_a_sheet_would_run_become_text(lead: str):
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM, purpose=Purpose("x", f"{lead}cmd|' /C calc'!A0"), case=f"{lead}1")
    data, _manifest, _made = exported("csv")
    (row,) = rows_of(data)
    assert row["purpose_text"].startswith("'" + lead)
    assert row["case"] == f"'{lead}1"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"form": "pdf"}, "format"), ({"zone": "Moon/Tycho"}, "zone"), ({"purpose": Purpose("")}, "purpose")],
)
def test_what_makes_no_sense_is_refused_and_nothing_handed_out(wrong: Any, field: str):
    asked = {"form": "csv", "zone": "UTC", "purpose": WHY, "asked": NO_FILTER, "scope": WHOLE_LOG}
    with pytest.raises(BadInput) as refused:
        log_export(actor=AUDITOR, **{**asked, **wrong})
    assert list(refused.value.errors) == [field]
    assert not AuditEvent.objects.exists()


def test_pieces_stream_and_the_tally_follows():
    for _ in range(3):
        branch()
    tally = Tally()
    pieces = written(walk(NO_FILTER, scope=WHOLE_LOG, upto=newest().pk), form="csv", zone="UTC", tally=tally)
    next(pieces)
    next(pieces)
    assert tally.rows == 1
    list(pieces)
    assert tally.rows == 3


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_begins_a_formula_or_breaks_a_row(text: str):
    body = json.dumps({"at": "2026-01-01T00:00:00.000000Z", "action": "a.b", "name": text, "case": text})
    event = AuditEvent(pk=1, body=body, mac_key="k", mac="m")
    data = b"".join(written([event], form="csv", zone="UTC", tally=Tally())).decode("utf-8-sig")
    (row,) = list(csv.reader(io.StringIO(data, newline="")))[1:]
    cell = row[HEADINGS.index("name")]
    assert cell in {text, "'" + text}
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}
