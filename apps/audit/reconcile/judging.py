"""Whether a row is what its newest event left, and if not, what can be said of how it differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model

from apps.audit.canonical import JSON
from apps.audit.governed import clear_fields
from apps.audit.images import commitments, image, made_of
from apps.audit.reconcile.likeness import images, is_forgotten
from apps.audit.reconcile.report import Difference, Kind
from apps.audit.reconcile.told import Told, entry_of, history
from apps.audit.touched import Op
from apps.vault.crypto import key_id_of
from apps.vault.errors import CannotOpen
from apps.vault.keyring import keyring
from apps.vault.secret import Secret


def fits(told: Told, body: dict[str, Any], row: Model | None) -> bool:
    """Tell, at the price of one digest, whether a row is plainly what its newest event left."""
    if row is None or told.op == Op.DELETE:
        return row is None and told.op == Op.DELETE
    return bool(image(row) == entry_of(body, told.object).get("after"))


def difference(told: Told, body: dict[str, Any], row: Model | None) -> Difference | None:
    """Say how a row that does not plainly fit differs; ``None`` where it is untouched all the same."""
    if row is None:
        return Difference(told.object, Kind.DELETED, told.event) if told.op != Op.DELETE else None
    if told.op == Op.DELETE:
        return Difference(told.object, Kind.PUT_BACK, told.event)
    entry = entry_of(body, told.object)
    if any(entry.get("after") == one for one in images(row)):
        return None
    moved = _moved(row)
    if moved:
        return Difference(told.object, Kind.MOVED, told.event, moved)
    changed = _changed(row, told, entry)
    older = _older(row, told, changed)
    return Difference(told.object, Kind.REPLAYED if older else Kind.EDITED, told.event, changed, older)


def cannot_be_compared(row: Model | None) -> bool:
    """Tell whether the row hides what can no longer be committed to."""
    return row is not None and is_forgotten(row)


def _moved(row: Model) -> tuple[str, ...]:
    """Encrypted fields whose ciphertext does not belong where it stands, though its key is there."""
    return tuple(name for name, secret in _secrets(row) if _has_key(secret) and not _opens(secret))


def _secrets(row: Model) -> Iterator[tuple[str, Secret]]:
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, Secret) and value:
            yield field.name, value


def _has_key(secret: Secret) -> bool:
    try:
        keyring.cipher(key_id_of(secret.envelope()))
    except CannotOpen:
        return False
    return True


def _opens(secret: Secret) -> bool:
    try:
        secret.reveal()
    except CannotOpen:
        return False
    return True


def _changed(row: Model, told: Told, entry: dict[str, Any]) -> tuple[str, ...]:
    """Fields known to differ: encrypted ones by their commitments, clear ones by the last value that an event told."""
    held, known = commitments(row), entry.get("commitments", {})
    sealed = {name for name in held.keys() | known.keys() if held.get(name) != known.get(name)}
    clear, now = _last_told(told, row), made_of(row)
    differ = {name for name, value in clear.items() if value != now.get(name, [None, None])[1]}
    return tuple(sorted(sealed | differ))


def _last_told(told: Told, row: Model) -> dict[str, JSON]:
    """The last value that events told of each clear field; long texts, of which a digest was told, are left out."""
    names, found = set(clear_fields(type(row))), {}  # type: ignore[var-annotated]
    for _event, entry in history(told.object):
        for name, pair in entry.get("changes", {}).items():
            if name in names and name not in found and isinstance(pair, list) and len(pair) == 2:
                found[name] = pair[1]
    return {name: value for name, value in found.items() if not isinstance(value, dict | list)}


def _older(row: Model, told: Told, changed: tuple[str, ...]) -> int:
    """The event whose state was put back: of the whole row, or of the encrypted fields that differ; 0 for none."""
    mine, held = image(row), commitments(row)
    sealed = [name for name in changed if name in held]
    for event, entry in history(told.object):
        if event == told.event:
            continue
        known = entry.get("commitments", {})
        if entry.get("after") == mine or (sealed and all(known.get(name) == held[name] for name in sealed)):
            return event
    return 0
