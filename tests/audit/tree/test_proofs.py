"""Proofs hold exactly for what they were made of; other people's vectors agree."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.tree.checking import WrongProof, verify_consistency, verify_inclusion
from apps.audit.tree.frontier import STEP, Frontier
from apps.audit.tree.hashing import EMPTY_ROOT, leaf_hash, level_up, node_hash
from apps.audit.tree.proofs import (
    consistency_proof,
    consistency_stretches,
    inclusion_proof,
    inclusion_stretches,
    stretch_root,
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(600)]
sizes = st.integers(1, len(LEAVES))


def recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 defines it, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(recursive_root(leaves[:k]), recursive_root(leaves[k:]))


def subtree(level: int, index: int) -> bytes:
    row = LEAVES[index << level : (index + 1) << level]
    assert len(row) == 1 << level, "proofs ask for complete subtrees only"
    while len(row) > 1:
        row = level_up(row)
    return row[0]


ROOTS = [recursive_root(LEAVES[:size]) for size in range(len(LEAVES) + 1)]


@given(sizes)
def test_the_frontier_has_the_root_of_the_definition(size: int):
    edge = Frontier()
    for leaf in LEAVES[:size]:
        edge.append(leaf)
    assert (edge.size, edge.root()) == (size, ROOTS[size])
    assert Frontier.unpacked(size, edge.packed()).root() == ROOTS[size]


@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_frontier_grows_by_many_leaves_as_it_does_by_one(counts: list[int]):
    one_by_one, many, at = Frontier(), Frontier(), 0
    for count in counts:
        leaves = [leaf_hash(str(number).encode()) for number in range(at, at + count)]
        nodes = [node for leaf in leaves for node in one_by_one.append(leaf)]
        grown = many.extend(leaves)
        assert sorted(grown, key=lambda node: (node.level, node.index)) == sorted(
            nodes, key=lambda node: (node.level, node.index)
        )
        assert (many.size, many.peaks) == (one_by_one.size, one_by_one.peaks)
        at += count


def test_an_empty_tree_has_the_hash_of_nothing():
    assert Frontier().root() == ROOTS[0] == EMPTY_ROOT


def test_the_frontier_gives_out_each_subtree_to_store_once():
    edge, stored = Frontier(), []
    for leaf in LEAVES:
        stored += edge.append(leaf)
    assert [(node.level, node.index) for node in stored] == [(STEP, at) for at in range(len(LEAVES) >> STEP)]
    assert all(node.hash == subtree(node.level, node.index) for node in stored)


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (2, b"x" * 31), (3, b"x" * 32), (0, b"x")])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, packed: bytes):
    with pytest.raises(ValueError, match="peaks"):
        Frontier.unpacked(size, packed)


@given(sizes, st.data())
def test_every_leaf_is_proved_at_its_own_place_only(size: int, data: st.DataObject):
    index, other = (data.draw(st.integers(0, size - 1)) for _twice in range(2))
    proof = inclusion_proof(index, size, subtree)
    verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
    if other != index:
        for place, leaf in ((other, LEAVES[index]), (index, LEAVES[other])):
            with pytest.raises(WrongProof):
                verify_inclusion(place, size, leaf, proof, ROOTS[size])


@given(sizes, sizes)
def test_every_tree_is_proved_to_begin_with_each_earlier_one(one: int, other: int):
    first, second = sorted((one, other))
    proof = consistency_proof(first, second, subtree)
    verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])
    if first != second:
        with pytest.raises(WrongProof):
            verify_consistency(first, second, proof, ROOTS[first - 1] if first > 1 else EMPTY_ROOT, ROOTS[second])
        with pytest.raises(WrongProof):
            verify_consistency(first, second, proof, ROOTS[first], ROOTS[second - 1])


@given(sizes, sizes, st.data())
def test_a_proof_with_any_bit_changed_or_any_hash_too_many_or_few_is_refused(one: int, other: int, data: st.DataObject):
    first, second = sorted((one, other))
    index = first - 1
    for made, check in (
        (
            inclusion_proof(index, second, subtree),
            lambda proof: verify_inclusion(index, second, LEAVES[index], proof, ROOTS[second]),
        ),
        (
            consistency_proof(first, second, subtree),
            lambda proof: verify_consistency(first, second, proof, ROOTS[first], ROOTS[second]),
        ),
    ):
        for wrong in mutations(made, data):
            with pytest.raises(WrongProof):
                check(wrong)


def mutations(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    found = [[*proof, LEAVES[0]], [LEAVES[0], *proof]]
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
        found += [[*proof[:at], flipped, *proof[at + 1 :]], proof[:at] + proof[at + 1 :], [*proof[:at], b"short"]]
    return found


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (0, 0), (1, 1), (5, 5)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index: int, size: int):
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_stretches(index, size)
    with pytest.raises(WrongProof):
        verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_from_nothing_or_backwards(first: int, second: int):
    with pytest.raises(ValueError, match="beginning"):
        consistency_stretches(first, second)
    with pytest.raises(WrongProof):
        verify_consistency(first, second, [], EMPTY_ROOT, LEAVES[0])


def test_a_root_over_a_stretch_needs_complete_subtrees_only():
    assert stretch_root((256, 600), subtree) == recursive_root(LEAVES[256:600])


def decoded(text: Any) -> Any:
    return base64.b64decode(text or "")


def test_others_inclusion_vectors_hold(shared: Path):
    found = sorted((shared / "vectors/merkle/inclusion").rglob("*.json"))
    assert len(found) > 50
    for path in found:
        case = json.loads(path.read_text())
        proof = [decoded(one) for one in case["proof"] or ()]
        arguments = case["leafIdx"], case["treeSize"], decoded(case["leafHash"]), proof, decoded(case["root"])
        assert refused(lambda given=arguments: verify_inclusion(*given)) == case["wantErr"], path


def test_others_consistency_vectors_hold(shared: Path):
    found = sorted((shared / "vectors/merkle/consistency").rglob("*.json"))
    assert len(found) > 50
    for path in found:
        case = json.loads(path.read_text())
        if any(len(decoded(case[name])) != 32 for name in ("root1", "root2")):
            continue  # roots of other lengths, which the vectors use as stand-ins
        proof = [decoded(one) for one in case["proof"] or ()]
        arguments = case["size1"], case["size2"], proof, decoded(case["root1"]), decoded(case["root2"])
        assert refused(lambda given=arguments: verify_consistency(*given)) == case["wantErr"], path


def refused(check: Any) -> bool:
    try:
        check()
    except WrongProof:
        return True
    return False


def test_the_reference_tree_has_our_hashes(shared: Path):
    tree = json.loads((shared / "vectors/merkle/reference_tree.json").read_text())
    edge, row = Frontier(), [leaf_hash(bytes.fromhex(text)) for text in tree["leaf_inputs_hex"]]
    for level in tree["node_hashes_by_level"]:
        assert [one.hex() for one in row] == level
        row = level_up(row) if len(row) > 1 else row
    for size, text in enumerate(tree["leaf_inputs_hex"]):
        assert edge.root().hex() == tree["roots_by_size"][str(size)]
        edge.append(leaf_hash(bytes.fromhex(text)))
    assert edge.root().hex() == tree["roots_by_size"]["8"]
