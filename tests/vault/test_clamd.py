"""The client of clamd against a scanner behind a real socket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.vault import clamd
from apps.vault.clamd import CHUNK, ScannerUnavailable, scan
from tests.vault.scanner import EICAR, MOST, Scanner, scanning

pytestmark = pytest.mark.once


@pytest.fixture(params=["tcp", "unix"])
def scanner(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[Scanner]:
    with scanning(tmp_path / "clamd.ctl" if request.param == "unix" else None) as (address, server):
        settings.LOANFLOW_CLAMD = address
        yield server


def test_the_whole_content_arrives_however_it_is_cut(scanner: Scanner) -> None:
    content = os.urandom(3 * CHUNK + 17)
    assert scan([content]) == ""
    assert scan([content[:5], b"", content[5:]]) == ""
    assert scan([]) == ""
    assert scanner.seen == [content, content, b""]


def test_what_is_found_is_named(scanner: Scanner) -> None:
    assert scan([b"harmless ", EICAR]) == "Eicar-Test-Signature"


@pytest.mark.parametrize("mood", ["nonsense", "silent", "error"])
def test_an_answer_that_is_no_verdict_takes_nothing_in(scanner: Scanner, mood: str) -> None:
    scanner.mood = mood
    with pytest.raises(ScannerUnavailable, match="was not taken"):
        scan([b"harmless"])


def test_a_content_that_the_scanner_finds_too_large_is_not_taken(scanner: Scanner) -> None:
    with pytest.raises(ScannerUnavailable, match="was not taken"):
        scan(bytes(MOST) for _ in range(3))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:/no/such/socket"])
def test_nobody_at_home_takes_nothing_in(settings: Any, address: str) -> None:
    settings.LOANFLOW_CLAMD = address
    with pytest.raises(ScannerUnavailable, match="does not answer"):
        scan([b"harmless"])


def test_without_a_scanner_nothing_is_scanned(settings: Any) -> None:
    settings.LOANFLOW_CLAMD = ""
    assert not clamd.is_configured()
    assert scan([EICAR]) == ""
