"""Vault's transit engine over its real protocol: what is asked, and every way in which it can be away."""

import base64
from pathlib import Path
from typing import Any

import pytest

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice import http, pause
from apps.vault.keyservice.transit import BATCH, Transit
from tests.vault.services import Standing, certificate, transit_standing

MATERIAL, CONTEXT = bytes(range(32)), b"data key 1"
pytestmark = pytest.mark.once


@pytest.fixture
def well(standing: Standing) -> Standing:
    standing.become("well")
    return standing


def test_it_speaks_the_recorded_protocol(well: Standing) -> None:
    service, before = well.service(namespace="bank"), len(well.requests())
    wrapped = service.wrap(MATERIAL, CONTEXT)
    service.unwrap(wrapped)
    service.active()
    encrypt, decrypt, read = well.requests()[before:]
    bound, newest = base64.b64encode(CONTEXT).decode(), wrapped.root_key_id.rpartition(":")[2]
    assert (encrypt["method"], encrypt["path"]) == ("POST", "/v1/transit/encrypt/loanflow")
    assert encrypt["body"] == {"plaintext": base64.b64encode(MATERIAL).decode(), "associated_data": bound}
    assert decrypt["path"] == "/v1/transit/decrypt/loanflow"
    [item] = decrypt["body"]["batch_input"]
    assert item == {
        "ciphertext": f"vault:{newest}:{base64.b64encode(wrapped.blob).decode()}",
        "associated_data": bound,
    }
    assert (read["method"], read["path"]) == ("GET", "/v1/transit/keys/loanflow")
    assert {one["headers"]["X-Vault-Namespace"] for one in (encrypt, decrypt, read)} == {"bank"}
    assert {one["headers"]["X-Vault-Token"] for one in (encrypt, decrypt, read)} == {"hvs.stand-in"}


def test_many_keys_are_unwrapped_with_one_request_a_batch(well: Standing) -> None:
    service = well.service()
    wrapped = [service.wrap(MATERIAL, CONTEXT)] * (BATCH + 3)
    before = len(well.requests())
    assert service.unwrap_many(wrapped) == [MATERIAL] * (BATCH + 3)
    assert [len(one["body"]["batch_input"]) for one in well.requests()[before:]] == [BATCH, 3]


def test_an_old_version_that_the_engine_no_longer_allows_opens_nothing(standing: Standing) -> None:
    standing.become("well")
    service = standing.service()
    old = service.wrap(MATERIAL, CONTEXT)
    newest = int(service.renew().rpartition(":v")[2])
    standing.post("/v1/transit/keys/loanflow/config", {"min_decryption_version": newest})
    assert not service.knows(old.root_key_id)
    with pytest.raises(CannotOpen):
        service.unwrap(old)
    standing.post("/v1/transit/keys/loanflow/config", {"min_decryption_version": 1})
    assert service.unwrap(old) == MATERIAL


def test_over_tls_the_certificate_must_be_signed_by_the_authority_that_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    with transit_standing(folder, certificate(tmp_path)) as standing:
        service = standing.service(authority=str(tmp_path / "certificate.pem"))
        assert service.unwrap(service.wrap(MATERIAL, CONTEXT)) == MATERIAL
        with pytest.raises(KeysUnavailable, match="does not answer"):
            standing.service().active()


@pytest.mark.parametrize(("mood", "said"), [("garbled", "makes no sense"), ("rambling", "does not answer")])
def test_an_answer_that_makes_no_sense_is_no_key(well: Standing, mood: str, said: str) -> None:
    wrapped = well.service().wrap(MATERIAL, CONTEXT)
    well.become(mood)
    with pytest.raises(KeysUnavailable, match=said):
        well.service().unwrap(wrapped)
    well.become("well")


@pytest.mark.parametrize("mood", ["sealed", "babbling"])
def test_a_sealed_or_babbling_vault_is_away_and_comes_back(
    well: Standing, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pause, "SECONDS", 0.0)
    service = well.service()
    wrapped = service.wrap(MATERIAL, CONTEXT)
    well.become(mood)
    with pytest.raises(KeysUnavailable, match="refuses: status"):
        service.unwrap_many([wrapped])
    well.become("well")
    assert service.unwrap(wrapped) == MATERIAL


def test_a_vault_that_hangs_is_given_up(well: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", 0.2)
    service = well.service()
    well.become("slow")
    with pytest.raises(KeysUnavailable, match="does not answer"):
        service.active()
    well.become("well")


def test_nobody_at_home_is_away(well: Standing) -> None:
    with pytest.raises(KeysUnavailable, match="does not answer"):
        well.service(url="http://127.0.0.1:1").wrap(MATERIAL, CONTEXT)


def test_a_key_that_is_not_there_is_away(well: Standing) -> None:
    with pytest.raises(KeysUnavailable, match="status 404"):
        well.service(key="another").active()


def a_wrong_token(path: Path) -> None:
    path.write_text("hvs.wrong")


def a_loose_one(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(a_wrong_token, "status 403"), (a_loose_one, "open to other users"), (Path.unlink, "cannot be read")],
)
def test_without_a_good_token_nothing_is_asked(well: Standing, tmp_path: Path, spoil: Any, said: str) -> None:
    tmp_path.chmod(0o700)
    token = tmp_path / "token"
    token.write_text("hvs.stand-in")
    token.chmod(0o600)
    service = well.service(token_file=token)
    wrapped = service.wrap(MATERIAL, CONTEXT)
    spoil(token)
    with pytest.raises(KeysUnavailable, match=said):
        service.unwrap(wrapped)


@pytest.mark.parametrize("url", ["http://vault.example.org:8200", "ftp://127.0.0.1", "127.0.0.1:8200", ""])
def test_keys_never_travel_in_clear(well: Standing, url: str) -> None:
    with pytest.raises(KeysUnavailable, match="must begin with https"):
        well.service(url=url)


def test_an_authority_that_cannot_be_read_is_said(well: Standing, tmp_path: Path) -> None:
    with pytest.raises(KeysUnavailable, match="authority cannot be read"):
        well.service(url="https://localhost:1", authority=str(tmp_path / "none.pem")).active()


def test_settings_that_say_too_little_are_refused(settings: Any) -> None:
    settings.LOANFLOW_TRANSIT = {"url": "", "key": "loanflow", "token_file": ""}
    with pytest.raises(KeysUnavailable, match="Name the address"):
        Transit.from_settings()
