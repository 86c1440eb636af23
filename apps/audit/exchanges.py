"""Connections to those outside, such as who vouches for the log: cut off in time, however steadily their bytes drip."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def connected(address: urllib.parse.SplitResult, patience: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to the host of an address that is cut off after ``patience`` seconds, once its host's name is known."""
    is_secure, host = address.scheme == "https", address.hostname or ""
    port = address.port or (http.client.HTTPS_PORT if is_secure else http.client.HTTP_PORT)
    connection = http.client.HTTPConnection(host, port)
    with socket.create_connection((host, port), patience) as plain, plain.dup() as same:
        cutting = threading.Timer(patience, _cut, [same])
        cutting.daemon = True
        cutting.start()
        try:
            connection.sock = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_secure else plain
            )
            yield connection
        finally:
            cutting.cancel()
            cutting.join()
            connection.close()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # the other side was first
        line.shutdown(socket.SHUT_RDWR)
