"""The archive: a folder that takes each stretch as an evidence bundle, verified as an auditor would, before it goes."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.audit.body import Purpose
from apps.audit.bundle.choosing import Stretch
from apps.audit.manifest import Order
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services.bundling import bundle_made
from apps.audit.standalone.loanflow_verify import verify as verified
from apps.core.actor import Actor
from apps.core.errors import Unavailable

PIECE = 1 << 20


def folder() -> Path:
    """Where the archive lies; made where it is missing."""
    place = Path(settings.LOANFLOW_LOG_ARCHIVE)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def archived(stretch: Stretch, words: str, actor: Actor) -> dict[str, Any]:
    """Write a stretch as a bundle, verify it, and return its file's name, SHA-256 and size; raises ``Unavailable``.

    A file that a run before has left is written anew: what counts is the one whose hash is signed.
    """
    order = Order(NO_FILTER, WHOLE_LOG, "bundle", Purpose("retention", words))
    name = f"audit-retired-{stretch.start + 1}-{stretch.end}.zip"
    try:
        place = folder()
        part = place / f".{name}.part"
        file, manifest = bundle_made(order, actor, stretch=stretch)
        with file, part.open("wb") as written:
            shutil.copyfileobj(file, written, PIECE)
            written.flush()
            os.fsync(written.fileno())
        _refuse_unsound(part, stretch)
        part.replace(place / name)
        _settle(place)
        return {"file": name, "sha256": _digest(place / name, manifest), "bytes": (place / name).stat().st_size}
    except OSError as problem:
        raise Unavailable(_("The archive of the log cannot be written: nothing has retired.")) from problem


def _refuse_unsound(part: Path, stretch: Stretch) -> None:
    """Open it as an auditor would: nothing goes that cannot be proved from the archive alone."""
    try:
        rows = verified(part).manifest["rows"]
    except Exception as problem:
        raise Unavailable(_("The bundle in the archive does not verify: nothing has retired.")) from problem
    if rows != stretch.end - stretch.start:
        raise Unavailable(_("The bundle in the archive does not hold all events: nothing has retired."))


def _digest(path: Path, manifest: dict[str, Any]) -> str:
    """SHA-256 of the file as it lies on the disk, which must be the one that was made."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != manifest["bundle_sha256"]:
        raise Unavailable(_("The bundle in the archive is not the one that was written: nothing has retired."))
    return found


def _settle(place: Path) -> None:
    """Have the folder's entries on the device as well."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
