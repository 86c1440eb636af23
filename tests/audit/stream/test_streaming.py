"""Every sealed event reaches the receiver in order, whatever happens to receiver, network or sender."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.audit.models import AuditEvent, AuditLeaf, AuditStream
from apps.audit.services.streaming import log_stream
from apps.audit.stream import destination as destinations
from apps.audit.stream.destination import Destination, parsed
from apps.audit.stream.due import due_from
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.monitoring import streamer
from apps.monitoring.streamer import Streamer, streaming_on_time
from tests.audit.factories import branch, locks_off, run
from tests.audit.sealing import seal
from tests.audit.stream.receivers import Certificate, SyslogServer, WebServer, listening, make_certificate

ACTOR = Actor.system("streamer", channel="test")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for all receivers of the module."""
    return make_certificate(tmp_path_factory.mktemp("siem"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second for a receiver instead of ten."""
    send = Destination.send
    monkeypatch.setattr(Destination, "send", lambda self, batch: send(self, batch, timeout=1.0))


@pytest.fixture
def syslog(certificate: Certificate) -> Iterator[SyslogServer]:
    with listening(SyslogServer(certificate)) as server:
        yield server


@pytest.fixture
def web(certificate: Certificate) -> Iterator[WebServer]:
    with listening(WebServer(certificate)) as server:
        yield server


def to_syslog(server: SyslogServer, certificate: Certificate, form: str = "ocsf") -> Destination:
    return parsed(f"syslog+tls://127.0.0.1:{server.port}?format={form}&ca={certificate.file}")


def to_web(server: WebServer, certificate: Certificate, more: str = "") -> Destination:
    return parsed(f"https://127.0.0.1:{server.port}/in?ca={certificate.file}{more}")


def sealed(count: int) -> list[int]:
    """Make events and seal them; returns the numbers of all leaves."""
    for _event in range(count):
        branch()
    seal()
    return list(AuditLeaf.objects.order_by("pk").values_list("pk", flat=True))


def leaves_in(messages: list[bytes]) -> list[int]:
    return [json.loads(message[message.index(b"{") :])["metadata"]["sequence"] for message in messages]


def test_a_tls_syslog_receiver_gets_every_leaf_once_in_order(
    committed_db: str, syslog: SyslogServer, certificate: Certificate
) -> None:
    leaves = sealed(7)
    to = to_syslog(syslog, certificate)
    assert log_stream(actor=ACTOR, to=to, batch=3) == len(leaves)
    assert leaves_in(syslog.messages) == leaves
    assert syslog.messages[0].startswith(b"<110>1 20")
    assert log_stream(actor=ACTOR, to=to) == 0
    more = sealed(2)
    assert log_stream(actor=ACTOR, to=to) == len(more) - len(leaves)
    assert leaves_in(syslog.messages) == more
    stream = AuditStream.objects.get()
    assert (stream.leaf, stream.failing_since, stream.holder) == (len(more), None, "")
    assert str(stream) == f"stream up to leaf {len(more)}"


def test_cef_goes_over_syslog_as_well(committed_db: str, syslog: SyslogServer, certificate: Certificate) -> None:
    leaves = sealed(2)
    log_stream(actor=ACTOR, to=to_syslog(syslog, certificate, "cef"))
    assert len(syslog.messages) == len(leaves)
    assert all(b" CEF:0|LoanFlow|LoanFlow|" in message for message in syslog.messages)


def test_a_webhook_gets_lines_with_its_token(
    committed_db: str, web: WebServer, certificate: Certificate, tmp_path: Path
) -> None:
    leaves = sealed(4)
    (tmp_path / "token").write_text("letmein\n")
    assert log_stream(actor=ACTOR, to=to_web(web, certificate, f"&token={tmp_path / 'token'}"), batch=2) == len(leaves)
    assert [line["metadata"]["sequence"] for line in web.lines()] == leaves
    path, headers, _body = web.posts[0]
    assert (path, headers["Authorization"], headers["X-LoanFlow-Leaves"]) == ("/in", "Bearer letmein", "0-1")


@pytest.mark.parametrize("mood", ["rude", "silent"])
def test_a_receiver_that_does_not_receive_loses_nothing(
    committed_db: str, syslog: SyslogServer, certificate: Certificate, mood: str
) -> None:
    leaves, to = sealed(3), to_syslog(syslog, certificate)
    syslog.mood = mood
    assert (log_stream(actor=ACTOR, to=to), log_stream(actor=ACTOR, to=to)) == (0, 0)
    [told] = AuditEvent.objects.filter(action=Tag.JOB_FAILED)  # once, however often it is tried
    assert told.data["note"]["leaf"] == 0
    stream = AuditStream.objects.get()
    assert (stream.leaf, stream.failing_since is None, stream.problem != "") == (0, False, True)
    syslog.mood = "well"
    seal()
    assert log_stream(actor=ACTOR, to=to) == len(leaves) + 1
    assert leaves_in(syslog.messages) == [*leaves, len(leaves)]
    assert AuditStream.objects.get().failing_since is None


def test_a_receiver_that_closes_without_a_word_has_received(
    committed_db: str, syslog: SyslogServer, certificate: Certificate
) -> None:
    leaves = sealed(2)
    syslog.mood = "curt"
    assert log_stream(actor=ACTOR, to=to_syslog(syslog, certificate)) == len(leaves)


def test_a_receiver_that_is_not_there_or_not_who_it_says_gets_nothing(
    committed_db: str, syslog: SyslogServer, certificate: Certificate
) -> None:
    sealed(1)
    assert log_stream(actor=ACTOR, to=parsed("syslog+tls://127.0.0.1:1")) == 0
    assert log_stream(actor=ACTOR, to=parsed(f"syslog+tls://127.0.0.1:{syslog.port}")) == 0  # nobody vouches for it
    assert syslog.messages == []
    problems = set(AuditStream.objects.values_list("problem", flat=True))
    assert problems == {"ConnectionRefusedError", "SSLCertVerificationError"}


@pytest.mark.parametrize("status", [301, 400, 500, 503])
def test_a_webhook_that_answers_otherwise_gets_the_same_again(
    committed_db: str, web: WebServer, certificate: Certificate, status: int
) -> None:
    leaves, to = sealed(2), to_web(web, certificate)
    web.status = status
    assert log_stream(actor=ACTOR, to=to) == 0
    web.status = 200
    assert log_stream(actor=ACTOR, to=to) == len(leaves)
    assert [line["metadata"]["sequence"] for line in web.lines()] == leaves * 2  # at least once


def test_a_sender_that_dies_after_sending_sends_again_and_skips_nothing(
    committed_db: str, web: WebServer, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves, to, send = sealed(4), to_web(web, certificate), Destination.send

    class Killed(BaseException):
        pass

    def die_after(self: Destination, batch: Any) -> None:
        send(self, batch)
        if batch[0].leaf == 2:
            raise Killed

    monkeypatch.setattr(Destination, "send", die_after)
    with pytest.raises(Killed):
        log_stream(actor=ACTOR, to=to, batch=2)
    monkeypatch.setattr(Destination, "send", send)
    log_stream(actor=ACTOR, to=to, batch=2)
    got = [line["metadata"]["sequence"] for line in web.lines()]
    assert sorted(set(got)) == leaves
    assert got[2:4] == got[4:6]


def test_while_one_sends_another_does_not_and_a_dead_ones_lease_ends(
    committed_db: str, web: WebServer, certificate: Certificate
) -> None:
    leaves, to = sealed(2), to_web(web, certificate)
    soon, gone = timezone.now() + dt.timedelta(minutes=1), timezone.now() - dt.timedelta(seconds=1)
    stream = AuditStream.objects.create(name=to.name, holder="other", leased_until=soon)
    assert log_stream(actor=ACTOR, to=to) == 0
    AuditStream.objects.filter(pk=stream.pk).update(leased_until=gone)
    assert log_stream(actor=ACTOR, to=to) == len(leaves)


def test_a_sender_that_lost_its_lease_stops(
    committed_db: str, web: WebServer, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(4)
    to, send = to_web(web, certificate), Destination.send

    def lose(self: Destination, batch: Any) -> None:
        send(self, batch)
        AuditStream.objects.update(holder="other")

    monkeypatch.setattr(Destination, "send", lose)
    assert log_stream(actor=ACTOR, to=to, batch=2) == 0
    assert AuditStream.objects.get().leaf == 0
    assert len(web.posts) == 1


def test_several_senders_at_once_lose_nothing(committed_db: str, web: WebServer, certificate: Certificate) -> None:
    leaves, to = sealed(6), to_web(web, certificate)

    def stream() -> None:
        log_stream(actor=ACTOR, to=to, batch=1)
        connection.close()

    senders = [threading.Thread(target=stream) for _sender in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [line["metadata"]["sequence"] for line in web.lines()] == leaves


def test_what_was_spoiled_after_its_sealing_is_said_so(
    committed_db: str, web: WebServer, certificate: Certificate
) -> None:
    sealed(3)
    first, second = AuditLeaf.objects.order_by("pk").values_list("event_id", flat=True)[:2]
    with locks_off():
        run("UPDATE audit_event SET body = %s WHERE id = %s", ('{"action":"x","subject":"odd"}', first))
        run("DELETE FROM audit_event WHERE id = %s", (second,))
    assert [sent.state for sent in due_from(0)][:3] == ["altered", "missing", "fits"]
    log_stream(actor=ACTOR, to=to_web(web, certificate))
    assert [line["severity"] for line in web.lines()][:2] == ["Critical", "Critical"]
    assert "missing" in web.lines()[1]["message"]


def test_nothing_is_sent_before_it_is_sealed(committed_db: str, web: WebServer, certificate: Certificate) -> None:
    branch()
    assert log_stream(actor=ACTOR, to=to_web(web, certificate)) == 0
    assert web.posts == []


@pytest.mark.parametrize(
    "address",
    ["syslog://h", "http://h/x", "https://", "https://h?format=xml", "https://h?colour=red", "syslog+tls://?ca=x"],
)
def test_an_address_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_SIEM"):
        parsed(address)


def test_an_address_names_its_receiver_and_nothing_secret() -> None:
    assert parsed("syslog+tls://siem.bank?format=cef").name == "syslog+tls://siem.bank:6514 cef"
    assert parsed("https://siem.bank/in?token=/etc/x&cert=/c&key=/k").name == "https://siem.bank:443/in ocsf"


def test_our_own_certificate_is_shown_where_one_is_set(certificate: Certificate) -> None:
    ours = f"ca={certificate.file}&cert={certificate.file}&key={certificate.key}"
    assert parsed(f"syslog+tls://h?{ours}")._context().verify_mode.name == "CERT_REQUIRED"


def said(**options: Any) -> tuple[str, str, int]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("audit_stream", stdout=out, stderr=err, **options)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), int(end.code or 0)
    return out.getvalue(), err.getvalue(), 0


def test_the_command_sends_and_says_what_it_could_not(
    committed_db: str, web: WebServer, certificate: Certificate, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="LOANFLOW_SIEM"):
        said()
    leaves = sealed(2)
    settings.LOANFLOW_SIEM = f"https://127.0.0.1:{web.port}/in?ca={certificate.file}"
    web.status = 500
    assert said()[1:] == (said()[1], 1)
    web.status = 204
    words, problem, code = said()
    assert (f"{len(leaves)} events sent" in words, problem, code) == (True, "", 0)

    class Enough(Exception):
        pass

    def enough(_seconds: float) -> None:
        raise Enough

    monkeypatch.setattr("apps.audit.management.commands.audit_stream.time.sleep", enough)
    with pytest.raises(Enough):
        said(loop=True)


def test_a_cursor_that_was_moved_or_stands_still_is_unwell(
    committed_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOANFLOW_SIEM = "https://siem.example/in"
    assert streaming_on_time()  # nothing is sealed
    leaves = sealed(2)
    assert streaming_on_time()
    monkeypatch.setattr(streamer, "PATIENCE", dt.timedelta(minutes=-1))
    assert not streaming_on_time()  # no row: nothing was ever sent
    name = destinations.parsed(settings.LOANFLOW_SIEM).name
    for leaf, is_well in (
        (0, False),
        (len(leaves) - 1, False),
        (len(leaves), True),
        (len(leaves) + 1, False),
        (10**15, False),
    ):
        AuditStream.objects.update_or_create(name=name, defaults={"leaf": leaf})
        assert streaming_on_time() is is_well, leaf


def test_a_worker_streams_beside_its_work_and_says_when_it_cannot(
    committed_db: str, web: WebServer, certificate: Certificate, settings: Any, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    idle = Streamer()
    idle.run()  # no receiver: it ends at once
    assert streaming_on_time()
    leaves = sealed(2)
    settings.LOANFLOW_SEAL_INTERVAL = 0.01
    settings.LOANFLOW_SIEM = f"https://127.0.0.1:{web.port}/in?ca={certificate.file}"
    going = Streamer()
    going.start()
    for _wait in range(3000):
        if len(web.lines()) == len(leaves):
            break
        going.join(0.01)
    going.stop()
    going.join(30)
    assert [line["metadata"]["sequence"] for line in web.lines()] == leaves
    assert streaming_on_time()
    AuditStream.objects.update(failing_since=timezone.now() - dt.timedelta(minutes=16))
    assert not streaming_on_time()

    def away(**_given: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(streamer, "log_stream", away)
    going.turn()
    assert "streaming left out" in caplog.text
    monkeypatch.setattr(streamer, "log_stream", None)  # calling it raises what nobody expects
    going.turn()
    assert "streaming failed" in caplog.text
