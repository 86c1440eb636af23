"""The ring of unwrapped keys: comes in batches, is bounded, lapses, and never says more than it may."""

import pickle
from typing import Any

import pytest
from django.db import models

from apps.vault import crypto
from apps.vault.crypto import DataCipher, Suite
from apps.vault.errors import CannotOpen, Forgotten, KeysUnavailable
from apps.vault.keyring import BATCH, Keyring
from apps.vault.keyservice import current
from apps.vault.models import DataKey, KeyOwner
from apps.vault.services import owner_create, owner_forget
from tests.vault.factories import ACTOR, borrower_owner, deed


def cipher_of() -> DataCipher:
    return DataCipher(crypto.fresh_key_id(), Suite.AES_256_GCM, crypto.fresh_material(Suite.AES_256_GCM))


def ids_of(*owners: KeyOwner) -> list[bytes]:
    return [bytes.fromhex(key.key_id) for owner in owners for key in owner.keys.all()]


@pytest.fixture
def owners(db: None) -> list[KeyOwner]:
    return [owner_create(kind="borrower") for _ in range(5)]


def change(key_id: bytes, **values: Any) -> None:
    DataKey._base_manager.filter(key_id=key_id.hex()).update(**values)


def test_a_key_is_fetched_once(owners: list[KeyOwner], django_assert_num_queries: Any) -> None:
    ring, [key_id] = Keyring(), ids_of(owners[0])
    with django_assert_num_queries(1):
        assert ring.cipher(key_id) is ring.cipher(key_id)
    assert ring.cipher(key_id).material == owners[0].active_cipher().material


def test_noted_keys_come_with_the_first_that_is_asked_for(
    owners: list[KeyOwner], django_assert_num_queries: Any
) -> None:
    ring, key_ids = Keyring(), ids_of(*owners)
    for key_id in key_ids:
        ring.note(b".." + key_id)
    with django_assert_num_queries(1):
        assert [ring.cipher(key_id).key_id for key_id in key_ids] == key_ids


def test_warming_fetches_ahead_and_only_what_is_missing(owners: list[KeyOwner], django_assert_num_queries: Any) -> None:
    ring, key_ids = Keyring(), ids_of(*owners)
    with django_assert_num_queries(1):
        ring.warm(key_ids)
    with django_assert_num_queries(0):
        ring.warm(key_ids)
        assert [ring.cipher(key_id).key_id for key_id in key_ids] == key_ids


def test_no_more_is_noted_than_one_batch(owners: list[KeyOwner], django_assert_num_queries: Any) -> None:
    ring, [key_id] = Keyring(), ids_of(owners[0])
    ring.note(b".." + key_id)
    for number in range(BATCH + 1):
        ring.note(b"" if number == 7 else b".." + crypto.fresh_key_id())
    with django_assert_num_queries(1):
        ring.cipher(key_id)
    assert len(ring) == 1


def test_the_ring_holds_no_more_than_its_limit() -> None:
    ring = Keyring(limit=3)
    ciphers = [cipher_of() for _ in range(5)]
    for cipher in ciphers:
        ring.put(cipher)
    assert len(ring) == 3
    assert [ring.cipher(cipher.key_id) for cipher in ciphers[2:]] == ciphers[2:]


def test_a_ring_smaller_than_a_batch_still_opens(owners: list[KeyOwner]) -> None:
    ring, key_ids = Keyring(limit=1), ids_of(*owners)
    for key_id in key_ids:
        ring.note(b".." + key_id)
    assert [ring.cipher(key_id).key_id for key_id in key_ids] == key_ids


def test_keys_lapse_together_and_come_back_in_a_batch(
    owners: list[KeyOwner], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    moment = 1000.0
    monkeypatch.setattr("apps.vault.keyring.monotonic", lambda: moment)
    ring = Keyring(lifetime=300)
    ring.warm(ids_of(*owners))
    first, *others = ids_of(*owners)
    moment = 1299.9
    ring.note(b".." + first)
    assert ring.cipher(first).key_id == first
    assert len(ring) == 5
    moment = 1300.0
    ring.note(b".." + others[0])
    with django_assert_num_queries(1):
        assert ring.cipher(first).key_id == first
    assert len(ring) == 2


def test_a_dropped_key_is_fetched_again(owners: list[KeyOwner], django_assert_num_queries: Any) -> None:
    ring, [key_id] = Keyring(), ids_of(owners[0])
    ring.cipher(key_id)
    ring.drop(key_id)
    ring.drop(key_id)
    with django_assert_num_queries(1):
        ring.cipher(key_id)


def test_an_unknown_key_cannot_be_opened(db: None) -> None:
    with pytest.raises(CannotOpen) as refusal:
        Keyring().cipher(crypto.fresh_key_id())
    assert not isinstance(refusal.value, Forgotten)


def test_a_destroyed_key_says_so(owners: list[KeyOwner]) -> None:
    [key_id] = ids_of(owners[0])
    change(key_id, wrapped=b"", destroyed_at=models.F("created_at"))
    with pytest.raises(Forgotten):
        Keyring().cipher(key_id)


def test_a_key_that_is_destroyed_for_good_is_asked_for_once(
    committed_rows: str, django_assert_num_queries: Any
) -> None:
    with deed():
        owner = borrower_owner()
    [key_id], ring = ids_of(owner), Keyring()
    with deed():
        owner_forget(actor=ACTOR, owner=owner)
        with pytest.raises(Forgotten):
            ring.cipher(key_id)
    for queries in (2, 0):
        with django_assert_num_queries(queries), pytest.raises(Forgotten):
            ring.cipher(key_id)
    ring.clear()
    with django_assert_num_queries(2), pytest.raises(Forgotten):
        ring.cipher(key_id)


@pytest.mark.parametrize(
    "values", [{"wrapped": bytes(60)}, {"wrapped": b""}, {"root_key_id": "f" * 16}, {"use": "index"}]
)
def test_a_damaged_key_is_refused_and_spoils_no_other(owners: list[KeyOwner], values: dict[str, Any]) -> None:
    ring, [bad, good] = Keyring(), ids_of(*owners[:2])
    change(bad, **values)
    ring.note(b".." + bad)
    assert ring.cipher(good).key_id == good
    with pytest.raises(CannotOpen):
        ring.cipher(bad)


def test_a_wrapped_key_moved_to_another_row_is_refused(owners: list[KeyOwner]) -> None:
    one, other = ids_of(*owners[:2])
    change(other, wrapped=DataKey.objects.get(key_id=one.hex()).wrapped)
    with pytest.raises(CannotOpen):
        Keyring().cipher(other)


def test_a_key_given_to_another_owner_is_refused(owners: list[KeyOwner]) -> None:
    [key_id] = ids_of(owners[0])
    stranger = KeyOwner.objects.create(kind="borrower")
    change(key_id, owner=stranger)
    with pytest.raises(CannotOpen):
        Keyring().cipher(key_id)


def test_a_key_under_another_suite_number_is_refused(owners: list[KeyOwner]) -> None:
    [key_id] = ids_of(owners[0])
    change(key_id, suite=Suite.AES_256_GCM_SIV)
    with pytest.raises(CannotOpen):
        Keyring().cipher(key_id)


def test_without_the_key_service_nothing_is_fetched(owners: list[KeyOwner], settings: Any, tmp_path: Any) -> None:
    settings.LOANFLOW_KEY_FILE = tmp_path / "keys" / "root.json"
    current.forget_key_service()
    with pytest.raises(KeysUnavailable):
        Keyring().cipher(ids_of(owners[0])[0])


def test_the_ring_is_not_pickled() -> None:
    ring = Keyring()
    ring.put(cipher_of())
    with pytest.raises(TypeError):
        pickle.dumps(ring)
