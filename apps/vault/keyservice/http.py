"""One JSON request over HTTP(S) to a key service, with a time limit and the words for what can go wrong."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from apps.vault.errors import KeysUnavailable

TIMEOUT = 5.0  # seconds for connecting, and for each read
LARGEST = 8 * 1024 * 1024  # bytes of an answer
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Answer(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: dict[str, Any]


def refuse_open_line(url: str) -> None:
    """Raise ``KeysUnavailable`` for an address that keys would travel to in the clear, beyond this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and (parts.scheme != "http" or (parts.hostname or "") not in LOOPBACK):
        raise KeysUnavailable(_("The key service's address must begin with https://."))


class JsonClient:
    """Speaks to one address. Keys travel over TLS only; a plain connection stays on this machine."""

    def __init__(self, url: str, authority: str = "") -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port
        self.secure = parts.scheme == "https"
        refuse_open_line(url)
        self.url, self._base, self._authority = url, parts.path.rstrip("/"), authority

    def send(self, method: str, path: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        """Send a request and return its answer, whatever its status; raises ``KeysUnavailable`` where none comes."""
        link = self._connect()
        try:
            content = None if body is None else json.dumps(body)
            link.request(method, self._base + path, content, dict(headers))
            response = link.getresponse()
            return Answer(response.status, _object(response.read(LARGEST)))
        except (OSError, http.client.HTTPException, ValueError):
            raise KeysUnavailable(_("The key service at %(place)s does not answer.") % {"place": self.url}) from None
        finally:
            link.close()

    def _connect(self) -> http.client.HTTPConnection:
        if not self.secure:
            return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            context = ssl.create_default_context(cafile=self._authority or None)
        except OSError:
            raise KeysUnavailable(_("The file with the key service's authority cannot be read.")) from None
        return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=context)


def _object(content: bytes) -> dict[str, Any]:
    read = json.loads(content) if content else {}
    if not isinstance(read, dict):
        raise ValueError("an answer that is no object")
    return read
