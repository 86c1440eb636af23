"""The log and a witness of its own, over HTTP: heads are cosigned, a roll-back is found out, a witness that is away waits."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from apps.audit import cosigners, notes
from apps.audit.cosigners import witnessed, witnesses
from apps.audit.models import AuditCosignature, AuditEvent, AuditSigningKey
from apps.audit.services import witnessing
from apps.audit.services.signing import sealer_actor
from apps.audit.services.witnessing import log_witness
from apps.audit.signing import verifier_key
from apps.audit.tags import Tag
from apps.audit.verify import verify
from apps.audit.witness.judging import Witness
from apps.audit.witness.serving import Server
from apps.audit.witness.state import State
from tests.audit.factories import branch, locks_off, run
from tests.audit.sealing import newest_head, seal
from tests.audit.stream.receivers import WebServer, listening, make_certificate


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


@pytest.mark.parametrize("size", [0, 1, 10**15])
def test_a_row_that_no_witness_has_signed_silences_nobody(served: Witness, size: int):
    """The application may add rows: under a head that is there, and under one that never was."""
    planted = size or newest_head().pk
    AuditCosignature.objects.create(head=planted, witness="w.example", line="x")
    AuditCosignature.objects.create(head=planted, witness="gone.example", line="\u2014 gone.example AAAAAAAA\n")
    assert ([one.size for one in witnessed()], cosigners.are_late(0)) == ([0], True)
    found = [fault.words for fault in verify().faults if fault.kind == "cosignature"]
    assert any("w.example" in words for words in found)
    assert any("gone.example" in words for words in found) is bool(size)
    branch()
    seal()
    assert witness() == 1
    assert ([one.size for one in witnessed()], cosigners.are_late(0)) == ([newest_head().pk], False)


def test_a_sound_line_of_another_head_vouches_for_nothing(served: Witness):
    witness()
    line = AuditCosignature.objects.get().line
    assert verify().intact
    branch()
    seal()
    AuditCosignature.objects.create(head=newest_head().pk, witness="w.example", line=line)
    assert [one.size for one in witnessed()] == [2]
    assert [fault.kind for fault in verify().faults] == ["cosignature"]


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


class Rogue(socketserver.StreamRequestHandler):
    """Answers what its server is told to; after that it drips a byte now and then until the line is cut."""

    server: RogueServer

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.server.asked += 1
        try:
            self.wfile.write(self.server.answer)
            while self.server.drips:
                self.wfile.write(b"1")
                threading.Event().wait(0.05)
        except OSError:
            self.server.was_cut.set()


class RogueServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    answer, drips, asked = b"", False, 0

    def __init__(self) -> None:
        self.was_cut = threading.Event()
        super().__init__(("127.0.0.1", 0), Rogue)


@contextmanager
def rogue(answer: bytes, *, drips: bool = False) -> Iterator[RogueServer]:
    with RogueServer() as server:
        server.answer, server.drips = answer, drips
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.drips = False
        server.shutdown()


def at(server: RogueServer, key: notes.Key) -> str:
    return f"{key.text()}@http://127.0.0.1:{server.server_address[1]}"


@pytest.mark.parametrize(
    "answer",
    ["\u00b2".encode(), b"9" * 5000, b"\xff", b"0x1", b"-1", b""],
    ids=["power", "long", "raw", "hex", "sign", "none"],
)
def test_a_conflict_that_names_no_size_is_declined_and_the_next_witness_is_asked(
    served: Witness, settings: Any, answer: bytes
):
    other = notes.Key("rogue.example", bytes(32), notes.COSIGNATURE)
    with rogue(b"HTTP/1.0 409 Conflict\r\n\r\n" + answer) as server:
        settings.LOANFLOW_WITNESSES = [at(server, other), *settings.LOANFLOW_WITNESSES]
        assert witness() == 1
    assert server.asked == 1
    assert AuditEvent.objects.get(action=Tag.WITNESS_DECLINED).data["note"]["witness"] == "rogue.example"


def test_a_witness_that_drips_is_cut_off(
    served: Witness, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(witnessing, "PATIENCE", 0.5)
    with rogue(b"HTTP/1.0 200 OK\r\nX: ", drips=True) as server:
        settings.LOANFLOW_WITNESSES = [at(server, served.key)]
        assert witness() == 0
        assert server.was_cut.wait(30)
    assert not AuditCosignature.objects.exists()


def test_a_redirection_is_not_followed(served: Witness, settings: Any):
    with rogue(b"") as target:
        aim = f"http://127.0.0.1:{target.server_address[1]}/secret"
        with rogue(f"HTTP/1.0 302 Found\r\nLocation: {aim}\r\n\r\n".encode()) as server:
            settings.LOANFLOW_WITNESSES = [at(server, served.key)]
            assert witness() == 0
    assert (server.asked, target.asked) == (1, 0)
    assert AuditEvent.objects.get(action=Tag.WITNESS_DECLINED).data["note"]["status"] == 302


def test_a_witness_behind_tls_must_be_who_it_says(
    served: Witness, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    certificate = make_certificate(tmp_path)
    with listening(WebServer(certificate)) as server:
        settings.LOANFLOW_WITNESSES = [f"{served.key.text()}@https://127.0.0.1:{server.port}/in"]
        assert witness() == 0
        assert (server.posts, "is away" in caplog.text) == ([], True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        assert witness() == 0
    [(path, _headers, _body)] = server.posts
    assert path == "/in/add-checkpoint"


def test_what_a_witness_sets_off_ends_nothing(
    served: Witness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(witnessing, "growth_proof", None)  # calling it raises what nobody expects
    witness()
    branch()
    seal()
    assert witness() == 0
    assert "could not be asked" in caplog.text


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
