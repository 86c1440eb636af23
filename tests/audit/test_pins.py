"""Heads are pinned once an hour, one after another, and read back as they were."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.models import AuditHead
from apps.audit.pins import EVERY, pin_head, pin_path, pinned

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def row(size: int, at: dt.datetime) -> AuditHead:
    text = Head("loanflow/x", size, b"r" * 32, b"m" * 32, b"n" * 32, at).text()
    return AuditHead(pk=size, note=notes.written(text, ["\u2014 loanflow/x AAAAAAAA\n"]), at=at)


def test_nowhere_is_nowhere(settings: Any):
    settings.LOANFLOW_PIN = ""
    assert pin_path() is None
    assert not pin_head(row(1, NOON))


def test_one_head_an_hour_is_appended(settings: Any, tmp_path: Path):
    settings.LOANFLOW_PIN = tmp_path / "there" / "pins"
    path = pin_path()
    assert path is not None
    done = [pin_head(row(size, NOON + size * EVERY / 4)) for size in range(10)]
    assert done == [True, False, False, False, True, False, False, False, True, False]
    assert pin_head(row(10, NOON + 2.5 * EVERY), at_once=True)
    assert [Head.parsed(note.text).size for note in pinned(path)] == [0, 4, 8, 10]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["nonsense", "nonsense\n\nmore\n"])
def test_what_cannot_be_pinned_is_logged(settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str):
    settings.LOANFLOW_PIN = tmp_path / "pins"
    (tmp_path / "pins").write_text(content)
    assert not pin_head(row(1, NOON))
    assert "could not be pinned" in caplog.text
    assert (tmp_path / "pins").read_text() == content


def test_an_empty_file_holds_no_pins(tmp_path: Path):
    (tmp_path / "pins").write_text("")
    assert pinned(tmp_path / "pins") == []
