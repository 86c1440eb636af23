"""Where events are streamed to, as ``LOANFLOW_SIEM`` says: ``syslog+tls://host:6514`` or ``https://host/path``.

After a ``?``: ``format`` (``ocsf`` or ``cef``), ``ca`` (file of the authority that the receiver's certificate comes from),
``cert`` and ``key`` (our own certificate), ``token`` (file with a bearer token for the webhook).
"""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.audit.stream import syslog, webhook
from apps.audit.stream.due import Sent
from apps.audit.stream.formats import FORMATS

PORTS = {"syslog+tls": 6514, "https": 443}
OPTIONS = {"format", "ca", "cert", "key", "token"}
TIMEOUT = 10.0  # seconds for each step of a connection


@dataclasses.dataclass(frozen=True, slots=True)
class Destination:
    """A receiver; ``name`` says which, without anything secret, and is the key of its cursor."""

    scheme: str
    host: str
    port: int
    path: str
    form: str
    ca: str = ""
    cert: str = ""
    key: str = ""
    token: str = ""

    @property
    def name(self) -> str:
        """Address and format."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path} {self.form}"

    def send(self, batch: Sequence[Sent], *, timeout: float = TIMEOUT) -> None:
        """Send a batch; raises ``OSError`` or ``HTTPException`` unless the receiver has all of it."""
        lines, place, context = [FORMATS[self.form](sent) for sent in batch], (self.host, self.port), self._context()
        if self.scheme == "https":
            token = Path(self.token).read_text(encoding="utf-8").strip() if self.token else ""
            webhook.send(
                batch, lines, place=place, path=self.path, form=self.form, token=token, context=context, timeout=timeout
            )
        else:
            syslog.send(batch, lines, place=place, context=context, timeout=timeout)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert:
            context.load_cert_chain(self.cert, self.key or None)
        return context


def parsed(address: str) -> Destination:
    """Read a setting; raises ``ImproperlyConfigured`` with words that say what is wrong."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    form = options.pop("format", "ocsf")
    if parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured("LOANFLOW_SIEM must begin with syslog+tls:// or https:// and name a host")
    if form not in FORMATS or not options.keys() <= OPTIONS:
        raise ImproperlyConfigured(f"LOANFLOW_SIEM knows format=ocsf or cef, and {', '.join(sorted(OPTIONS))}")
    path = (parts.path or "/") if parts.scheme == "https" else ""
    return Destination(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], path, form, **options)


def destination() -> Destination | None:
    """The one that is set; ``None`` where events stay in the house."""
    address = getattr(settings, "LOANFLOW_SIEM", "")
    return parsed(address) if address else None
