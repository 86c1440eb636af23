"""Hashes of the tree: SHA-256 with the prefixes of RFC 6962 §2.1, so that no leaf can be passed off as a node."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf; the data of an event is the UTF-8 text of its body."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def peaks_root(peaks: Sequence[bytes]) -> bytes:
    """Root over the complete subtrees of a range, widest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def level_up(row: Sequence[bytes]) -> list[bytes]:
    """The nodes above a row of an even number of nodes."""
    sha256 = hashlib.sha256
    return [sha256(b"\1" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
