"""HashiCorp Vault's transit engine: root keys are versions of one named key of type ``aes256-gcm96``.

A root key's id is ``NAME:vN``; the wrapped key is the engine's ciphertext without its prefix, bound to the context as
associated data. Wire format: Vault's HTTP API, "Transit secrets engine" (encrypt, decrypt with ``batch_input``, keys).
The engine's own ``rewrap`` takes no associated data, so wrapping anew is a decryption and an encryption.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.http import Answer, JsonClient
from apps.vault.keyservice.keyfile import refuse_loose
from apps.vault.keyservice.pause import Pause

BATCH = 250
OK = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where the engine is: its address, its mount, the key's name and the file with LoanFlow's token (mode 600)."""

    url: str
    key: str
    token_file: Path
    mount: str = "transit"
    namespace: str = ""
    authority: str = ""


class Transit:
    """A ``KeyService`` that keeps nothing but an address; the token is read anew each time, as agents renew it."""

    def __init__(self, place: Place) -> None:
        self._at, self._pause = place, Pause()
        self._client = JsonClient(place.url, place.authority)

    @classmethod
    def from_settings(cls) -> Transit:
        """Make the service that the settings describe; raises ``KeysUnavailable`` where they say too little."""
        told: dict[str, Any] = settings.LOANFLOW_TRANSIT
        if not (told["url"] and told["key"] and told["token_file"]):
            raise KeysUnavailable(_("Name the address, the key and the token file of Vault (docs/settings.md)."))
        return cls(Place(**{**told, "token_file": Path(told["token_file"])}))

    @property
    def place(self) -> str:
        """The address and the key's name."""
        return f"{self._at.url} ({self._at.mount}/{self._at.key})"

    def active(self) -> str:
        """Return the id of the newest version."""
        return self._id(int(self._key()["latest_version"]))

    def knows(self, root_key_id: str) -> bool:
        """Tell whether a version may still decrypt."""
        version = self._version(root_key_id)
        key = self._key()
        return version is not None and int(key["min_decryption_version"]) <= version <= int(key["latest_version"])

    def renew(self) -> str:
        """Rotate the key; the token needs the right to."""
        self._ask("POST", f"/keys/{self._at.key}/rotate", {})
        return self.active()

    def wrap(self, material: bytes, context: bytes) -> Wrapped:
        """Encrypt a key under the newest version."""
        sent = {"plaintext": _text(material), "associated_data": _text(context)}
        made = self._ask("POST", f"/encrypt/{self._at.key}", sent)["ciphertext"]
        _vault, version, blob = made.split(":")
        return Wrapped(self._id(int(version[1:])), base64.b64decode(blob), context)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Decrypt a key, or raise ``CannotOpen``."""
        [material] = self.unwrap_many([wrapped])
        if material is None:
            raise CannotOpen
        return material

    def unwrap_many(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Decrypt keys, up to ``BATCH`` with one request."""
        found: list[bytes | None] = [None] * len(wrapped)
        ours = [(number, one) for number, one in enumerate(wrapped) if self._version(one.root_key_id) and one.blob]
        for begin in range(0, len(ours), BATCH):
            part = ours[begin : begin + BATCH]
            for (number, _one), material in zip(part, self._decrypted([one for _n, one in part]), strict=True):
                found[number] = material
        return found

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same key under the newest version."""
        return self.wrap(self.unwrap(wrapped), wrapped.context)

    def _decrypted(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        sent = [
            {
                "ciphertext": f"vault:v{self._version(one.root_key_id)}:{_text(one.blob)}",
                "associated_data": _text(one.context),
            }
            for one in wrapped
        ]
        answer = self._send("POST", f"/decrypt/{self._at.key}", {"batch_input": sent})
        results = (answer.body.get("data") or {}).get("batch_results")
        if results is None or len(results) != len(sent):
            raise self._away(answer)
        return [None if "error" in one else _bytes(one["plaintext"]) for one in results]

    def _key(self) -> dict[str, Any]:
        return self._ask("GET", f"/keys/{self._at.key}")

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._send(method, path, body)
        if answer.status not in (OK, 204):
            raise self._away(answer)
        return answer.body.get("data") or {}

    def _send(self, method: str, path: str, body: Any) -> Answer:
        with self._pause.guarding():
            headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true", "Content-Type": "application/json"}
            if self._at.namespace:
                headers["X-Vault-Namespace"] = self._at.namespace
            answer = self._client.send(method, f"/v1/{self._at.mount}{path}", headers, body)
            if answer.status >= 500 or answer.status in (403, 429):  # sealed, refused, overrun: no answer about any key
                raise self._away(answer)
            return answer

    def _token(self) -> str:
        try:
            refuse_loose(self._at.token_file)
            return self._at.token_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise KeysUnavailable(
                _("The file with Vault's token cannot be read: %(path)s.") % {"path": self._at.token_file}
            ) from None

    def _away(self, answer: Answer) -> KeysUnavailable:
        return KeysUnavailable(
            _("The key service at %(place)s refuses: status %(status)s.")
            % {"place": self._at.url, "status": answer.status}
        )

    def _id(self, version: int) -> str:
        return f"{self._at.key}:v{version}"

    def _version(self, root_key_id: str) -> int | None:
        """The number of a version of our key; ``None`` for another key's, or what is none."""
        name, _colon, number = root_key_id.rpartition(":v")
        return int(number) if name == self._at.key and number.isascii() and number.isdigit() else None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise KeysUnavailable(_("The key service gave an answer that makes no sense.")) from None
