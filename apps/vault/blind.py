"""Finding without decrypting: keyed digests of normalised values, and the check that follows every hit.

Each index has a key of its own: HKDF-SHA-256 (RFC 5869) of the installation's index key with the index's path. 64 bits for
identifiers, 24 where few values exist (the last four digits), so that a stolen column does not tell them apart surely.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import models

from apps.vault.indexkey import index_key

if TYPE_CHECKING:
    from apps.vault.fields.index import BlindIndexField

RowType = TypeVar("RowType", bound=models.Model)
WIDTHS = (64, 24)
NOWHERE = -(2**63)  # no index has this value, so that looking for nothing finds nothing
DERIVED_LIMIT = 256
_indexes: dict[str, BlindIndexField] = {}
_derived: dict[tuple[bytes, str], hmac.HMAC] = {}


def register(index: BlindIndexField, own_path: str, source_path: str) -> None:
    """Make an index known; a second index of one source is known by its own path only."""
    _indexes[own_path] = index
    standing = _indexes.get(source_path)
    if standing is None or standing.name == index.name:
        _indexes[source_path] = index


def indexes() -> set[BlindIndexField]:
    """Return all blind indexes of all models."""
    return set(_indexes.values())


def blind_index(path: str, value: str) -> int:
    """Return what to look for in an index column.

    ``path`` is ``app.Model.field`` of the encrypted field, or of the index where one field has two. Raises ``KeyError`` for a
    path that is no index. A value of which normalising leaves nothing finds nothing.
    """
    found = _indexes[path].index(value)
    return NOWHERE if found is None else found


def digest(path: str, normal: str, bits: int) -> int:
    """Return the first ``bits`` of the keyed digest of a normalised value: a signed number of 64 bits, a plain one of 24."""
    mac = _keyed(path).copy()
    mac.update(normal.encode())
    return max(int.from_bytes(mac.digest()[: bits // 8], "big", signed=bits == 64), NOWHERE + 1)


def confirm_matches(path: str, value: str, rows: Iterable[RowType]) -> list[RowType]:
    """Keep the rows whose decrypted value is the one looked for: indexes collide, and a column can be tampered with."""
    index = _indexes[path]
    wanted = index.normaliser(value).encode()
    return [row for row in rows if (held := getattr(row, index.source)) and _is_same(index, held.reveal(), wanted)]


def _is_same(index: BlindIndexField, value: str, wanted: bytes) -> bool:
    return hmac.compare_digest(index.normaliser(value).encode(), wanted)


def find(path: str, value: str, among: models.QuerySet[RowType]) -> list[RowType]:
    """Return the rows of ``among`` that hold a value: looked up by index, confirmed by decrypting."""
    return confirm_matches(path, value, among.filter(**{_indexes[path].attname: blind_index(path, value)}))


def _keyed(path: str) -> hmac.HMAC:
    """Return a digest that has taken in the index's key; copying it saves half of the work."""
    root = index_key()
    found = _derived.get((root.key_id, path))
    if found is None:
        if len(_derived) >= DERIVED_LIMIT:
            _derived.clear()
        info = b"loanflow/blind-index/v1\0" + path.encode()
        key = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(root.material)
        found = _derived[root.key_id, path] = hmac.new(key, digestmod=hashlib.sha256)
    return found
