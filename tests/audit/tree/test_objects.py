"""The map of objects: one root for one set of entries, proofs of presence and of absence, and no others."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.tree.checking import WrongProof
from apps.audit.tree.objects import (
    EMPTY,
    NOTHING,
    Entry,
    Part,
    Proof,
    bit_of,
    folded,
    joined,
    key_of,
    part_of,
    siblings_of,
    steps_among,
    steps_over,
    verify_object,
)

names = st.integers(0, 400).map(lambda number: f"workflow_loancase:{number}")
counts = st.dictionaries(names, st.integers(1, 2**40), max_size=40)


def entry(name: str, count: int) -> Entry:
    return Entry(key_of(name), count, hashlib.sha256(f"{name} {count}".encode()).digest())


def entries_of(held: dict[str, int]) -> list[Entry]:
    return sorted(entry(name, count) for name, count in held.items())


def prove(entries: list[Entry], name: str) -> Proof:
    """Prove from nothing but the sorted entries."""
    key = key_of(name)
    siblings, remaining = siblings_of(part_of(entries), steps_among(entries, key, 0))
    depth = len(siblings)
    below = [one for one in entries if prefix(one.key, depth) == prefix(key, depth)]
    assert len(below) == remaining
    return Proof(siblings, below[0] if below else None)


def prefix(key: bytes, bits: int) -> int:
    return int.from_bytes(key) >> 256 - bits


def recursive_part(entries: list[Entry], depth: int) -> Part:
    """The subtree as the map's definition has it, bit by bit."""
    if len(entries) < 2:
        return Part(entries[0].hash(), 1) if entries else NOTHING
    halves = [[entry for entry in entries if bit_of(entry.key, depth) == bit] for bit in (0, 1)]
    return joined(*(recursive_part(half, depth + 1) for half in halves))


@given(counts)
def test_the_map_has_the_root_of_the_definition(held: dict[str, int]):
    entries = entries_of(held)
    assert part_of(entries) == recursive_part(entries, 0)
    below = [entry for entry in entries if entry.key[0] == entries[0].key[0]]
    assert part_of(below, 8) == recursive_part(below, 8)


@given(st.sets(st.integers(0, 255), min_size=2), st.integers(0, 31))
def test_keys_that_agree_in_many_bits_hang_as_deep(last: set[int], place: int):
    entries = [Entry(bytes(place) + bytes([one]) + bytes(31 - place), 1, EMPTY) for one in sorted(last)]
    assert part_of(entries) == recursive_part(entries, 0)


@given(counts, names)
def test_an_object_is_proved_with_its_count_or_proved_absent(held: dict[str, int], name: str):
    entries = entries_of(held)
    found = verify_object(name, prove(entries, name), part_of(entries).hash)
    assert found == ((held[name], entry(name, held[name]).last) if name in held else None)


@given(counts.filter(bool), st.data())
def test_no_other_count_is_proved_and_no_object_is_hidden(held: dict[str, int], data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(held)))
    entries = entries_of(held)
    root, proof = part_of(entries).hash, prove(entries, name)
    own = proof.entry
    assert own is not None
    other = data.draw(names.filter(lambda one: one != name))
    lies = [
        Proof(proof.siblings, own._replace(events=own.events + 1)),
        Proof(proof.siblings, own._replace(events=own.events - 1)),
        Proof(proof.siblings, own._replace(last=EMPTY)),
        Proof(proof.siblings, None),
        Proof([*proof.siblings, EMPTY], own),
        Proof([*proof.siblings, EMPTY], None),
        Proof(proof.siblings, entry(other, 1)),
        Proof([b"short", *proof.siblings], own),
        Proof([EMPTY] * 257, own),
        Proof(proof.siblings[1:], own),
    ]
    for lie in lies if proof.siblings else [lie for lie in lies if lie.siblings != proof.siblings[1:]]:
        with pytest.raises(WrongProof):
            verify_object(name, lie, root)


@given(counts, counts)
def test_different_maps_have_different_roots(one: dict[str, int], other: dict[str, int]):
    assert (part_of(entries_of(one)) == part_of(entries_of(other))) == (one == other)


@given(counts, names)
def test_a_map_kept_in_slots_of_a_byte_has_the_same_root_and_proofs(held: dict[str, int], name: str):
    entries, key = entries_of(held), key_of(name)
    slots = [[one for one in entries if one.key[0] == byte] for byte in range(256)]
    parts = [part_of(slot, 8) for slot in slots]
    given = {at: part for at, part in enumerate(parts) if part.entries}
    assert folded(given, 8) == part_of(entries)
    steps = steps_over(parts, key[0]) + steps_among(slots[key[0]], key, 8)
    siblings, _remaining = siblings_of(folded(given, 8), steps)
    assert siblings == list(prove(entries, name).siblings)


def test_a_map_of_nothing_proves_that_anything_is_absent():
    assert part_of([]) == NOTHING == Part(EMPTY, 0)
    assert verify_object("workflow_loancase:1", Proof([], None), EMPTY) is None
    with pytest.raises(WrongProof):
        verify_object("workflow_loancase:1", Proof([], entry("workflow_loancase:1", 1)), EMPTY)


def test_a_proof_grows_with_the_logarithm_of_the_objects():
    entries = entries_of({f"workflow_loancase:{number}": 1 for number in range(4000)})
    longest: Any = max(len(prove(entries, f"workflow_loancase:{number}").siblings) for number in range(0, 4000, 97))
    assert longest <= 30
