"""Verifies proofs with nothing but hashes (the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2); never trusts their length."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from apps.audit.tree.hashing import HASH_BYTES, node_hash


class WrongProof(ValueError):
    """A proof that does not prove what it is said to."""


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ``WrongProof`` unless ``leaf`` stands at ``index`` of the tree of ``size`` leaves with this root."""
    if not 0 <= index < size:
        raise WrongProof(f"a tree of {size} leaves has no leaf {index}")
    _hashes(leaf, root, *proof)
    _equal(_climbed(index, size - 1, leaf, proof)[1], root)


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Raise ``WrongProof`` unless the tree of ``second`` leaves begins with the one of ``first`` leaves (at least one)."""
    if not 0 < first <= second:
        raise WrongProof(f"no tree of {first} leaves can be the beginning of one of {second}")
    _hashes(first_root, second_root, *proof)
    if first == second:
        if proof:
            raise WrongProof("the proof is too long")
        _equal(first_root, second_root)
        return
    path, at, last = [first_root, *proof] if first & first - 1 == 0 else list(proof), first - 1, second - 1
    if not path:
        raise WrongProof("the proof is too short")
    while at & 1:
        at, last = at >> 1, last >> 1
    earlier, later = _climbed(at, last, path[0], path[1:])
    _equal(earlier, first_root)
    _equal(later, second_root)


def _climbed(at: int, last: int, lowest: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Climb a proof from place ``at`` of a level that ends at ``last``: the root of the tree up to there, and of the whole."""
    earlier = later = lowest
    for sibling in proof:
        if not last:
            raise WrongProof("the proof is too long")
        if at & 1 or at == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            later = node_hash(later, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise WrongProof("the proof is too short")
    return earlier, later


def _equal(found: bytes, root: bytes) -> None:
    if not hmac.compare_digest(found, root):
        raise WrongProof("the proof leads to another root")


def _hashes(*values: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise WrongProof(f"hashes are {HASH_BYTES} bytes long")
