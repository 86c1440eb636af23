"""The envelope on its own, without a database: other people's vectors, round trips, and every way of tampering."""

import json
import pickle
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from apps.vault import crypto
from apps.vault.crypto import DataCipher, Suite
from apps.vault.errors import CannotOpen

ROW = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
HERE = crypto.bind("borrowers.borrower", "id_number", ROW)
VECTORS = {
    "aes_gcm_test.json": Suite.AES_256_GCM,
    "sm4_gcm_test.json": Suite.SM4_GCM,
    "aes_gcm_siv_test.json": Suite.AES_256_GCM_SIV,
}
suites = st.sampled_from(list(Suite))


def cipher_of(suite: Suite = Suite.AES_256_GCM) -> DataCipher:
    return DataCipher(crypto.fresh_key_id(), suite, crypto.fresh_material(suite))


def cases(shared: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    document = json.loads((shared / "vectors" / "crypto" / name).read_text())
    for group in document["testGroups"]:
        for case in group["tests"]:
            yield group, case


def survives(suite: Suite, case: dict[str, Any]) -> bool:
    """Tell whether our cipher opens the vector to its message, and seals the message to the vector."""
    key, nonce, aad, message, tag = (bytes.fromhex(case[part]) for part in ("key", "iv", "aad", "msg", "tag"))
    aead = crypto.AEADS[suite](key)
    sealed = bytes.fromhex(case["ct"]) + tag
    try:
        opened = aead.decrypt(nonce, sealed, aad)
    except InvalidTag:
        return False
    return opened == message and aead.encrypt(nonce, message, aad) == sealed


@pytest.mark.parametrize("name", VECTORS)
def test_wycheproof_vectors_with_our_nonce_length_come_out_as_published(shared: Path, name: str) -> None:
    taken = [
        (case["tcId"], survives(VECTORS[name], case), case["result"] == "valid")
        for group, case in cases(shared, name)
        if group["ivSize"] == 8 * crypto.NONCE_BYTES and group["tagSize"] == 8 * crypto.TAG_BYTES
    ]
    assert [tc for tc, ours, theirs in taken if ours != theirs] == []
    assert len(taken) > 60


@pytest.mark.parametrize("bits", [0, 8, 16, 32, 48, 64, 80, 120, 128, 160, 256, 512, 1024, 2056])
@pytest.mark.parametrize("name", ["aes_gcm_test.json", "sm4_gcm_test.json"])
def test_wycheproof_vectors_with_other_nonce_lengths(shared: Path, name: str, bits: int) -> None:
    taken = [case for group, case in cases(shared, name) if group["ivSize"] == bits]
    assert taken
    if not 64 <= bits <= 1024:
        for case in taken:
            with pytest.raises(ValueError, match=r"[Nn]once|vector"):
                survives(VECTORS[name], case)
        pytest.skip(f"the library refuses nonces of {bits} bits on purpose ({len(taken)} vectors)")
    assert [case["tcId"] for case in taken if survives(VECTORS[name], case) != (case["result"] == "valid")] == []


@given(suites, st.binary(max_size=300), st.text(max_size=20), st.text(max_size=20), st.uuids())
def test_what_is_sealed_opens_in_its_place(suite: Suite, plain: bytes, model: str, field: str, row: uuid.UUID) -> None:
    cipher, binding = cipher_of(suite), crypto.bind(model, field, row)
    envelope = crypto.seal(cipher, plain, binding)
    assert crypto.open_sealed(cipher, envelope, binding) == plain
    assert len(envelope) == crypto.HEADER_BYTES + len(plain) + crypto.TAG_BYTES
    assert envelope[:2] == bytes([crypto.VERSION, suite])
    assert crypto.key_id_of(envelope) == cipher.key_id


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("plain", [b"", b"x", "王小明 91370100MA3C4K2K7X".encode()])
def test_every_single_flipped_bit_is_refused(suite: Suite, plain: bytes) -> None:
    cipher = cipher_of(suite)
    envelope = crypto.seal(cipher, plain, HERE)
    accepted = []
    for bit in range(8 * len(envelope)):
        flipped = bytearray(envelope)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            crypto.open_sealed(cipher, bytes(flipped), HERE)
            accepted.append(bit)
        except CannotOpen:
            pass
    assert accepted == []


@given(suites, st.binary(max_size=64), st.data())
def test_every_shortened_or_lengthened_envelope_is_refused(suite: Suite, plain: bytes, data: st.DataObject) -> None:
    cipher = cipher_of(suite)
    envelope = crypto.seal(cipher, plain, HERE)
    cut = data.draw(st.integers(0, len(envelope) - 1))
    for damaged in (envelope[:cut], envelope + envelope[:1]):
        with pytest.raises(CannotOpen):
            crypto.open_sealed(cipher, damaged, HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("borrowers.party", "id_number", ROW),
        ("borrowers.borrower", "phone", ROW),
        ("borrowers.borrower", "id_number", uuid.UUID(int=1)),
        ("borrowers.borrowerid", "_number", ROW),
        ("", "borrowers.borrowerid_number", ROW),
    ],
)
@pytest.mark.parametrize("suite", Suite)
def test_a_value_moved_to_another_place_is_refused(suite: Suite, elsewhere: tuple[str, str, uuid.UUID]) -> None:
    cipher = cipher_of(suite)
    envelope = crypto.seal(cipher, b"secret", HERE)
    with pytest.raises(CannotOpen):
        crypto.open_sealed(cipher, envelope, crypto.bind(*elsewhere))


@pytest.mark.parametrize("suite", Suite)
def test_a_value_under_another_key_is_refused(suite: Suite) -> None:
    first, second = cipher_of(suite), cipher_of(suite)
    envelope = crypto.seal(first, b"secret", HERE)
    same_id = DataCipher(first.key_id, suite, second.material)
    for other in (second, same_id):
        with pytest.raises(CannotOpen):
            crypto.open_sealed(other, envelope, HERE)


def test_an_envelope_does_not_change_suites() -> None:
    gcm = cipher_of(Suite.AES_256_GCM)
    siv = DataCipher(gcm.key_id, Suite.AES_256_GCM_SIV, gcm.material)
    envelope = crypto.seal(gcm, b"secret", HERE)
    for relabelled in (envelope, envelope[:1] + bytes([Suite.AES_256_GCM_SIV]) + envelope[2:]):
        with pytest.raises(CannotOpen):
            crypto.open_sealed(siv, relabelled, HERE)


@given(st.lists(st.binary(max_size=12), max_size=4), st.lists(st.binary(max_size=12), max_size=4))
def test_two_lists_of_parts_never_frame_alike(some: list[bytes], others: list[bytes]) -> None:
    assert (crypto.framed(*some) == crypto.framed(*others)) == (some == others)


def test_sealing_twice_gives_two_envelopes() -> None:
    cipher = cipher_of()
    assert crypto.seal(cipher, b"secret", HERE) != crypto.seal(cipher, b"secret", HERE)


@pytest.mark.parametrize(("key_id", "material"), [(b"short", bytes(32)), (bytes(8), bytes(16)), (bytes(8), b"")])
def test_a_key_of_the_wrong_length_is_refused(key_id: bytes, material: bytes) -> None:
    with pytest.raises(ValueError, match="another length"):
        DataCipher(key_id, Suite.AES_256_GCM, material)


def test_a_key_shows_nothing_of_itself_and_is_not_pickled() -> None:
    cipher = DataCipher(bytes(8), Suite.SM4_GCM, b"sixteen letters!")
    assert repr(cipher) == "<DataCipher 0000000000000000>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(cipher)
