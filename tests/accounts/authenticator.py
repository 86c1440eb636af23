"""An authenticator in software: makes passkeys and signs challenges as a browser would, and wrongly where a test asks for it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

HOST, ORIGIN = "localhost", "http://localhost:8000"
PRESENT, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40
ES256, EDDSA, RS256 = -7, -8, -257


def text(data: bytes) -> str:
    """Bytes as browsers write them."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data(written: str) -> bytes:
    """Bytes from what a browser wrote."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass
class Authenticator:
    """One passkey; ``count`` is its counter, which rises with each signature unless ``counts`` is off."""

    algorithm: int = ES256
    host: str = HOST
    origin: str = ORIGIN
    count: int = 0
    counts: bool = True
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def __post_init__(self) -> None:
        if self.algorithm == ES256:
            self.key: Any = ec.generate_private_key(ec.SECP256R1())
        elif self.algorithm == EDDSA:
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def cose(self) -> bytes:
        """The public key as WebAuthn sends it."""
        public = self.key.public_key()
        if self.algorithm == ES256:
            point = public.public_numbers()
            return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        if self.algorithm == EDDSA:
            return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        return cbor2.dumps({1: 3, 3: RS256, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)})

    def makes(self, challenge: bytes, *, flags: int = PRESENT | VERIFIED, **changed: Any) -> str:
        """Answer of a browser that has made this passkey; ``changed`` are client data put in place of what is true."""
        key = bytes(16) + len(self.credential).to_bytes(2) + self.credential + self.cose()
        attested = self._authenticator_data(flags | NEW_KEY) + key
        response = {
            "clientDataJSON": text(self._client_data("webauthn.create", challenge, changed)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": attested})),
            "transports": ["internal"],
        }
        return self._answer(response)

    def signs(self, challenge: bytes, *, flags: int = PRESENT | VERIFIED, **changed: Any) -> str:
        """Answer of a browser whose passkey has signed a challenge."""
        self.count += self.counts
        client_data, told = self._client_data("webauthn.get", challenge, changed), self._authenticator_data(flags)
        signature = self._signed(told + hashlib.sha256(client_data).digest())
        response = {
            "clientDataJSON": text(client_data), "authenticatorData": text(told), "signature": text(signature)
        }  # fmt: skip
        return self._answer(response)

    def _client_data(self, kind: str, challenge: bytes, changed: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": text(challenge), "origin": self.origin, "crossOrigin": False, **changed}
        return json.dumps(told).encode()

    def _authenticator_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _signed(self, message: bytes) -> bytes:
        if self.algorithm == ES256:
            return bytes(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        if self.algorithm == EDDSA:
            return bytes(self.key.sign(message))
        return bytes(self.key.sign(message, padding.PKCS1v15(), hashes.SHA256()))

    def _answer(self, response: dict[str, Any]) -> str:
        name = text(self.credential)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def altered(answer: str, **parts: str) -> str:
    """An answer with parts of its response replaced."""
    found = json.loads(answer)
    found["response"] |= parts
    return json.dumps(found)


def flipped(written: str) -> str:
    """A text of bytes with its last byte changed."""
    raw = bytearray(data(written))
    raw[-1] ^= 1
    return text(bytes(raw))
