"""The chunked stream: round trips at every edge, ranges, and refusal of every cut, swap and flip."""

import io
import os
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.vault import crypto, stream
from apps.vault.crypto import Suite
from apps.vault.errors import CannotOpen
from apps.vault.stream import CHUNK, HEADER_BYTES, SEALED_CHUNK, SealedReader, plain_size, seal_stream

BINDING = b"file 1"
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 17]


def material_of(suite: Suite = Suite.AES_256_GCM) -> bytes:
    return bytes(range(crypto.KEY_BYTES[suite]))


def sealed(plain: bytes, suite: Suite = Suite.AES_256_GCM) -> bytes:
    return b"".join(seal_stream(suite, material_of(suite), [plain], BINDING))


def reader(content: bytes, *, material: bytes | None = None, binding: bytes = BINDING) -> SealedReader:
    return SealedReader(material or material_of(), io.BytesIO(content), len(content), binding)


def opened(content: bytes) -> bytes:
    return b"".join(reader(content).read())


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("suite", Suite)
def test_content_of_any_size_comes_back(suite: Suite, size: int) -> None:
    plain = os.urandom(size)
    content = sealed(plain, suite)
    source = SealedReader(material_of(suite), io.BytesIO(content), len(content), BINDING)
    assert b"".join(source.read()) == plain
    assert source.size == plain_size(len(content)) == size


@given(st.lists(st.binary(max_size=CHUNK // 2), max_size=8))
@settings(max_examples=25)
def test_how_the_pieces_are_cut_makes_no_difference(pieces: list[bytes]) -> None:
    content = b"".join(seal_stream(Suite.AES_256_GCM, material_of(), pieces, BINDING))
    assert opened(content) == b"".join(pieces)


@given(st.integers(0, 3 * CHUNK + 50), st.integers(0, 3 * CHUNK + 50))
@settings(max_examples=40)
def test_a_range_is_a_slice(start: int, stop: int) -> None:
    plain = bytes(range(256)) * (2 * CHUNK // 256) + b"the end"
    assert b"".join(reader(sealed(plain)).read(start, stop)) == plain[start:stop]


@pytest.mark.parametrize("stop", [None, 5, 0, 10**9])
def test_empty_content_has_no_range(stop: int | None) -> None:
    assert b"".join(reader(sealed(b"")).read(0, stop)) == b""


def test_content_is_read_chunk_by_chunk() -> None:
    assert [len(chunk) for chunk in reader(sealed(bytes(2 * CHUNK + 5))).read()] == [CHUNK, CHUNK, 5]


def test_a_range_reads_only_the_chunks_it_needs() -> None:
    content = bytearray(sealed(bytes(3 * CHUNK)))
    content[HEADER_BYTES] ^= 1  # the first chunk is spoiled
    assert b"".join(reader(bytes(content)).read(CHUNK, 2 * CHUNK)) == bytes(CHUNK)


def swap_chunks(content: bytes) -> bytes:
    head, body = content[:HEADER_BYTES], content[HEADER_BYTES:]
    return head + body[SEALED_CHUNK : 2 * SEALED_CHUNK] + body[:SEALED_CHUNK] + body[2 * SEALED_CHUNK :]


TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "cut inside the last chunk": lambda content: content[:-1],
    "last chunk dropped": lambda content: content[: HEADER_BYTES + 2 * SEALED_CHUNK],
    "two chunks dropped": lambda content: content[: HEADER_BYTES + SEALED_CHUNK],
    "first chunk dropped": lambda content: content[:HEADER_BYTES] + content[HEADER_BYTES + SEALED_CHUNK :],
    "chunks swapped": swap_chunks,
    "chunk doubled": lambda content: content[: HEADER_BYTES + SEALED_CHUNK] + content[HEADER_BYTES:],
    "byte added": lambda content: content + b"\0",
    "empty chunk added": lambda content: content + bytes(16),
    "header only": lambda content: content[:HEADER_BYTES],
    "header cut": lambda content: content[:5],
    "nothing": lambda content: b"",
    "other magic": lambda content: b"LFS2" + content[4:],
    "other suite": lambda content: content[:4] + bytes([Suite.AES_256_GCM_SIV]) + content[5:],
    "suite of shorter keys": lambda content: content[:4] + bytes([Suite.SM4_GCM]) + content[5:],
    "unknown suite": lambda content: content[:4] + bytes([9]) + content[5:],
    "other nonce prefix": lambda content: content[:5] + bytes(7) + content[12:],
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampered_content_is_refused(how: str) -> None:
    content = sealed(os.urandom(2 * CHUNK + 100))
    with pytest.raises(CannotOpen):
        opened(TAMPERINGS[how](content))


def test_every_single_flipped_bit_of_a_short_file_is_refused() -> None:
    content = sealed(b"short")
    for bit in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            opened(bytes(flipped))


@given(st.integers(0, 8 * (HEADER_BYTES + 2 * SEALED_CHUNK + 116) - 1))
@settings(max_examples=60)
def test_any_flipped_bit_of_a_long_file_is_refused(bit: int) -> None:
    flipped = bytearray(sealed(bytes(2 * CHUNK + 100)))
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotOpen):
        opened(bytes(flipped))


def test_what_comes_before_a_spoiled_chunk_is_genuine_and_nothing_after_it_is_given() -> None:
    content = bytearray(sealed(b"a" * CHUNK + b"b" * CHUNK + b"c"))
    content[HEADER_BYTES + SEALED_CHUNK] ^= 1
    given_out = reader(bytes(content)).read()
    assert next(given_out) == b"a" * CHUNK
    with pytest.raises(CannotOpen):
        next(given_out)


@pytest.mark.parametrize(("material", "binding"), [(bytes(32), BINDING), (None, b"file 2")])
def test_another_key_or_place_is_refused(material: bytes | None, binding: bytes) -> None:
    with pytest.raises(CannotOpen):
        next(reader(sealed(b"content"), material=material, binding=binding).read())


@pytest.mark.parametrize(
    "size", [0, HEADER_BYTES, HEADER_BYTES + 15, HEADER_BYTES + SEALED_CHUNK + 16, HEADER_BYTES + SEALED_CHUNK + 5]
)
def test_sizes_that_sealing_never_gives_are_refused(size: int) -> None:
    with pytest.raises(CannotOpen):
        plain_size(size)


def test_two_files_of_one_content_differ() -> None:
    assert sealed(b"same") != sealed(b"same")
    assert sealed(b"same")[:4] == stream.MAGIC
