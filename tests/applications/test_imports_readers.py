"""Files as rows: CSV, gzip, XLSX, and what is wrong with them."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import openpyxl
import pytest

from apps.applications.imports.readers import digest_of, rows_of
from apps.core.errors import BadInput

COLUMNS = frozenset({"No", "Name"})
TEXT = "No,Name\r\n1,Songhua Bakery\r\n2,济南泰山机械\r\n"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("book.csv", TEXT.encode()),
        ("book.csv.gz", gzip.compress(TEXT.encode(), mtime=0)),
        ("bom.csv", b"\xef\xbb\xbf" + TEXT.encode()),
        ("named-wrong.txt", gzip.compress(TEXT.encode(), mtime=0)),
    ],
    ids=["plain", "packed", "with a mark", "packed under another name"],
)
def test_rows_come_with_their_line_whatever_the_packing(tmp_path: Path, name: str, content: bytes) -> None:
    rows = list(rows_of(written(tmp_path / name, content), COLUMNS))
    assert rows == [(2, {"No": "1", "Name": "Songhua Bakery"}), (3, {"No": "2", "Name": "济南泰山机械"})]


def test_a_sheet_gives_text_numbers_and_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["No", "Name", "Day"], [7, "Blue Lake", dt.datetime(2026, 1, 31)], [8.5, None, None]):  # noqa: DTZ001
        book.active.append(line)
    book.save(tmp_path / "book.xlsx")
    rows = list(rows_of(tmp_path / "book.xlsx", COLUMNS))
    assert rows[0] == (2, {"No": "7", "Name": "Blue Lake", "Day": "2026-01-31"})
    assert rows[1][1]["No"] == "8.5"
    assert rows[1][1]["Name"] == ""


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.csv", b"", "empty"),
        ("other.csv", b"a,b\n1,2\n", "lacks the columns: Name, No"),
        ("latin.csv", b"No,Name\n1,caf\xe9\n", "cannot be read"),
        ("cut.csv.gz", gzip.compress(TEXT.encode() * 500, mtime=0)[:-60], "cut off"),
        ("noise.xlsx", b"PK\x03\x04 this is no sheet", "XLSX"),
    ],
)
def test_a_bad_file_is_one_clear_sentence(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        list(rows_of(written(tmp_path / name, content), COLUMNS))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        list(rows_of(tmp_path / "nowhere.csv", COLUMNS))


def test_rows_longer_or_shorter_than_the_header_do_not_fail(tmp_path: Path) -> None:
    rows = list(rows_of(written(tmp_path / "ragged.csv", b"No,Name\n1\n2,B,extra\n"), COLUMNS))
    assert rows == [(2, {"No": "1", "Name": ""}), (3, {"No": "2", "Name": "B"})]


def test_the_digest_tells_files_apart(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a", b"a"), written(tmp_path / "b", b"b")
    assert digest_of(one) != digest_of(other)
    assert len(digest_of(one)) == 64


def test_the_published_loans_are_all_read(shared: Path) -> None:
    columns = frozenset({"LoanNr_ChkDgt", "Name", "GrAppv"})
    assert sum(1 for _row in rows_of(shared / "data/sba/sba7a_natural_to_2003.csv.gz", columns)) == 7290
