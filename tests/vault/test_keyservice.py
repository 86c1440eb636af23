"""Every key service: wraps, unwraps, wraps anew, and opens nothing that is not what it wrapped."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.vault.checks import startup_check
from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyring import keyring
from apps.vault.keyservice import current
from apps.vault.keyservice.base import KeyService, Wrapped
from apps.vault.keyservice.keyfile import keyfile_add_root, keyfile_create
from apps.vault.keyservice.local import LocalFile
from tests.vault.factories import ID_NUMBER, again, specimen
from tests.vault.services import Standing, kms_key, kms_service

MATERIAL, CONTEXT = bytes(range(32)), b"data key 1"
of_one_file = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["file", "transit", "kms"])
def service(request: pytest.FixtureRequest) -> KeyService:
    """Each of the three, against a server that runs."""
    if request.param == "file":
        return LocalFile(request.getfixturevalue("key_path"))
    if request.param == "transit":
        standing: Standing = request.getfixturevalue("standing")
        standing.become("well")
        return standing.service()
    url = request.getfixturevalue("kms_url")
    return kms_service(url, kms_key(url))


@of_one_file
@given(material=st.binary(min_size=1, max_size=64), context=st.binary(max_size=40))
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
    with pytest.raises(CannotOpen):
        service.unwrap(other.wrap(MATERIAL, CONTEXT))
    known = [
        [one.knows(root) for root in (service.active(), other.active(), "loanflow:v99", "")] for one in (service, other)
    ]
    assert known == [[True, False, False, False], [False, True, False, False]]
    assert service.place != other.place


def test_many_are_unwrapped_and_the_damaged_ones_named(service: KeyService) -> None:
    good = [service.wrap(bytes([number]) * 32, CONTEXT) for number in range(3)]
    damaged = Wrapped(good[1].root_key_id, good[1].blob[:-1], CONTEXT)
    assert service.unwrap_many([good[0], damaged, good[2]]) == [bytes(32), None, bytes([2]) * 32]
    assert service.unwrap_many([]) == []


@pytest.mark.parametrize("kind", ["file", "transit"])
def test_a_root_key_is_renewed_where_the_service_makes_them(request: pytest.FixtureRequest, kind: str) -> None:
    service: KeyService = (
        LocalFile(request.getfixturevalue("key_path"))
        if kind == "file"
        else request.getfixturevalue("standing").service()
    )
    old = service.wrap(MATERIAL, CONTEXT)
    root = service.renew()
    new = service.rewrap(old)
    assert old.root_key_id != root == service.active() == new.root_key_id
    assert [service.unwrap(one) for one in (old, new)] == [MATERIAL] * 2
    assert service.knows(old.root_key_id)


def test_a_root_key_of_kms_is_renewed_by_naming_another(kms_url: str) -> None:
    old = kms_service(kms_url, kms_key(kms_url))
    new = kms_service(kms_url, kms_key(kms_url))
    wrapped = old.wrap(MATERIAL, CONTEXT)
    moved = new.rewrap(wrapped)
    assert moved.root_key_id == new.active() == new.renew() != wrapped.root_key_id
    assert new.unwrap(moved) == new.unwrap(wrapped) == MATERIAL


def test_a_key_is_wrapped_anew_under_the_new_root_while_the_old_still_opens(key_path: Path) -> None:
    old = LocalFile(key_path).wrap(MATERIAL, CONTEXT)
    root = keyfile_add_root(key_path)
    service = LocalFile(key_path)
    new = service.rewrap(old)
    assert (new.root_key_id, service.active()) == (root, root)
    assert new.root_key_id != old.root_key_id
    assert service.unwrap(new) == service.unwrap(old) == MATERIAL


def test_a_root_key_added_by_another_process_is_found(key_path: Path) -> None:
    service = LocalFile(key_path)
    before = service.active()
    root = keyfile_add_root(key_path)
    wrapped = LocalFile(key_path).wrap(MATERIAL, CONTEXT)
    assert wrapped.root_key_id == root != before
    assert service.unwrap(wrapped) == MATERIAL


@pytest.mark.parametrize("call", ["active", "knows", "renew", "wrap", "unwrap", "unwrap_many", "rewrap"])
def test_without_its_key_file_the_service_is_away_and_makes_none(tmp_path: Path, call: str) -> None:
    path = tmp_path / "keys" / "root.json"
    wrapped = Wrapped("0" * 16, bytes(60), CONTEXT)
    arguments = {
        "wrap": (MATERIAL, CONTEXT),
        "unwrap": (wrapped,),
        "unwrap_many": ([wrapped],),
        "rewrap": (wrapped,),
        "knows": ("0",),
    }
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


def test_the_settings_name_another_service(standing: Standing, settings: Any) -> None:
    standing.become("well")
    settings.LOANFLOW_KEY_SERVICE = "transit"
    settings.LOANFLOW_TRANSIT = {
        "url": standing.url, "key": "loanflow", "token_file": str(standing.token_file), "mount": "transit", "namespace": "",
        "authority": "",
    }  # fmt: skip
    current.forget_key_service()
    assert current.key_service().active().startswith("loanflow:v")
    assert current.key_service() is current.key_service()
    current.forget_key_service()


def test_a_service_without_its_packages_says_so(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LOANFLOW_KEY_SERVICE = "kms"
    monkeypatch.setitem(current.REMOTE, "kms", "apps.vault.keyservice.not_installed.Kms")
    with pytest.raises(KeysUnavailable, match="packages that are not installed"):
        current.key_service()


@pytest.mark.parametrize("kind", ["transit", "kms"])
def test_a_whole_installation_lives_on_a_remote_service_and_fails_closed(
    kind: str, request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "transit":
        standing: Standing = request.getfixturevalue("standing")
        standing.become("well")
        service: Any = standing.service()
    else:
        url = request.getfixturevalue("kms_url")
        service = kms_service(url, kms_key(url))
    for module in ("owners", "rotation"):
        monkeypatch.setattr(f"apps.vault.services.{module}.key_service", lambda: service)
    monkeypatch.setattr("apps.vault.models.keys.key_service", lambda: service)
    monkeypatch.setattr("apps.vault.checks.key_service", lambda: service)
    row = specimen()
    keyring.clear()
    assert again(row).id_number.reveal() == ID_NUMBER
    startup_check()
    keyring.clear()
    away = standing.service(url="http://127.0.0.1:1") if kind == "transit" else kms_service("http://127.0.0.1:1", "key")
    monkeypatch.setattr("apps.vault.models.keys.key_service", lambda: away)
    monkeypatch.setattr("apps.vault.checks.key_service", lambda: away)
    held = again(row)
    assert [str(held.id_number), str(held.name)] == ["••••"] * 2
    with pytest.raises(KeysUnavailable):
        held.id_number.reveal()
    with pytest.raises(KeysUnavailable):
        startup_check()
    held.name = "somebody else"
    with pytest.raises(KeysUnavailable), transaction.atomic():
        held.save()
    monkeypatch.setattr("apps.vault.models.keys.key_service", lambda: service)
    assert again(row).name.reveal() == "王小明"
