"""Receivers that listen: a syslog server behind TLS and a web server, with a certificate made for the test."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclasses.dataclass
class Certificate:
    """A self-signed certificate of 127.0.0.1: the file to trust, and the server's side of it."""

    file: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """The server's side."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def make_certificate(folder: Path) -> Certificate:
    """Make one that is good for an hour."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "siem")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "siem.pem", folder / "siem.key")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return found


class SyslogServer(threading.Thread):
    """Collects the messages of each connection that ended well. ``mood`` is how it behaves: well, rude or silent."""

    def __init__(self, certificate: Certificate) -> None:
        super().__init__(daemon=True)
        self.context, self.mood = certificate.context(), "well"
        self.messages: list[bytes] = []
        self.kept: list[socket.socket] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])

    def run(self) -> None:
        """Serve one connection after another until the socket is closed."""
        while True:
            try:
                plain, _address = self.socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self.serve(plain)

    def serve(self, plain: socket.socket) -> None:
        """Read frames until the sender says that no more will come."""
        if self.mood == "rude":
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            plain.close()
            return
        if self.mood == "silent":
            self.kept.append(plain)
            return
        with self.context.wrap_socket(plain, server_side=True) as secured:
            data = b""
            while piece := secured.recv(65536):
                data += piece
            self.messages += frames(data)
            if self.mood == "well":
                secured.unwrap()

    def stop(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        for each in (self.socket, *self.kept):
            each.close()


def frames(data: bytes) -> list[bytes]:
    """Take octet-counted frames apart."""
    found = []
    while data:
        length, _space, rest = data.partition(b" ")
        found.append(rest[: int(length)])
        assert len(found[-1]) == int(length)
        data = rest[int(length) :]
    return found


class WebServer:
    """Takes posts of lines and answers what it is told to."""

    def __init__(self, certificate: Certificate) -> None:
        self.status, self.posts = 204, []  # type: ignore[var-annotated]
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((self.path, dict(self.headers), body.decode()))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = certificate.context().wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lines(self) -> list[dict[str, Any]]:
        """What was posted and taken."""
        return [json.loads(line) for _path, _headers, body in self.posts for line in body.splitlines()]

    def stop(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def listening(server: Any) -> Iterator[Any]:
    """Run a server for the length of a block."""
    if isinstance(server, threading.Thread):
        server.start()
    try:
        yield server
    finally:
        server.stop()
