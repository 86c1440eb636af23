"""Pieces of a file that is still on its way: each sealed under its owner's key, bound to its row and its number.

A piece that is moved to another row or place, cut or changed does not open.
"""

from __future__ import annotations

import uuid

from apps.vault import crypto
from apps.vault.keyring import keyring
from apps.vault.models import KeyOwner

MODEL = "vault.piece"


def piece_seal(owner: KeyOwner, row: uuid.UUID, number: int, content: bytes) -> bytes:
    """Encrypt piece ``number`` of what ``row`` receives."""
    return crypto.seal(owner.active_cipher(), content, _binding(row, number))


def piece_open(row: uuid.UUID, number: int, sealed: bytes) -> bytes:
    """Decrypt a piece; raises ``CannotOpen``."""
    envelope = bytes(sealed)
    return crypto.open_sealed(keyring.cipher(crypto.key_id_of(envelope)), envelope, _binding(row, number))


def _binding(row: uuid.UUID, number: int) -> bytes:
    return crypto.bind(MODEL, str(number), row)
