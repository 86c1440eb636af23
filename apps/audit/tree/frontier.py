"""The growing edge of a tree: as many hashes as its size has ones in binary, all that appending needs to know."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from apps.audit.tree.hashing import HASH_BYTES, level_up, node_hash, peaks_root

STEP = 8
"""Every so many levels complete subtrees are stored: 256 leaves a node, then 65,536."""


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree: number ``index`` of those that span ``2 ** level`` leaves."""

    level: int
    index: int
    hash: bytes


class Frontier:
    """Takes leaf hashes one by one; ``peaks`` are the roots of its complete subtrees, widest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in peaks):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks of {HASH_BYTES} bytes")
        self.size = size
        self.peaks = list(peaks)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> Frontier:
        """Read what ``packed`` wrote; raises ``ValueError`` where it does not fit the size."""
        return cls(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])

    def packed(self) -> bytes:
        """The peaks, one after another."""
        return b"".join(self.peaks)

    def root(self) -> bytes:
        """Root of the tree as it stands."""
        return peaks_root(self.peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf hash; returns the subtrees to store that it has completed."""
        completed, level, current = [], 0, leaf
        while self.size >> level & 1:
            current = node_hash(self.peaks.pop(), current)
            level += 1
            if level % STEP == 0:
                completed.append(Node(level, self.size >> level, current))
        self.peaks.append(current)
        self.size += 1
        return completed

    def extend(self, leaves: Sequence[bytes]) -> list[Node]:
        """Add leaf hashes, a level of the tree at a time; returns the subtrees to store that they have completed."""
        completed, row, level, peaks = [], list(leaves), 0, []
        while row or self.size >> level:
            if self.size >> level & 1:
                row.insert(0, self.peaks.pop())
            if len(row) % 2:
                peaks.append(row.pop())
            row, level = level_up(row), level + 1
            if level % STEP == 0:
                first = self.size >> level
                completed += [Node(level, first + at, value) for at, value in enumerate(row)]
        self.peaks, self.size = peaks[::-1], self.size + len(leaves)
        return completed
