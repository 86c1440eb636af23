"""One door for files: size, type by content, name that fits the type, the check of that type, then the virus scanner."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import filetype
from django.utils.translation import gettext_lazy as _

from apps.applications.uploads import images, pdfs, sheets
from apps.applications.uploads.refusal import UploadRefused
from apps.core.text import visible
from apps.vault.clamd import CHUNK, scan

__all__ = ["LARGEST", "Inspected", "UploadRefused", "inspect"]

logger = logging.getLogger(__name__)
LARGEST = 20 * 1024 * 1024
HEAD = 8192
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ENDINGS: dict[str, frozenset[str]] = {
    PDF: frozenset({".pdf"}), JPEG: frozenset({".jpg", ".jpeg"}), PNG: frozenset({".png"}), XLSX: frozenset({".xlsx"}),
    CSV: frozenset({".csv"}),
}  # fmt: skip
ZIP = "application/zip"
ALLOWED: Any = _("PDF, JPEG, PNG, XLSX or CSV")


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept: its name without path, type by content, size in bytes, pages of a PDF."""

    name: str
    content_type: str
    size: int
    pages: int | None = None


def inspect(stream: BinaryIO, *, name: str, largest: int = LARGEST) -> Inspected:
    """Look through a file and rewind it; raises ``UploadRefused`` with a sentence that says what to do."""
    size = _size(stream, largest)
    short = plain_name(name)
    content_type = _type(stream, short)
    stream.seek(0)
    pages = CHECKS[content_type](stream)
    _scan(stream)
    stream.seek(0)
    return Inspected(short, content_type, size, pages)


def _scan(stream: BinaryIO) -> None:
    """Refuse what the scanner finds; its name goes to the log, without the file's."""
    stream.seek(0)
    found = scan(iter(lambda: stream.read(CHUNK), b""))
    if found:
        logger.warning("upload refused: the scanner found %s", found)
        raise UploadRefused(_("The virus scanner refuses this file. Do not open it; ask for a clean copy."))


def plain_name(name: str) -> str:
    """Last part of a name, without invisible characters, at most 120 long."""
    last = visible(name.replace("\\", "/").split("/")[-1])
    printable = "".join(char for char in last if char.isprintable()).strip()
    path = PurePosixPath(printable)
    stem, ending = path.stem or "file", path.suffix
    return f"{stem[: 120 - len(ending[:10])]}{ending[:10]}"


def _size(stream: BinaryIO, largest: int) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    if size == 0:
        raise UploadRefused(_("The file is empty. Choose another one."))
    if size > largest:
        raise UploadRefused(
            _("The file is larger than %(limit)s MB. Make it smaller or split it.") % {"limit": largest // 2**20}
        )
    return size


def _type(stream: BinaryIO, name: str) -> str:
    """Type by content; a name that says another type is refused."""
    ending = PurePosixPath(name).suffix.lower()
    found = sniff(stream.read(HEAD), ending)
    if found is None:
        raise UploadRefused(_("Files of this type are not taken. Take %(allowed)s.") % {"allowed": ALLOWED})
    if ending not in ENDINGS[found]:
        raise UploadRefused(_("The name ends in “%(ending)s”, but the content is %(found)s. Check that it is the right file.")
                            % {"ending": ending, "found": WORDS[found]})  # fmt: skip
    return found


def sniff(head: bytes, ending: str) -> str | None:
    """Type by the first bytes. Tables of text have no mark of their own: they go by their name and are parsed after."""
    guess = filetype.guess(head)
    if guess is None:
        return CSV if ending == ".csv" else None
    if guess.mime == ZIP and ending == ".xlsx":
        return XLSX
    return guess.mime if guess.mime in ENDINGS else None


WORDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG", XLSX: "XLSX", CSV: "CSV"}
CHECKS = {
    PDF: pdfs.check, JPEG: images.check, PNG: images.check, XLSX: sheets.check_xlsx, CSV: sheets.check_csv,
}  # fmt: skip
