"""PDF: whole, readable without a password, and without a program inside."""

from __future__ import annotations

from typing import BinaryIO

import pypdf
from django.utils.translation import gettext_lazy as _
from pypdf.errors import PyPdfError

from apps.applications.uploads.refusal import UploadRefused

TAIL = 2048
MOST_PAGES = 2000


def check(stream: BinaryIO) -> int:
    """Return the number of pages; raises ``UploadRefused``."""
    _ends(stream)
    try:
        reader = pypdf.PdfReader(stream, strict=False)
        if reader.is_encrypted:
            raise UploadRefused(_("The PDF is locked with a password. Save it without one."))
        pages = len(reader.pages)
        runs = _runs_programs(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise UploadRefused(_("The PDF is damaged. Save or scan it anew.")) from error
    if pages == 0 or pages > MOST_PAGES:
        raise UploadRefused(_("The PDF has no pages, or too many. Save or scan it anew."))
    if runs:
        raise UploadRefused(_("The PDF holds a program or opens other files. Print it to a new PDF."))
    return pages


def _ends(stream: BinaryIO) -> None:
    """Refuse a file that was cut off: a PDF says at its end that it ends."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    whole = b"%%EOF" in stream.read(TAIL)
    stream.seek(0)
    if not whole:
        raise UploadRefused(_("The PDF is incomplete: its end is missing. Upload it again."))


def _runs_programs(reader: pypdf.PdfReader) -> bool:
    root = reader.root_object
    names = root.get("/Names")
    names = names.get_object() if names is not None else {}
    action = root.get("/OpenAction")
    action = action.get_object() if action is not None else None
    kind = action.get("/S") if isinstance(action, dict) else None
    return "/JavaScript" in names or "/AA" in root or kind in {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"}
