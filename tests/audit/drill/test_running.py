"""The drill finds every attack on both databases, names the first bad record, and leaves the log itself alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit.drill import running
from apps.audit.drill.attempts import REFUSED, SURVIVED
from apps.audit.drill.running import AlreadyBroken, drilled
from apps.audit.drill.scratch import CannotCopy, scratch
from apps.audit.drill.tampering import TAMPERINGS
from apps.audit.models import AuditEvent
from apps.audit.verify import verify
from tests.audit.factories import branch, locks_off, person, run
from tests.audit.sealing import seal

LINE = re.compile(r"(found |MISSED) +[0-9.]+ s  (?P<attack>[^:]+): (?P<words>.*)")


@pytest.fixture
def log(committed_db: str) -> str:
    """A log with some events, half of them sealed."""
    branch()
    person()
    seal()
    branch()
    return committed_db


def test_every_attack_is_found_and_the_log_itself_is_left_alone(log: str, capsys: pytest.CaptureFixture[str]):
    before = list(AuditEvent.objects.values_list("pk", "mac"))
    call_command("audit_drill")
    out = capsys.readouterr().out
    lines = [found for line in out.splitlines() if (found := LINE.fullmatch(line))]
    assert [line["attack"] for line in lines] == [*REFUSED, "disable a trigger", *TAMPERINGS, *SURVIVED]
    assert "MISSED" not in out
    assert f"{len(lines)} of {len(lines)} attacks found, refused or survived." in out
    told = {line["attack"]: line["words"] for line in lines}
    assert all("first bad record: " in told[name] for name in ("edit a body", "delete from the middle", "renumber"))
    assert "vault_keyowner" in told["edit a business row"]
    assert connection.settings_dict["NAME"] == log
    assert list(AuditEvent.objects.values_list("pk", "mac")) == before
    assert verify().intact


def test_an_attack_that_is_missed_is_said_so(log: str, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    monkeypatch.setattr(running, "TAMPERINGS", {"nothing at all": lambda stage: None})
    monkeypatch.setattr(running, "REFUSED", {"ask": lambda stage: run("SELECT 1")})
    monkeypatch.setattr(running, "SURVIVED", {"a failure": lambda stage: False})
    with pytest.raises(SystemExit) as ended:
        call_command("audit_drill")
    out = capsys.readouterr().out
    assert ended.value.code == 1
    assert out.count("MISSED") == 3
    assert "1 of 4 attacks" in out


def test_a_log_that_is_broken_already_is_not_drilled(log: str):
    with locks_off():
        run("UPDATE audit_event SET mac = 'x' WHERE id = (SELECT MIN(id) FROM audit_event)")
    with pytest.raises(CommandError, match="not intact to begin with"):
        call_command("audit_drill")
    with scratch(), pytest.raises(AlreadyBroken):
        list(drilled())


def test_a_database_that_cannot_be_copied_is_said_so(log: str, monkeypatch: pytest.MonkeyPatch):
    def refuse() -> Any:
        raise CannotCopy("somebody is connected")

    monkeypatch.setattr("apps.audit.management.commands.audit_drill.scratch", refuse)
    with pytest.raises(CommandError, match="somebody is connected"):
        call_command("audit_drill")


def test_the_copy_goes_when_the_drill_is_over(log: str):
    with scratch() as name:
        assert connection.settings_dict["NAME"] == name != log
        branch()
        count = AuditEvent.objects.count()
    assert AuditEvent.objects.count() == count - 1
    assert not Path(name).exists()
