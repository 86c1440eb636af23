"""Workbooks hold text, never formulas; what a sheet or a cell cannot take goes on in the next, or is cut with a mark."""

from __future__ import annotations

import io

import openpyxl
import pytest

from apps.audit import workbook as module
from apps.audit.workbook import CUT, LONGEST_CELL, workbook


def sheets(rows: list[list[str]]) -> list[list[tuple[str | None, ...]]]:
    data = b"".join(workbook(("a", "b"), rows))
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def test_cells_are_text_and_never_formulas():
    ((_heading, first, second),) = sheets([["=1+1", "plain"], ["a\x01b", "x" * (LONGEST_CELL + 5)]])
    assert first == ("'=1+1", "plain")
    assert second[0] == "a\ufffdb"
    assert second[1] is not None
    assert (len(second[1]), second[1][-1]) == (LONGEST_CELL, CUT)


def test_a_workbook_of_nothing_has_its_heading():
    assert sheets([]) == [[("a", "b")]]


def test_rows_go_on_in_the_next_sheet(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    found = sheets([[str(number), ""] for number in range(5)])
    assert [len(rows) for rows in found] == [3, 3, 2]
    assert all(rows[0] == ("a", "b") for rows in found)
