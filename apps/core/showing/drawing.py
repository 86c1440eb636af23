"""Asks a process of its own to look into a file or to draw a page of it; few at a time, each for a few seconds."""

from __future__ import annotations

import json
import logging
import os
import subprocess  # nosec B404 - our own script, no shell
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import LoanFlowError, Unavailable
from apps.core.pdf import WEIGHTS, font_folder

CAGE, SCRIPT = Path(__file__).with_name("cage.py"), Path(__file__).with_name("child.py")
SECONDS = 12
WAIT_SECONDS = 20
KINDS = {"application/pdf": "pdf", "image/jpeg": "image", "image/png": "image"}
LOCKED, DAMAGED, TOO_LARGE, UNCONFINED = 3, 4, 5, 6
WORDS: dict[int, Any] = {
    LOCKED: _("The file is locked with a password and cannot be shown here. Download it to look at it."),
    DAMAGED: _("The file is damaged and cannot be shown here. Download it to look at it."),
    TOO_LARGE: _("The file is too large to be shown here. Download it to look at it."),
    UNCONFINED: _("This server cannot draw files safely, so it draws none. Download it to look at it."),
}
NO_PICTURE: Any = _("Files of this kind are not shown here. Download it to look at it.")
SLOW: Any = _("The file takes too long to draw. Download it to look at it.")

logger = logging.getLogger(__name__)
keeping = threading.Lock()
places = threading.BoundedSemaphore(2)
"""How many pages one server process has drawn at a time."""


class CannotShow(LoanFlowError):
    """A file that cannot be shown as pictures; says why and what to do."""

    status = 415

    def __init__(self, words: Any) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True, slots=True)
class Shape:
    """How many pages a file has, and width and height, in pixels, of the pictures of those asked for."""

    pages: int
    sizes: tuple[tuple[int, int], ...]


known: OrderedDict[tuple[bytes, str, int, int, int], Shape] = OrderedDict()
"""Shapes seen lately by what was asked: numbers only, by the digest of the content. To look into a file costs a process each time."""
MOST_KNOWN = 500


def problem_of(content_type: str) -> Any:
    """Why files of a kind are not shown, known before anything is opened; ``""`` where they are."""
    return "" if content_type in KINDS else NO_PICTURE


def shape_of(content: bytes, content_type: str, *, width: int, first: int = 1, count: int = 1) -> Shape:
    """Look into a file of which pictures of some width are to be drawn; raises ``CannotShow``."""
    asked = (sha256(content).digest(), content_type, width, first, count)
    if (shape := known.get(asked)) is not None:
        return shape
    told = json.loads(_ask(content, content_type, do="shape", width=width, first=first, count=count))
    shape = Shape(told["pages"], tuple((wide, high) for wide, high in told["sizes"]))
    with keeping:
        known[asked] = shape
        while len(known) > MOST_KNOWN:
            known.popitem(last=False)
    return shape


def draw(content: bytes, content_type: str, *, page: int, width: int, words: str) -> bytes:
    """A page as JPEG, ``width`` pixels wide, with ``words`` across it; raises ``CannotShow``."""
    return _ask(content, content_type, do="page", page=page, width=width, words=words, font=_font())


def _ask(content: bytes, content_type: str, **asked: Any) -> bytes:
    if content_type not in KINDS:
        raise CannotShow(NO_PICTURE)
    if not places.acquire(timeout=WAIT_SECONDS):
        raise Unavailable(_("Many pages are being drawn at this moment. Try again in a minute."))
    try:
        return _run({**asked, "kind": KINDS[content_type]}, content)
    finally:
        places.release()


def _run(asked: Mapping[str, Any], content: bytes) -> bytes:
    """Run the script in its cage; raises ``CannotShow`` with what its exit code says."""
    code, made = caged(SCRIPT, json.dumps(asked).encode() + b"\n" + content)
    if code == UNCONFINED:
        logger.error("no page is drawn: this system does not confine the process that would")
    if code:
        raise CannotShow(SLOW if code < 0 else WORDS.get(code, WORDS[DAMAGED]))
    return made


def caged(script: Path, given: bytes) -> tuple[int, bytes]:
    """Exit code and answer of a script that gets neither our environment, which may hold secrets, nor our descriptors.

    Both ways lead through memory that no name leads to: the kernel bounds the answer like a file, nothing waits for a reader.
    """
    if not hasattr(os, "memfd_create"):
        return UNCONFINED, b""
    with open(os.memfd_create("given"), "r+b") as question, open(os.memfd_create("made"), "r+b") as answer:
        question.write(given)
        question.seek(0)
        try:
            ran = subprocess.run(  # nosec B603
                [sys.executable, "-I", str(CAGE), str(script)], stdin=question, stdout=answer, stderr=subprocess.DEVNULL,
                timeout=SECONDS, env={}, cwd="/", check=False, close_fds=True, start_new_session=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired as slow:
            raise CannotShow(SLOW) from slow
        answer.seek(0)
        return ran.returncode, answer.read()


def _font() -> str:
    found = sorted((font_folder() / WEIGHTS[0]).glob("*.ttf"))
    return str(found[0].resolve()) if found else ""
