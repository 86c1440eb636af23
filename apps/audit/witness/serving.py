"""The witness over HTTP: ``POST /add-checkpoint`` cosigns, ``GET /checkpoint/ORIGIN`` shows the newest head of a log.

Put a proxy that speaks TLS in front of it on an open network; what it says is signed in any case.
"""

from __future__ import annotations

import logging
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apps.audit.witness import wire
from apps.audit.witness.judging import Declined, Witness

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
SHOWN = "/checkpoint/"
SIZE_TYPE = "text/x.tlog.size"
PATIENCE = 10  # seconds for a request to come in


class Server(ThreadingHTTPServer):
    """Answers for one witness."""

    daemon_threads = True

    def __init__(self, place: tuple[str, int], witness: Witness) -> None:
        super().__init__(place, Handler)
        self.witness = witness


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = PATIENCE
    server_version = "witness"
    sys_version = ""

    def do_POST(self) -> None:
        """Cosign, or say why not."""
        try:
            length = int(self.headers.get("Content-Length", ""))
            if self.path != wire.PATH or not 0 < length <= MOST_BYTES:
                raise ValueError("nothing is taken here")
            asked = wire.read(self.rfile.read(length).decode())
        except ValueError as problem:
            self._answer(400, f"{problem}\n")
            return
        try:
            self._answer(200, self.server.witness.cosign(asked.old, asked.proof, asked.note))
        except Declined as declined:
            is_size = declined.status == 409 and str(declined).strip().isdigit()
            self._answer(declined.status, str(declined), SIZE_TYPE if is_size else "text/plain")

    def do_GET(self) -> None:
        """Show the newest head of a log, cosigned, or the witness's key."""
        if self.path == "/key":
            self._answer(200, f"{self.server.witness.key.text()}\n")
            return
        note = None
        if self.path.startswith(SHOWN):
            note = self.server.witness.newest(urllib.parse.unquote(self.path.removeprefix(SHOWN)))
        self._answer(404, "no such head\n") if note is None else self._answer(200, note)

    def _answer(self, status: int, text: str, kind: str = "text/plain") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind == "text/plain" else kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log a request without its address."""
        logger.info(format, *args)
