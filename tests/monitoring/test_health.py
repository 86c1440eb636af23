"""/healthz answers for every part, and says no more than which one is not well."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.monitoring import beats, health
from apps.vault.keyservice.current import forget_key_service

PARTS = {"database", "keys", "journal", "worker", "sealing", "witnesses", "timestamps", "clock", "rows", "stream"}


def raising() -> bool:
    raise RuntimeError("secret place")


@pytest.fixture
def all_well(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.LOANFLOW_JOURNAL = tmp_path
    beats.beat("w1")


@pytest.mark.django_db
def test_everything_well_is_200_without_signing_in(client: Client, all_well: None) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, dict.fromkeys(PARTS, "ok"))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.parametrize("probe", [lambda: False, raising])
def test_one_part_unwell_is_503_and_named(
    client: Client, all_well: None, monkeypatch: pytest.MonkeyPatch, part: str, probe: Callable[[], bool]
) -> None:
    monkeypatch.setitem(health.PROBES, part, probe)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {**dict.fromkeys(PARTS, "ok"), part: "failed"}
    assert "secret place" not in response.content.decode()


@pytest.mark.django_db
def test_no_worker_is_unwell(client: Client) -> None:
    assert client.get("/healthz").json()["worker"] == "failed"


@pytest.mark.django_db
def test_missing_key_file_is_unwell(client: Client, all_well: None, settings: Any, tmp_path: Path) -> None:
    settings.LOANFLOW_KEY_FILE = tmp_path / "gone.json"
    forget_key_service()
    assert client.get("/healthz").json()["keys"] == "failed"


@pytest.mark.django_db
def test_journal_that_cannot_be_written_is_unwell(
    client: Client, all_well: None, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.LOANFLOW_JOURNAL = tmp_path / "file"
    assert client.get("/healthz").json()["journal"] == "failed"


@pytest.mark.django_db
def test_health_is_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
