"""Rows of another system as drafts: taken once, recorded, resumable, rejected with a reason."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.applications.imports.mapping import Reject, mapping_parse
from apps.applications.imports.taking import IMPORTER, Source, import_rows, product_for
from apps.applications.management.commands.import_applications import RejectFile
from apps.applications.models import Application, ImportRun
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import product

pytestmark = pytest.mark.django_db

MAPPING = mapping_parse(
    {
        "source": "book",
        "id": "No",
        "currency": "USD",
        "fields": {
            "legal_name": {"column": "Name"},
            "address": {"column": "Street"},
            "amount": {"column": "Sum", "kind": "amount"},
            "term_months": {"column": "Term", "kind": "integer", "empty": ["", "0"]},
        },
    }
)
ROWS = [
    ["1", "Blue Lake Clinic", "12 Jingshi Road", "60,000", "84"],
    ["2", "Green Field Seeds", "", "a lot", "60"],
    ["3", "泰山机械", "", "287000", "0"],
]


def file(tmp_path: Path, rows: list[list[str]]) -> Path:
    """A file of rows under the mapping's columns."""
    path = tmp_path / "book.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["No", "Name", "Street", "Sum", "Term"], *rows])
    return path


def source(tmp_path: Path, rows: list[list[str]] | None = None) -> Source:
    """Where the rows come from and go to."""
    branch = people.branch()
    return Source(file(tmp_path, rows or ROWS), MAPPING, branch, product(currency="USD"))


def test_good_rows_become_drafts_and_bad_ones_say_why(tmp_path: Path) -> None:
    tally = import_rows(source(tmp_path))
    assert (tally.taken, tally.known) == (2, 0)
    assert [(each.line, each.column, each.value) for each in tally.rejects] == [(3, "Sum", "a lot")]
    first = LoanCase.objects.get(source="book", source_id="1")
    assert (first.state, first.currency, first.amount_asked) == ("draft", "USD", Decimal(60000))
    assert first.facilities.get().term_months == 84


def test_a_draft_lists_what_its_row_did_not_hold(tmp_path: Path) -> None:
    import_rows(source(tmp_path))
    for case in LoanCase.objects.filter(source="book"):
        assert {"application_complete", "consents_given", "declaration_signed"} <= set(case.missing)


def test_personal_data_of_a_row_is_encrypted_under_a_key_of_the_borrower(tmp_path: Path) -> None:
    import_rows(source(tmp_path))
    borrower = Borrower.objects.get(legal_name="Blue Lake Clinic")
    assert "Jingshi" not in str(borrower.address)
    assert borrower.address.reveal() == "12 Jingshi Road"
    assert Borrower.objects.values("key_owner").distinct().count() == Borrower.objects.count()


def test_every_row_is_recorded_as_the_named_system_actor_of_imports(tmp_path: Path) -> None:
    import_rows(source(tmp_path))
    taken = AuditEvent.objects.filter(action="workflow.imported")
    assert taken.count() == 2
    assert {event.actor for event in taken} == {"system:imports"}
    assert not any("Blue Lake" in event.body or "Jingshi" in event.body for event in AuditEvent.objects.all())


def test_a_second_run_takes_nothing_twice(tmp_path: Path) -> None:
    where = source(tmp_path)
    import_rows(where)
    again = import_rows(where)
    assert (again.taken, again.known) == (0, 2)
    assert LoanCase.objects.filter(source="book").count() == Application.objects.count() == 2


def test_a_run_that_broke_off_goes_on_behind_its_last_line(tmp_path: Path) -> None:
    where = source(tmp_path)
    import_rows(where, limit=1)
    run = ImportRun.objects.get()
    assert (run.taken, run.last_line, run.finished_at) == (1, 2, None)
    rest = import_rows(where)
    run.refresh_from_db()
    assert (rest.taken, rest.known) == (1, 0)
    assert run.finished_at is not None


@pytest.mark.parametrize("actor", [Actor.system("clock"), Actor.anonymous()])
def test_nobody_else_imports(tmp_path: Path, actor: Actor) -> None:
    with pytest.raises(Refused):
        import_rows(source(tmp_path), actor=actor)
    assert not LoanCase.objects.exists()


def test_a_product_in_another_currency_is_no_answer() -> None:
    people.branch()
    product(currency="CNY")
    with pytest.raises(BadInput, match="USD"):
        product_for(MAPPING)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"branch": "NOWHERE"}, "branch_add"),
        ({"mapping": "nosuch"}, "sba7a"),
        ({"file": "nowhere.csv"}, "There is no file"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path: Path, change: dict[str, Any], word: str) -> None:
    people.branch()
    product(currency="USD")
    words = {"file": str(file(tmp_path, ROWS)), "mapping": "sba7a", "branch": "HQ", **change}
    with pytest.raises(CommandError, match=word):
        call_command("import_applications", words["file"], mapping=words["mapping"], branch=words["branch"])


def test_the_command_takes_in_published_loans_and_writes_its_rejects(shared: Path, tmp_path: Path, capsys: Any) -> None:
    people.branch()
    product(currency="USD")
    with gzip.open(shared / "data/sba/sba7a_natural_to_2003.csv.gz", "rt") as stream:
        head = "".join(next(stream) for _line in range(6))
    part = tmp_path / "part.csv.gz"
    part.write_bytes(gzip.compress((head + head.splitlines()[1].replace("60000", "none") + "\n").encode(), mtime=0))
    rejects = tmp_path / "rejects.csv"
    call_command("import_applications", str(part), mapping="sba7a", branch="HQ", rejects=rejects)
    assert "5 taken, 0 known already, 1 rows rejected" in capsys.readouterr().out
    assert "GrAppv" in rejects.read_text(encoding="utf-8-sig")
    assert IMPORTER.name == "system:imports"


def test_rejects_are_on_the_disk_before_their_batch_commits_and_later_runs_add_to_them(tmp_path: Path) -> None:
    where = source(tmp_path)
    path = tmp_path / "rejects.csv"
    with RejectFile(path) as rejected:

        def keep(rejects: Sequence[Reject]) -> None:
            rejected.write(rejects)
            raise RuntimeError("the machine stops")

        with pytest.raises(RuntimeError):
            import_rows(where, keep=keep)
    assert not LoanCase.objects.exists()
    with RejectFile(path) as rejected:
        assert import_rows(where, keep=rejected.write).taken == 2
    lines = list(csv.reader(path.open(encoding="utf-8-sig")))
    assert lines == [["line", "column", "value", "reason"], lines[1], lines[1]]
    assert lines[1][:3] == ["3", "Sum", "a lot"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_run_without_rejects_leaves_no_file(tmp_path: Path) -> None:
    with RejectFile(tmp_path / "rejects.csv") as rejected:
        import_rows(source(tmp_path, ROWS[:1]), keep=rejected.write)
    assert not (tmp_path / "rejects.csv").exists()


@pytest.mark.parametrize("column", range(1, 3))
def test_a_value_longer_than_its_column_is_rejected_and_the_rows_around_it_are_taken(
    tmp_path: Path, column: int
) -> None:
    long = [*ROWS[0]]
    long[column] = "x" * 10_000
    tally = import_rows(source(tmp_path, [long, ["4", "Clay Works", "", "500", "12"]]))
    assert LoanCase.objects.filter(source_id="4").exists()
    assert tally.taken + len({each.line for each in tally.rejects}) == 2
