"""AWS KMS through its own client against a server that runs: who may, what is bound, and when it is away."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice import pause
from apps.vault.keyservice.kms import Kms
from tests.vault.services import REGION, kms_key, kms_service

MATERIAL, CONTEXT = bytes(range(32)), b"data key 1"
pytestmark = pytest.mark.once


def test_the_context_is_the_encryption_context(kms_url: str) -> None:
    service = kms_service(kms_url, kms_key(kms_url))
    wrapped = service.wrap(MATERIAL, CONTEXT)
    opened = service._client.decrypt(CiphertextBlob=wrapped.blob, EncryptionContext={"loanflow": CONTEXT.hex()})
    assert opened["Plaintext"] == MATERIAL
    with pytest.raises(ClientError):
        service._client.decrypt(CiphertextBlob=wrapped.blob)


def test_a_key_that_is_named_by_its_whole_address_has_its_bare_id_in_the_database(kms_url: str) -> None:
    bare = kms_key(kms_url)
    arn = kms_service(kms_url, bare)._client.describe_key(KeyId=bare)["KeyMetadata"]["Arn"]
    service = kms_service(kms_url, arn)
    wrapped = service.wrap(MATERIAL, CONTEXT)
    assert (wrapped.root_key_id, service.unwrap(wrapped)) == (bare, MATERIAL)
    assert service.rewrap(wrapped).root_key_id == bare
    assert service.knows(bare)


def test_a_disabled_key_is_away_and_not_known(kms_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause, "SECONDS", 0.0)
    service = kms_service(kms_url, key := kms_key(kms_url))
    service._client.disable_key(KeyId=key)
    assert not service.knows(key)
    service._client.enable_key(KeyId=key)
    assert service.knows(key)


def test_a_damaged_key_among_good_ones_spoils_no_other(kms_url: str) -> None:
    service = kms_service(kms_url, kms_key(kms_url))
    good = service.wrap(MATERIAL, CONTEXT)
    damaged = good._replace(blob=b"\0" + good.blob[1:])
    assert service.unwrap_many([good, damaged, good]) == [MATERIAL, None, MATERIAL]


def test_who_may_decrypt_nothing_is_told_that_the_service_refuses(
    kms_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = kms_service(kms_url, kms_key(kms_url))
    wrapped = service.wrap(MATERIAL, CONTEXT)

    def denied(**_asked: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Decrypt")

    monkeypatch.setattr(service._client, "decrypt", denied)
    with pytest.raises(KeysUnavailable, match="AccessDeniedException"):
        service.unwrap(wrapped)


@pytest.mark.parametrize("call", ["active", "wrap", "unwrap", "rewrap", "knows"])
def test_nobody_at_home_is_away(kms_url: str, call: str) -> None:
    wrapped = kms_service(kms_url, kms_key(kms_url)).wrap(MATERIAL, CONTEXT)
    away = Kms("key", region=REGION, endpoint="http://127.0.0.1:1")
    arguments: dict[str, tuple[Any, ...]] = {"wrap": (MATERIAL, CONTEXT), "knows": ("key",)}
    with pytest.raises(KeysUnavailable, match="does not answer"):
        getattr(away, call)(*arguments.get(call, () if call == "active" else (wrapped,)))


@pytest.mark.parametrize("changes", [{"root_key_id": ""}, {"blob": b""}])
def test_what_the_client_itself_refuses_cannot_be_opened(kms_url: str, changes: dict[str, Any]) -> None:
    service = kms_service(kms_url, kms_key(kms_url))
    with pytest.raises(CannotOpen):
        service.unwrap(service.wrap(MATERIAL, CONTEXT)._replace(**changes))


def test_settings_that_say_too_little_are_refused(settings: Any) -> None:
    settings.LOANFLOW_KMS = {"key": "", "region": "", "endpoint": ""}
    with pytest.raises(KeysUnavailable, match="Name the KMS key"):
        Kms.from_settings()


def test_the_settings_name_key_region_and_address(kms_url: str, settings: Any) -> None:
    settings.LOANFLOW_KMS = {"key": kms_key(kms_url), "region": REGION, "endpoint": kms_url}
    service = Kms.from_settings()
    assert service.unwrap(service.wrap(MATERIAL, CONTEXT)) == MATERIAL
    assert service.place == kms_url


@pytest.mark.parametrize("endpoint", ["http://kms.example.org", "http://10.0.0.7:4566"])
def test_keys_travel_in_the_clear_to_no_other_machine(endpoint: str) -> None:
    with pytest.raises(KeysUnavailable, match="https"):
        Kms("alias/loanflow", region="eu-west-1", endpoint=endpoint)
