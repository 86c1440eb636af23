"""A workbook (XLSX) written row by row: memory stays flat, and rows beyond what a sheet takes go on in the next one."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from openpyxl import Workbook

from apps.audit.archives import PIECE, SPOOLED
from apps.core.text import sheet_cell

MOST_ROWS, LONGEST_CELL = 1_048_576, 32_767
"""What a sheet and a cell may hold (ECMA-376 as the common programs read it)."""
CUT = "…"
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def workbook(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a workbook's bytes; cells are text, never formulas, and end in "…" where they had to be cut."""
    book = Workbook(write_only=True)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % (MOST_ROWS - 1) == 0:
            sheet = _sheet(book, heading)
        sheet.append([_text(value) for value in row])
    if sheet is None:
        _sheet(book, heading)
    with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as file:
        book.save(file)
        yield from _pieces(file)


def _sheet(book: Workbook, heading: Sequence[str]) -> Any:
    made = book.create_sheet()
    made.append(list(heading))
    return made


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _text(value: str) -> str:
    text = sheet_cell(UNPRINTABLE.sub("\ufffd", value))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + CUT
