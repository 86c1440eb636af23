"""A small client of clamd: streams content to the scanner and takes its verdict. Nothing is taken in while it is away.

Protocol: clamd(8), ``INSTREAM``: chunks with their length in four bytes before each, an empty one at the end, then one line.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.errors import Unavailable

CHUNK = 64 * 1024
TIMEOUT = 30.0  # seconds for each step of the conversation
LONGEST = 4096  # bytes of an answer
PORT = 3310
CLEAN, FOUND = "OK", " FOUND"


class ScannerUnavailable(Unavailable):
    """The scanner is configured and does not answer as it should; the file was not taken."""


def is_configured() -> bool:
    """Tell whether files are scanned here at all (``LOANFLOW_CLAMD``)."""
    return bool(settings.LOANFLOW_CLAMD)


def scan(pieces: Iterable[bytes]) -> str:
    """Return the name of what the scanner finds in the content, ``""`` where it finds nothing or none is configured.

    Raises ``ScannerUnavailable`` when it is away, refuses the size or says anything else.
    """
    if not is_configured():
        return ""
    try:
        with _connected(settings.LOANFLOW_CLAMD) as link:
            _send(link, pieces)
            answer = _answer(link)
    except OSError:
        raise ScannerUnavailable(
            _("The virus scanner does not answer, so the file was not taken. Try again later.")
        ) from None
    return _verdict(answer)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[socket.socket]:
    """A connection to ``unix:/path``, ``tcp://host:port`` or ``host``."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(TIMEOUT)
            link.connect(parts.path)
            yield link
    else:
        with socket.create_connection((parts.hostname or "", parts.port or PORT), timeout=TIMEOUT) as link:
            yield link


def _send(link: socket.socket, pieces: Iterable[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has said why before it hung up
        link.sendall(b"zINSTREAM\0")
        for piece in pieces:
            for begin in range(0, len(piece), CHUNK):
                part = piece[begin : begin + CHUNK]
                link.sendall(len(part).to_bytes(4, "big") + part)
        link.sendall(bytes(4))


def _answer(link: socket.socket) -> str:
    held = b""
    while not held.endswith(b"\0") and len(held) < LONGEST:
        piece = link.recv(LONGEST)
        if not piece:
            break
        held += piece
    return held.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")


def _verdict(answer: str) -> str:
    if answer == CLEAN:
        return ""
    if answer.endswith(FOUND):
        return answer.removesuffix(FOUND)
    raise ScannerUnavailable(_("The virus scanner could not look through the file, so it was not taken."))
