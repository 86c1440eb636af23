"""``manage.py audit_seal``: says what it did, and fails where something could not be sealed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import AuditHead, AuditSigningKey
from tests.audit.factories import branch, locks_off, newest, run
from tests.audit.sealing import newest_head


def sealed(capsys: pytest.CaptureFixture[str], code: int, **options: Any) -> str:
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_seal", **options)
    assert stopped.value.code == code
    out = capsys.readouterr()
    return out.out + out.err


def test_it_seals_rotates_and_refuses(committed_db: str, capsys: pytest.CaptureFixture[str]):
    branch()
    assert "2 events sealed, 2 in all." in sealed(capsys, 0)
    assert "0 events sealed, 2 in all." in sealed(capsys, 0)
    words = sealed(capsys, 0, rotate_key=True)
    assert "New signing key" in words
    assert "1 events sealed, 3 in all." in words
    assert AuditSigningKey.objects.count() == 2
    branch()
    with locks_off():
        run("UPDATE audit_event SET mac = %s WHERE id = %s", ("0" * 64, newest().pk))
    assert f"events [{newest().pk}]" in sealed(capsys, 1)
    with locks_off():
        run("UPDATE audit_head SET root = map_root WHERE id = %s", (newest_head().pk,))
    branch()
    with pytest.raises(CommandError, match="Nothing was sealed"):
        call_command("audit_seal")


def test_it_goes_on_when_asked_to(committed_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.LOANFLOW_SEAL_INTERVAL = 0.5
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt
        branch()

    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        call_command("audit_seal", loop=True)
    assert slept == [0.5] * 3
    assert AuditHead.objects.count() == 3
