"""Tables: XLSX without macros that would not burst when opened, and CSV in a known encoding."""

from __future__ import annotations

import codecs
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.applications.uploads.refusal import UploadRefused

MOST_RATIO = 100
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 5000
NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
ENCODINGS = ("utf-8-sig", "gb18030")


def check_xlsx(stream: BinaryIO) -> None:
    """Look through the archive without unpacking it to disk; raises ``UploadRefused``."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check_bounds(entries)
            names = {entry.filename for entry in entries}
            if any(name not in names for name in NEEDED):
                raise UploadRefused(_("This is no XLSX table. Save it as XLSX or CSV."))
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise UploadRefused(_("The table holds macros. Save it as XLSX without macros."))
            damaged = archive.testzip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise UploadRefused(DAMAGED) from error
    if damaged is not None:
        raise UploadRefused(DAMAGED)


DAMAGED = _("The table is damaged or incomplete. Save and upload it again.")


def _check_bounds(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > max(packed, 10_000) * MOST_RATIO:
        raise UploadRefused(_("The table would become too large when opened. Save it anew with fewer sheets."))


def check_csv(stream: BinaryIO) -> None:
    """Read the text once; raises ``UploadRefused`` for an unknown encoding, control characters or no columns."""
    raw = stream.read()
    for encoding in ENCODINGS:
        try:
            text = codecs.decode(raw, encoding)
        except UnicodeDecodeError:
            continue
        if _is_table(text):
            return
        break
    raise UploadRefused(_("This is no table of text. Save it as CSV in UTF-8, or as XLSX."))


def _is_table(text: str) -> bool:
    controls = any(ord(char) < 32 and char not in "\t\r\n" for char in text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    return not controls and any(mark in first for mark in ",;\t")
