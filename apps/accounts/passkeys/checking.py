"""Checks what a passkey once signed, from what was stored alone: no settings, no rows, no library of passkeys.

The stand-alone verifier (``apps.audit.standalone``) asks the same questions of what the log holds, in code of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

PRESENT_AND_VERIFIED = 0x05
ORIGIN = re.compile(r"https?://([a-z0-9.-]+)(:[0-9]+)?")


def flaw_of(*, challenge: bytes, key: str, client_data: str, authenticator_data: str, signature: str) -> str:
    """What is wrong with a stored assertion over a challenge, as a word for reports; ``""`` where nothing is."""
    try:
        client, told = data_of(client_data), data_of(authenticator_data)
        flaw = _said(json.loads(client), told, challenge)
        return flaw or _signed(key, data_of(signature), told + hashlib.sha256(client).digest())
    except (ValueError, KeyError, TypeError, IndexError):
        return "malformed"


def data_of(written: str) -> bytes:
    """Bytes as browsers write them (base64url); raises ``ValueError`` for anything else."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def _said(client: Any, told: bytes, challenge: bytes) -> str:
    """What the browser and the authenticator say of the place, the person and the challenge."""
    origin = ORIGIN.fullmatch(client["origin"])
    names = origin[1].split(".") if origin else []
    hosts = {hashlib.sha256(".".join(names[at:]).encode()).digest() for at in range(len(names))}
    if client["type"] != "webauthn.get" or data_of(client["challenge"]) != challenge:
        return "challenge"
    if client.get("crossOrigin") or told[:32] not in hosts:
        return "origin"
    return "" if told[32] & PRESENT_AND_VERIFIED == PRESENT_AND_VERIFIED else "unverified"


def _signed(key: str, signature: bytes, message: bytes) -> str:
    public = load_der_public_key(base64.b64decode(key, validate=True))
    try:
        if isinstance(public, EllipticCurvePublicKey):
            public.verify(signature, message, ECDSA(SHA256()))
        elif isinstance(public, RSAPublicKey):
            public.verify(signature, message, PKCS1v15(), SHA256())
        elif isinstance(public, Ed25519PublicKey):
            public.verify(signature, message)
        else:
            return "key"
    except InvalidSignature:
        return "signature"
    return ""
