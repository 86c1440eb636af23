"""The clock's offset is measured or unknown, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.audit import hosttime
from apps.audit.hosttime import NANOSECONDS, UNSYNCHRONISED, is_alarming, read_timex, read_tracking

TRACKING = "A9FEA97B,169.254.169.123,4,1795000000.1,{},0.00001,0.00002,-11.1,0.0,0.02,0.0003,0.0001,64.2,{}"


@pytest.mark.parametrize(
    ("line", "offset"),
    [
        (TRACKING.format("0.000012345", "Normal"), -12),
        (TRACKING.format("-1.5", "Normal"), 1_500_000),
        (TRACKING.format("-1.5", "Not synchronised"), None),
        (TRACKING.format("much", "Normal"), None),
        (TRACKING.format("inf", "Normal"), None),
        ("506 Cannot talk to daemon", None),
        ("", None),
    ],
)
def test_chronys_answer_is_read(line: str, offset: int | None):
    assert read_tracking(line) == offset


@pytest.mark.parametrize(
    ("status", "given", "offset"),
    [
        (UNSYNCHRONISED, 5, None),
        (1, 250, -250),
        (NANOSECONDS | 1, -3_000_000, 3000),
        (NANOSECONDS | UNSYNCHRONISED, 1, None),
    ],
)
def test_the_kernels_answer_is_read(status: int, given: int, offset: int | None):
    assert read_timex(status, given) == offset


@pytest.mark.parametrize(
    ("offset", "alarm"), [(None, False), (0, False), (1_000_000, False), (1_000_001, True), (-1_000_001, True)]
)
def test_more_than_a_second_is_alarming(offset: int | None, alarm: bool):
    assert is_alarming(offset) is alarm


def test_a_chrony_that_fails_or_is_not_there_leaves_it_to_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "chronyc"
    monkeypatch.setenv("PATH", str(tmp_path))
    hosttime.forget()
    assert hosttime.from_chrony() is None
    kernel = hosttime.from_kernel()
    assert hosttime.clock_offset() == kernel
    for script, found in (("exit 1", None), (f"echo '{TRACKING.format('-0.25', 'Normal')}'", 250_000)):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        assert hosttime.from_chrony() == found
    hosttime.forget()
    assert hosttime.clock_offset() == 250_000
    hosttime.forget()
