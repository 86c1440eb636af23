"""What is signed: its canonical text, its fingerprint, and how two states of a memo differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.audit.canonical import JSON, canonical, plain

DOMAIN = b"loanflow/signoff/v1\0"
NOT_COMPARED = frozenset({"salt", "memo"})
"""What differs between any two memos and says nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two states: where, and both values as text (``None``: not there)."""

    path: str
    before: str | None
    after: str | None


def decision_text(decision: Mapping[str, object]) -> str:
    """Canonical JSON (RFC 8785) of a decision; decimals and moments stand in it as text."""
    return canonical(plain(decision))


def fingerprint(decision: str) -> str:
    """SHA-256 over the domain and a canonical decision, in lower-case hexadecimal: the challenge that a factor signs."""
    return hashlib.sha256(DOMAIN + decision.encode()).hexdigest()


def differences(before: JSON, after: JSON) -> list[Change]:
    """Leaves that differ, in the order of their paths; equal states give an empty list."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    paths = sorted(old.keys() | new.keys())
    return [Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def _leaves(value: JSON, path: str = "") -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for position, item in enumerate(value, 1):
            yield from _leaves(item, f"{path}.{position}" if path else str(position))
    else:
        yield path, None if value is None else canonical(value)
