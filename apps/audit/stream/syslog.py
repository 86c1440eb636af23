"""Syslog over TLS: messages of RFC 5424, framed by their length as RFC 5425 wants it.

Syslog answers nothing. A batch counts as received when the receiver, told by ``close_notify`` that no more will come, has
closed its side in good order; a connection that is reset or falls silent has not received it, and the batch goes out again.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Sequence

from apps.audit.stream.due import Sent
from apps.audit.stream.formats import SEVERITIES, action_of, milliseconds, severity_of

FACILITY = 13  # "log audit"
APPLICATION = "loanflow"


def message(sent: Sent, line: str, host: str) -> bytes:
    """Return one framed message."""
    priority = FACILITY * 8 + SEVERITIES[severity_of(sent)][2]
    when = dt.datetime.fromtimestamp(milliseconds(sent) / 1000, dt.UTC).isoformat(timespec="milliseconds")
    name = action_of(sent)[:32] or "-"
    data = f"<{priority}>1 {when.replace('+00:00', 'Z')} {host} {APPLICATION} - {name} - {line}".encode()
    return f"{len(data)} ".encode() + data


def send(
    batch: Sequence[Sent], lines: Sequence[str], *, place: tuple[str, int], context: ssl.SSLContext, timeout: float
) -> None:
    """Send a batch and wait until the receiver has closed; raises ``OSError`` unless it has received everything."""
    host = socket.gethostname() or "-"
    data = b"".join(message(sent, line, host) for sent, line in zip(batch, lines, strict=True))
    with (
        socket.create_connection(place, timeout=timeout) as plain,
        context.wrap_socket(plain, server_hostname=place[0]) as secured,
    ):
        secured.sendall(data)
        try:
            secured.unwrap()
        except ssl.SSLEOFError:  # it closed without saying so in TLS, as most do; a reset is another error
            return
