"""Streaming readers: CSV, gzip CSV and XLSX as rows of text, one at a time, with their line number."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from apps.core.errors import BadInput

Row = tuple[int, dict[str, str]]
LARGEST_CELL = 131_072


def rows_of(path: Path, columns: frozenset[str]) -> Iterator[Row]:
    """Rows of a file as ``(line, {column: text})``; the header is line 1. Raises ``BadInput`` for a file of another kind."""
    if not path.is_file():
        raise BadInput(_("There is no file %(path)s.") % {"path": path})
    if path.stat().st_size == 0:
        raise BadInput(_("The file is empty."))
    return _sheet(path, columns) if path.suffix.lower() == ".xlsx" else _text(path, columns)


def _text(path: Path, columns: frozenset[str]) -> Iterator[Row]:
    with _opened(path) as stream:
        reader = csv.DictReader(stream)
        try:
            _check_header(reader.fieldnames or [], columns)
            for row in reader:
                yield (
                    reader.line_num,
                    {
                        key: value or ""
                        for key, value in row.items()
                        if isinstance(key, str) and not isinstance(value, list)
                    },
                )
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(
                _("Line %(line)s cannot be read as text: %(error)s") % {"line": reader.line_num + 1, "error": error}
            ) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadInput(
                _("The file is damaged or cut off after line %(line)s.") % {"line": reader.line_num}
            ) from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    binary: Any = gzip.open(path, "rb") if packed else path.open("rb")  # noqa: SIM115 - the caller closes the text around it
    return io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")


def _sheet(path: Path, columns: frozenset[str]) -> Iterator[Row]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise BadInput(_("The file is no readable XLSX sheet.")) from error
    rows = book.worksheets[0].iter_rows(values_only=True)
    header = [_cell(value) for value in next(rows, ())]
    _check_header(header, columns)
    for line, values in enumerate(rows, start=2):
        yield line, dict(zip(header, map(_cell, values), strict=False))
    book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _check_header(found: Any, columns: frozenset[str]) -> None:
    missing = columns - set(found)
    if missing:
        raise BadInput(_("The file lacks the columns: %(names)s.") % {"names": ", ".join(sorted(missing))})


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex; tells whether a run continues an earlier one."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


csv.field_size_limit(LARGEST_CELL)
