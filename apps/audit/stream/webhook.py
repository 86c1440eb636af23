"""A webhook: a batch is one POST of lines; a status of 2xx says that it was received, anything else that it was not."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Sequence

from apps.audit.stream.due import Sent

TYPES = {"ocsf": "application/x-ndjson", "cef": "text/plain; charset=utf-8"}


def send(
    batch: Sequence[Sent],
    lines: Sequence[str],
    *,
    place: tuple[str, int],
    path: str,
    form: str,
    token: str,
    context: ssl.SSLContext,
    timeout: float,
) -> None:
    """Post a batch; raises ``OSError`` or ``HTTPException`` unless it was received. The receiver finds repeats by leaf."""
    headers = {
        "Content-Type": TYPES[form],
        "X-LoanFlow-Leaves": f"{batch[0].leaf}-{batch[-1].leaf}",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }
    connection = http.client.HTTPSConnection(*place, timeout=timeout, context=context)
    try:
        connection.request("POST", path, "".join(f"{line}\n" for line in lines).encode(), headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise OSError(f"the receiver answered {answer.status}")
