"""The bank's answers as a file: CSV with a heading, one order a line. Reading it is pure; nothing is written here."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import BadInput

COLUMNS = ("end_to_end_id", "status", "value_on", "bank_reference")
LARGEST = 2 * 1024 * 1024
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Answer:
    """One line: which order, ``paid`` or ``rejected``, the value date of a payment, the bank's own reference."""

    line: int
    end_to_end_id: str
    status: str
    value_on: dt.date | None
    bank_reference: str
    problem: Any = ""


def read(content: bytes) -> list[Answer]:
    """Read a file of answers; a line that cannot be read carries its ``problem``. Raises ``BadInput`` for what is no such file."""
    rows = csv.DictReader(io.StringIO(_text(content), newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadInput({"file": [_("The heading lacks: %(columns)s.") % {"columns": ", ".join(missing)}]})
    return list(_lines(rows))


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise BadInput({"file": [_("The file is larger than 2 MB.")]})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput({"file": [_("The file is not text in UTF-8.")]}) from error
    if "\0" in text or not text.strip():
        raise BadInput({"file": [_("The file is empty or damaged.")]})
    return text


def _lines(rows: csv.DictReader[str]) -> Iterator[Answer]:
    try:
        for number, row in enumerate(rows, start=1):
            if number > MOST_LINES:
                raise BadInput({"file": [_("The file has more than %(most)s lines.") % {"most": MOST_LINES}]})
            yield _answer(rows.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS})
    except csv.Error as error:
        raise BadInput({"file": [_("Line %(line)s cannot be read as CSV.") % {"line": rows.line_num}]}) from error


def _answer(line: int, row: dict[str, str]) -> Answer:
    status = row["status"].lower()
    try:
        day = dt.date.fromisoformat(row["value_on"]) if row["value_on"] else None
    except ValueError:
        return Answer(
            line,
            row["end_to_end_id"],
            status,
            None,
            row["bank_reference"],
            _("The value date is not a day like 2026-01-31."),
        )
    return Answer(line, row["end_to_end_id"], status, day, row["bank_reference"])
