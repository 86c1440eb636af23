"""The log and a witness of its own, over HTTP: heads are cosigned, a roll-back is found out, a witness that is away waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from apps.audit import cosigners, notes
from apps.audit.cosigners import witnessed, witnesses
from apps.audit.models import AuditCosignature, AuditEvent, AuditSigningKey
from apps.audit.services.signing import sealer_actor
from apps.audit.services.witnessing import log_witness
from apps.audit.signing import verifier_key
from apps.audit.tags import Tag
from apps.audit.witness.judging import Witness
from apps.audit.witness.serving import Server
from apps.audit.witness.state import State
from tests.audit.factories import branch, locks_off, run
from tests.audit.sealing import newest_head, seal


def witness() -> int:
    return log_witness(actor=sealer_actor("test"))


@pytest.fixture
def served(committed_db: str, settings: Any, tmp_path: Path) -> Iterator[Witness]:
    branch()
    seal()
    made = Witness("w.example", State(tmp_path / "state"), [verifier_key(AuditSigningKey.objects.get())])
    with Server(("127.0.0.1", 0), made) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.LOANFLOW_WITNESSES = [f"{made.key.text()}@http://127.0.0.1:{server.server_address[1]}/"]
        yield made
        server.shutdown()


def test_every_new_head_is_cosigned_once(served: Witness, capsys: pytest.CaptureFixture[str]):
    assert cosigners.are_late(0)
    assert (witness(), witness()) == (1, 0)
    assert not cosigners.are_late(0)
    for _ in range(3):
        branch()
        seal()
    assert [one.size for one in witnessed()] == [2]
    assert witness() == 1
    assert [(one.name, one.size) for one in witnessed()] == [("w.example", 5)]
    call_command("audit_head")
    note = notes.parse(capsys.readouterr().out)
    assert note.cosigned_at(served.key) is not None
    assert note.signed_by(verifier_key(AuditSigningKey.objects.get()))
    call_command("audit_head", key=True)
    assert capsys.readouterr().out.strip() == verifier_key(AuditSigningKey.objects.get()).text()


def test_a_witness_that_remembers_more_than_we_noted_is_asked_again(served: Witness):
    witness()
    with locks_off():
        run("DELETE FROM audit_cosignature")
    branch()
    seal()
    assert witness() == 1
    assert AuditCosignature.objects.get().head == newest_head().pk


def test_a_log_that_was_rolled_back_is_declined_and_that_is_recorded_once(served: Witness):
    branch()
    seal()
    witness()
    with locks_off():  # back to the first head
        for table, column in (("audit_head", "id"), ("audit_leaf", "id + 1")):
            run(f"DELETE FROM {table} WHERE {column} > 2")
        run("DELETE FROM audit_object WHERE object <> (SELECT MIN(object) FROM audit_object)")
        run("DELETE FROM audit_object_node")
        run("DELETE FROM audit_object")
        run("DELETE FROM audit_cosignature")
    assert witness() == 0
    told = AuditEvent.objects.filter(action=Tag.WITNESS_DECLINED)
    assert [event.data["note"]["answer"] for event in told] == ["3"]
    assert cosigners.are_late(0)
    assert witness() == 0
    assert told.count() == 1


def test_a_witness_that_is_away_holds_nothing_up(served: Witness, settings: Any, caplog: pytest.LogCaptureFixture):
    settings.LOANFLOW_WITNESSES = [f"{served.key.text()}@http://127.0.0.1:9"]
    assert witness() == 0
    assert "is away" in caplog.text
    assert not AuditEvent.objects.filter(action=Tag.WITNESS_DECLINED).exists()


def test_another_witnesss_word_is_not_taken_for_its_own(served: Witness, settings: Any, tmp_path: Path):
    other = Witness("w.example", State(tmp_path / "other"), [])
    settings.LOANFLOW_WITNESSES = [settings.LOANFLOW_WITNESSES[0].replace(served.key.text(), other.key.text())]
    assert witness() == 0
    assert not AuditCosignature.objects.exists()
    assert AuditEvent.objects.filter(action=Tag.WITNESS_DECLINED).count() == 1


@pytest.mark.parametrize("text", ["nonsense", "nonsense@http://x", "{log}@http://x", "{witness}@ftp://x", "{witness}"])
def test_a_setting_that_names_no_witness_is_refused(text: str, settings: Any):
    key = notes.Key("k", bytes(32))
    settings.LOANFLOW_WITNESSES = [text.format(log=key.text(), witness=key._replace(kind=notes.COSIGNATURE).text())]
    with pytest.raises(ImproperlyConfigured):
        witnesses()


def test_without_witnesses_nothing_is_asked_and_nothing_is_late(committed_db: str, settings: Any):
    settings.LOANFLOW_WITNESSES = []
    assert (witness(), witnessed(), cosigners.are_late(0)) == (0, [], False)
    with pytest.raises(CommandError):
        call_command("audit_head")
