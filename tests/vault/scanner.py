"""A stand-in for clamd over a real socket: finds the EICAR test string, and can be in other moods."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MOST = 4 * 1024 * 1024
ANSWERS = {"nonsense": b"what?\0", "silent": b"", "error": b"stream: Can't allocate memory ERROR\0"}


class Conversation(socketserver.StreamRequestHandler):
    """One content."""

    def handle(self) -> None:
        """Read the chunks and answer as clamd does."""
        server: Scanner = self.server  # type: ignore[assignment]
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(length)
            if len(content) > MOST:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        server.seen.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(ANSWERS.get(server.mood, found))


class Scanner(socketserver.ThreadingMixIn, socketserver.BaseServer):
    """What both kinds of servers share."""

    daemon_threads = True
    mood = "well"
    seen: list[bytes]


class OverTcp(Scanner, socketserver.TCPServer):
    """Over TCP."""


class OverUnix(Scanner, socketserver.UnixStreamServer):
    """Over a socket in the file system."""


@contextlib.contextmanager
def scanning(path: Path | None = None) -> Iterator[tuple[str, Scanner]]:
    """Run the stand-in; the value is its address and itself."""
    server: OverTcp | OverUnix = OverUnix(str(path), Conversation) if path else OverTcp(("127.0.0.1", 0), Conversation)
    server.seen = []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield (f"unix:{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"), server
    finally:
        server.shutdown()
        server.server_close()
