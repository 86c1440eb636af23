"""The local key service: wraps, unwraps, wraps anew, and opens nothing that is not what it wrapped."""

from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice import current
from apps.vault.keyservice.base import KeyService, Wrapped
from apps.vault.keyservice.keyfile import keyfile_add_root, keyfile_create
from apps.vault.keyservice.local import LocalFile

MATERIAL, CONTEXT = bytes(range(32)), b"data key 1"
of_one_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def service(key_path: Path) -> KeyService:
    return LocalFile(key_path)


@of_one_file
@given(material=st.binary(max_size=64), context=st.binary(max_size=40))
def test_what_is_wrapped_is_unwrapped(service: KeyService, material: bytes, context: bytes) -> None:
    wrapped = service.wrap(material, context)
    assert service.unwrap(wrapped) == material
    assert wrapped.root_key_id == service.active()
    assert len(material) < 8 or material not in wrapped.blob


def test_every_single_flipped_bit_of_a_wrapped_key_is_refused(service: KeyService) -> None:
    wrapped = service.wrap(MATERIAL, CONTEXT)
    for bit in range(8 * len(wrapped.blob)):
        flipped = bytearray(wrapped.blob)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            service.unwrap(wrapped._replace(blob=bytes(flipped)))


@pytest.mark.parametrize(
    "changes",
    [
        {"context": b"data key 2"},
        {"context": b""},
        {"root_key_id": "0" * 16},
        {"root_key_id": ""},
        {"blob": b""},
        {"blob": bytes(11)},
        {"blob": bytes(60)},
    ],
)
def test_a_wrapped_key_set_elsewhere_is_refused(service: KeyService, changes: dict[str, bytes | str]) -> None:
    with pytest.raises(CannotOpen):
        service.unwrap(service.wrap(MATERIAL, CONTEXT)._replace(**changes))


def test_another_root_key_opens_nothing(service: KeyService, tmp_path: Path) -> None:
    keyfile_create(tmp_path / "other" / "root.json")
    other = LocalFile(tmp_path / "other" / "root.json")
    with pytest.raises(CannotOpen):
        other.unwrap(service.wrap(MATERIAL, CONTEXT))
    assert service.known().isdisjoint(other.known())


def test_many_are_unwrapped_and_the_damaged_ones_named(service: KeyService) -> None:
    good = [service.wrap(bytes([number]) * 32, CONTEXT) for number in range(3)]
    damaged = Wrapped(good[1].root_key_id, good[1].blob[:-1], CONTEXT)
    assert service.unwrap_many([good[0], damaged, good[2]]) == [bytes(32), None, bytes([2]) * 32]
    assert service.unwrap_many([]) == []


def test_a_key_is_wrapped_anew_under_the_new_root_while_the_old_still_opens(key_path: Path) -> None:
    old = LocalFile(key_path).wrap(MATERIAL, CONTEXT)
    root = keyfile_add_root(key_path)
    service = LocalFile(key_path)
    new = service.rewrap(old)
    assert (new.root_key_id, service.active()) == (root, root)
    assert new.root_key_id != old.root_key_id
    assert service.unwrap(new) == service.unwrap(old) == MATERIAL


def test_a_root_key_added_by_another_process_is_found(service: KeyService, key_path: Path) -> None:
    before = service.active()
    root = keyfile_add_root(key_path)
    wrapped = LocalFile(key_path).wrap(MATERIAL, CONTEXT)
    assert wrapped.root_key_id == root != before
    assert service.unwrap(wrapped) == MATERIAL


@pytest.mark.parametrize("call", ["active", "known", "wrap", "unwrap", "unwrap_many", "rewrap"])
def test_without_its_key_file_the_service_is_away_and_makes_none(tmp_path: Path, call: str) -> None:
    path = tmp_path / "keys" / "root.json"
    wrapped = Wrapped("0" * 16, bytes(60), CONTEXT)
    arguments = {"wrap": (MATERIAL, CONTEXT), "unwrap": (wrapped,), "unwrap_many": ([wrapped],), "rewrap": (wrapped,)}
    with pytest.raises(KeysUnavailable):
        getattr(LocalFile(path), call)(*arguments.get(call, ()))
    assert not path.exists()


def test_the_settings_name_the_key_file(key_path: Path) -> None:
    with override_settings(LOANFLOW_KEY_FILE=str(key_path)):
        service = current.key_service()
        assert service.active() == LocalFile(key_path).active()
        assert current.key_service() is service
        current.forget_key_service()
        assert current.key_service() is not service
