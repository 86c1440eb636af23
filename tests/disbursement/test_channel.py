"""The folder the bank fetches orders from."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from apps.core.errors import Unavailable
from apps.disbursement import channel


def test_a_file_is_written_whole_for_its_owner_only(outbox: Path):
    written = channel.deliver("a.xml", b"<a/>")
    assert written.read_bytes() == b"<a/>"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
    assert [each.name for each in outbox.iterdir()] == ["a.xml"]


def test_the_same_file_again_is_found_and_left_alone(outbox: Path):
    before = channel.deliver("a.xml", b"<a/>").stat()
    after = channel.deliver("a.xml", b"<a/>").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_file_with_other_bytes_is_never_overwritten(outbox: Path):
    channel.deliver("a.xml", b"<a/>")
    with pytest.raises(channel.OtherFile, match="a person has to look"):
        channel.deliver("a.xml", b"<b/>")
    assert (outbox / "a.xml").read_bytes() == b"<a/>"


def test_what_a_crash_left_half_written_is_replaced(outbox: Path):
    outbox.mkdir()
    (outbox / "a.part").write_bytes(b"<a")
    assert channel.deliver("a.xml", b"<a/>").read_bytes() == b"<a/>"
    assert not (outbox / "a.part").exists()


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path, settings: Any):
    (tmp_path / "file").write_text("no folder")
    settings.LOANFLOW_OUTBOX = tmp_path / "file" / "outbox"
    with pytest.raises(Unavailable, match="cannot be written"):
        channel.deliver("a.xml", b"<a/>")


def test_an_erased_file_leaves_a_mark_and_never_comes_back(outbox: Path):
    channel.deliver("a.xml", b"<a/>")
    for _time in range(2):
        channel.erase("a.xml")
        assert [each.name for each in outbox.iterdir()] == ["a.served"]
    assert (outbox / "a.served").read_bytes() == b""
    channel.deliver("a.xml", b"<a/>")
    assert not (outbox / "a.xml").exists()
    assert channel.names() == []


def test_what_lies_half_written_is_named_and_erased_too(outbox: Path):
    assert channel.names() == []
    channel.erase("b.xml")  # no folder: nothing to do
    channel.deliver("a.xml", b"<a/>")
    (outbox / "b.part").write_bytes(b"<b")
    assert channel.names() == ["a.xml", "b.xml"]
    channel.erase("b.xml")
    assert channel.names() == ["a.xml"]
