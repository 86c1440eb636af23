"""The command exports what the page exports, for a case, a borrower or a time, and never over a file that is there."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyrage
import pytest
from django.core.management import CommandError, call_command
from pytest_django.plugin import DjangoDbBlocker

from apps.access.roles import Role
from apps.accounts.services.recovering import recovery_hold
from apps.audit.models import AuditEvent
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services import act, record
from apps.audit.services.drawing import sample_draw
from apps.audit.standalone import loanflow_verify
from apps.audit.tags import Tag
from apps.workflow.models import LoanCase
from tests import databases
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.audit.sealing import newest_head, seal
from tests.borrowers.factories import officer
from tests.workflow.engagements import bound_auditor, engaged


@pytest.fixture(scope="module")
def case(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[LoanCase]:
    """A case whose log is sealed, in a database that the tests of this module share: they only add to its log."""
    with django_db_blocker.unblock(), databases.copied("exported"):
        made = applications.draft(officer())
        seal()
        yield made


def exported(folder: Path, form: str, *options: str) -> Path:
    """Run the command."""
    path = folder / f"out.{form}.zip"
    call_command("audit_export", "--format", form, "--out", str(path), *options)
    return path


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_bundle_of_a_case_proves_the_case_whole(case: LoanCase, tmp_path: Path, capsys: Any):
    path = exported(tmp_path, "bundle", "--case", case.number, "--words", "sample", "--requester", "auditor-1")
    assert path.stat().st_mode & 0o777 == 0o600
    verified = loanflow_verify.verify(path)
    assert any(f"workflow_loancase:{case.pk} has" in line for line in verified.proved)
    assert not any(line.startswith("what the other") for line in verified.unproved)
    manifest = verified.manifest
    assert (manifest["requester"], manifest["purpose"]["text"]) == ("auditor-1", "sample")
    event = AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).order_by("-pk")[0]
    assert event.data["note"]["bundle_sha256"]
    assert str(path) in capsys.readouterr().out


def test_who_is_held_back_after_a_loss_has_nothing_exported_by_another_either(case: LoanCase, tmp_path: Path):
    reader = people.staff(Role.AUDITOR)
    with act(actor=people.SETUP):
        recovery_hold(actor=people.SETUP, account=reader)
        record(Tag.ENROLLED, actor=people.SETUP, subject=reader)
    with pytest.raises(CommandError, match="may export nothing"):
        exported(tmp_path, "jsonl", "--requester", reader.handle)


def test_an_export_for_a_bound_auditor_holds_what_the_engagement_names(case: LoanCase, tmp_path: Path):
    reader = bound_auditor("outside")
    with pytest.raises(CommandError, match="may export nothing"):
        exported(tmp_path, "jsonl", "--requester", "outside")
    engaged(reader, cases=[case.number])
    other = applications.draft(officer())
    path = exported(tmp_path, "jsonl", "--requester", "outside", "--sample", "1000")
    (name,) = (name for name in files_of(path) if name.endswith(".jsonl"))
    lines = [json.loads(line) for line in files_of(path)[name].decode().splitlines()]
    assert {line["body"]["case"] for line in lines} == {case.number}
    path.unlink()
    with pytest.raises(CommandError, match="nothing about this"):
        exported(tmp_path, "jsonl", "--requester", "outside", "--case", other.number)


def test_a_bundle_of_a_borrower_holds_the_borrower_and_their_cases(case: LoanCase, tmp_path: Path):
    path = exported(tmp_path, "bundle", "--borrower", f"borrower {case.borrower_id}")
    names = [one["object"] for one in json.loads(files_of(path)["proofs.json"])["objects"]]
    assert names == [f"borrowers_borrower:{case.borrower_id}", f"workflow_loancase:{case.pk}"]
    assert loanflow_verify.main([str(path)]) == 0


@pytest.mark.parametrize(
    ("since", "until", "rows"),
    [("2000-01-01", "2000-01-02", False), ("2000-01-01", "2199-01-01", True), ("2000-01-01T00:00:00+00:00", "", True)],
)
def test_a_time_is_a_stretch_of_the_log(case: LoanCase, tmp_path: Path, since: str, until: str, rows: bool):
    path = exported(tmp_path, "bundle", "--from", since, *(["--to", until] if until else []))
    found = loanflow_verify.verify(path)
    assert bool(found.manifest["rows"]) == rows
    assert found.manifest["stretch"] == rows


def test_a_bundle_continues_the_heads_that_were_given(case: LoanCase, tmp_path: Path):
    pin = tmp_path / "pin"
    pin.write_text(newest_head().note)
    seal()
    path = exported(tmp_path, "bundle", "--case", case.number, "--pin", str(pin))
    assert loanflow_verify.main([str(path), "--pin", str(pin)]) == 0


def test_a_workbook_holds_what_the_sheet_holds(case: LoanCase, tmp_path: Path):
    files = files_of(exported(tmp_path, "xlsx", "--case", case.number))
    manifest = json.loads(files["manifest.json"])
    book = openpyxl.load_workbook(io.BytesIO(files[manifest["file"]]), read_only=True)
    heading, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert len(rows) == manifest["rows"] > 0
    assert set(json.loads(files["dictionary.json"])) == set(heading)
    assert manifest["head"] == newest_head().note
    assert all(row[heading.index("case")] == case.number for row in rows)


@pytest.mark.parametrize("form", ["csv", "bundle"])
def test_a_sample_says_its_seed_and_what_it_was_drawn_from(case: LoanCase, tmp_path: Path, form: str):
    path = exported(tmp_path, form, "--sample", "2")
    manifest = json.loads(files_of(path)["manifest.json"])
    assert manifest["rows"] == 2
    assert (manifest["sample"]["size"], len(manifest["sample"]["seed"])) == (2, 16)
    assert manifest["sample"]["population"] > 2
    if form == "bundle":
        assert loanflow_verify.main([str(path)]) == 0
        assert manifest["objects"] == []


def test_a_sample_on_record_is_drawn_again_as_it_was(case: LoanCase, tmp_path: Path):
    made = sample_draw(actor=people.actor_for(people.staff(Role.AUDITOR)), asked=NO_FILTER, scope=WHOLE_LOG, size=2)
    manifest = json.loads(files_of(exported(tmp_path, "csv", "--drawn", str(made.pk)))["manifest.json"])
    assert manifest["sample"] == {name: made.data["note"][name] for name in ("size", "seed", "population", "upto")}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--drawn", "1"], "tells of no sample"),
        (["--drawn", "1", "--sample", "2"], "stays as it was"),
        (["--drawn", "1", "--case", "LF-2026-000001"], "stays as it was"),
        (["--sample", "2", "--seed", "7"], "unrecognized arguments"),
    ],
)
def test_what_a_sample_is_drawn_by_is_not_chosen(case: LoanCase, tmp_path: Path, options: list[str], words: str):
    path = tmp_path / "out.zip"
    with pytest.raises(CommandError, match=words):
        call_command("audit_export", "--format", "csv", "--out", str(path), *options)
    assert not path.exists()


def test_an_export_for_a_recipient_opens_with_their_identity_alone(case: LoanCase, tmp_path: Path, capsys: Any):
    identity = pyrage.x25519.Identity.generate()
    path = exported(tmp_path, "jsonl", "--case", case.number, "--recipient", str(identity.to_public()))
    files = files_of(path)
    record = json.loads(files["record.json"])
    inner = io.BytesIO(pyrage.decrypt(files[record["file"]], [identity]))
    with zipfile.ZipFile(inner) as archive:
        assert case.number.encode() in archive.read(json.loads(archive.read("manifest.json"))["file"])
    event = AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).order_by("-pk")[0]
    assert event.data["note"]["recipient"]["recipient_sha256"] == record["recipient_sha256"]
    assert record["recipient_sha256"] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--case", "X", "--borrower", "1"), "not both"),
        (("--from", "yesterday"), "neither a day nor a moment"),
        (("--sample", "-1"), "at least one event"),
        (("--pin", "/nowhere"), "cannot be read"),
        (("--purpose", ""), "Say what the export is for"),
        (("--recipient", "age1nobody"), "begins with age1"),
    ],
)
def test_what_makes_no_sense_is_refused(case: LoanCase, tmp_path: Path, options: tuple[str, ...], words: str):
    with pytest.raises(CommandError, match=words):
        exported(tmp_path, "bundle", *options)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_left_alone(case: LoanCase, tmp_path: Path):
    path = exported(tmp_path, "csv", "--case", case.number)
    before = path.read_bytes()
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path, "csv", "--case", case.number)
    assert path.read_bytes() == before
