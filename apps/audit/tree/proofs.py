"""Makes proofs (RFC 6962 §2.1.1 and §2.1.2) from the roots of complete subtrees, wherever those are kept."""

from __future__ import annotations

from collections.abc import Callable

from apps.audit.tree.hashing import peaks_root

Subtree = Callable[[int, int], bytes]
"""Gives the root of complete subtree number ``index`` of a ``level`` (0: the leaf hash itself)."""

Stretch = tuple[int, int]
"""Leaves from the first number up to, and without, the second."""


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Prove that a leaf stands at ``index`` (from 0) of the tree of ``size`` leaves: its siblings, lowest first."""
    return [stretch_root(stretch, subtree) for stretch in inclusion_stretches(index, size)]


def consistency_proof(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """Prove that the tree of ``second`` leaves begins with the tree of ``first`` leaves; empty where they are equal."""
    return [stretch_root(stretch, subtree) for stretch in consistency_stretches(first, second)]


def inclusion_stretches(index: int, size: int) -> list[Stretch]:
    """The stretches whose roots make an inclusion proof; raises ``ValueError`` outside the tree."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    found, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_stretches(first: int, second: int) -> list[Stretch]:
    """The stretches whose roots make a consistency proof; raises ``ValueError`` unless 0 < first <= second."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {first} leaves can be the beginning of one of {second}")
    found, start, stop = [], 0, second
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return [*found, *([(start, stop)] if start else [])][::-1]


def stretch_root(stretch: Stretch, subtree: Subtree) -> bytes:
    """Root over a stretch that begins where a subtree of its width may begin, as all stretches of proofs do."""
    start, stop = stretch
    peaks = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    return peaks_root(peaks)


def _split(count: int) -> int:
    """The largest power of two below a count of at least two."""
    return 1 << (count - 1).bit_length() - 1
