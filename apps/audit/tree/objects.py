"""The map of objects: how many events each object has and the leaf hash of its last, under one root.

A binary trie over SHA-256 of the object's key, of which the root is a function of the entries alone, whatever the order in
which they came. A subtree of one entry is that entry, a subtree of none is 32 zero bytes; so a proof has about as many
hashes as there are doublings in the number of objects, and proves absence as it proves presence. Entries and inner nodes
have prefixes of their own (2 and 3), unlike those of the tree of events.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apps.audit.tree.checking import WrongProof
from apps.audit.tree.hashing import HASH_BYTES

KEY_BITS = 8 * HASH_BYTES
EMPTY = bytes(HASH_BYTES)
COUNT_BYTES = 8


class Entry(NamedTuple):
    """An object: SHA-256 of its key, the number of its events, and the leaf hash of the last of them."""

    key: bytes
    events: int
    last: bytes

    def hash(self) -> bytes:
        """Hash of the entry."""
        return entry_hash(self.key, self.events, self.last)


def entry_hash(key: bytes, events: int, last: bytes) -> bytes:
    """Hash of the entry that these make."""
    return hashlib.sha256(b"\2" + key + events.to_bytes(COUNT_BYTES) + last).digest()


class Part(NamedTuple):
    """A subtree: its hash, and whether it holds no entry (0), one (1) or more (2)."""

    hash: bytes
    entries: int


NOTHING = Part(EMPTY, 0)


class Proof(NamedTuple):
    """The siblings on the way from the root to where a key belongs, and the entry that alone stands there, if any."""

    siblings: Sequence[bytes]
    entry: Entry | None


def key_of(name: str) -> bytes:
    """Where an object such as ``workflow_loancase:17`` belongs."""
    return hashlib.sha256(name.encode()).digest()


def joined(left: Part, right: Part) -> Part:
    """The subtree above two."""
    if left.entries + right.entries < 2:
        return left if left.entries else right
    return Part(_inner(left.hash, right.hash), 2)


def part_of(entries: Sequence[Entry], depth: int = 0) -> Part:
    """Subtree of entries in the order of their keys, which agree in their first ``depth`` bits."""
    if len(entries) < 2:
        return Part(entries[0].hash(), 1) if entries else NOTHING
    return part_over([int.from_bytes(entry.key) for entry in entries], [entry.hash() for entry in entries], depth)


def part_over(keys: Sequence[int], hashes: Sequence[bytes], depth: int) -> Part:
    """Subtree of entries by their keys as numbers, ascending, and the entries' hashes; the keys agree in ``depth`` bits."""
    if len(hashes) < 2:
        return Part(hashes[0], 1) if hashes else NOTHING
    return Part(_root(keys, hashes, 0, len(hashes), depth), 2)


def _root(keys: Sequence[int], hashes: Sequence[bytes], start: int, stop: int, depth: int) -> bytes:
    """Hash of the subtree of some sorted entries: they part at the first bit in which the first and the last differ."""
    below = (keys[start] ^ keys[stop - 1]).bit_length() - 1  # how many bits follow the one in which they part
    parting = KEY_BITS - 1 - below
    cut = start + 1 if stop - start == 2 else bisect_left(keys, keys[stop - 1] >> below << below, start, stop)
    left = hashes[start] if cut - start == 1 else _root(keys, hashes, start, cut, parting + 1)
    right = hashes[cut] if stop - cut == 1 else _root(keys, hashes, cut, stop, parting + 1)
    found = hashlib.sha256(b"\3" + left + right).digest()
    for place in range(parting - 1, depth - 1, -1):  # in these all agree, and nothing stands beside them
        found = _inner(EMPTY, found) if keys[start] >> (KEY_BITS - 1 - place) & 1 else _inner(found, EMPTY)
    return found


def folded(parts: Mapping[int, Part], depth: int) -> Part:
    """Subtree ``depth`` levels above a row of subtrees, given by their places; those not given are empty."""
    row = dict(parts)
    for _level in range(depth):
        row = {at: joined(row.get(2 * at, NOTHING), row.get(2 * at + 1, NOTHING)) for at in {at >> 1 for at in row}}
    return row.get(0, NOTHING)


class Step(NamedTuple):
    """One level on the way down: the subtree that the key belongs to, and its sibling."""

    own: Part
    sibling: Part


def steps_over(parts: Sequence[Part], at: int) -> list[Step]:
    """The way from above a row of subtrees, whose number is a power of two, down to number ``at``; top first."""
    found, row = [], list(parts)
    while len(row) > 1:
        found.append(Step(row[at], row[at ^ 1]))
        row, at = [joined(row[one], row[one + 1]) for one in range(0, len(row), 2)], at >> 1
    return found[::-1]


def steps_among(entries: Sequence[Entry], key: bytes, depth: int) -> list[Step]:
    """The way down among the sorted entries that agree with ``key`` in their first ``depth`` bits."""
    found = []
    while len(entries) > 1:
        cut = _cut(entries, depth)
        zero, one = part_of(entries[:cut], depth + 1), part_of(entries[cut:], depth + 1)
        bit = bit_of(key, depth)
        found.append(Step(one, zero) if bit else Step(zero, one))
        entries = entries[cut:] if bit else entries[:cut]
        depth += 1
    return found


def siblings_of(whole: Part, steps: Sequence[Step]) -> tuple[list[bytes], int]:
    """The siblings as far down as a subtree holds several entries, and how many entries (0 or 1) remain below."""
    current, found = whole, []
    for step in steps:
        if current.entries < 2:
            break
        found.append(step.sibling.hash)
        current = step.own
    return found, current.entries


def verify_object(name: str, proof: Proof, root: bytes) -> tuple[int, bytes] | None:
    """Return an object's number of events and last leaf hash, ``None`` where it is proved to have none.

    Raises ``WrongProof`` where the proof does not lead to the root or speaks of another place.
    """
    key, depth = key_of(name), len(proof.siblings)
    if depth > KEY_BITS or any(len(value) != HASH_BYTES for value in (*proof.siblings, root)):
        raise WrongProof("the proof of an object is not shaped like one")
    found = EMPTY if proof.entry is None else _standing(proof.entry, key, depth)
    for place in range(depth - 1, -1, -1):
        sibling = proof.siblings[place]
        found = _inner(sibling, found) if bit_of(key, place) else _inner(found, sibling)
    if not hmac.compare_digest(found, root):
        raise WrongProof("the proof of an object leads to another root")
    return (proof.entry.events, proof.entry.last) if proof.entry is not None and proof.entry.key == key else None


def bit_of(key: bytes, place: int) -> int:
    """Bit number ``place`` of a key, the highest of its first byte being number 0."""
    return key[place >> 3] >> (7 - (place & 7)) & 1


def _standing(entry: Entry, key: bytes, depth: int) -> bytes:
    sound = len(entry.key) == len(entry.last) == HASH_BYTES and 0 < entry.events < 1 << 8 * COUNT_BYTES
    if not sound or any(bit_of(entry.key, place) != bit_of(key, place) for place in range(depth)):
        raise WrongProof("the entry does not belong where the proof says that the object would stand")
    return entry.hash()


def _cut(entries: Sequence[Entry], depth: int) -> int:
    """How many of the sorted entries have a 0 at ``depth``."""
    return next((at for at, entry in enumerate(entries) if bit_of(entry.key, depth)), len(entries))


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\3" + left + right).digest()
