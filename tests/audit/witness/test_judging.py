"""A witness cosigns what continues its own memory; a split view or a roll-back raises the alarm with the proof of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import http.client
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from apps.audit import heads, notes
from apps.audit.heads import Head
from apps.audit.notes import Key
from apps.audit.tree.frontier import Frontier
from apps.audit.tree.hashing import leaf_hash, level_up
from apps.audit.tree.proofs import consistency_proof
from apps.audit.witness import wire
from apps.audit.witness.judging import Declined, Witness
from apps.audit.witness.serving import Server
from apps.audit.witness.state import State

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = Key("loanflow/test", notes.public_of(PRIVATE))


@dataclasses.dataclass
class Log:
    """A log without a database: leaves, and heads signed over their beginnings."""

    name: str = "a"

    def leaf(self, at: int) -> bytes:
        return leaf_hash(f"{self.name if at > 2 else ''} {at}".encode())

    def subtree(self, level: int, index: int) -> bytes:
        row = [self.leaf(at) for at in range(index << level, index + 1 << level)]
        while len(row) > 1:
            row = level_up(row)
        return row[0]

    def note(self, size: int, *, minutes: int | None = None, private: Any = PRIVATE, origin: str = LOG.name) -> str:
        edge = Frontier()
        for at in range(size):
            edge.append(self.leaf(at))
        at = NOON + dt.timedelta(minutes=size if minutes is None else minutes)
        text = Head(origin, size, edge.root(), b"m" * 32, heads.NO_NUMBERS, at).text()
        return notes.written(text, [notes.signature_line(text, origin, private)])

    def proof(self, first: int, second: int) -> list[bytes]:
        return consistency_proof(first, second, self.subtree) if first else []


HONEST, OTHER = Log(), Log("b")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "witness")


@pytest.fixture
def witness(state: State) -> Witness:
    return Witness("witness.example", state, [LOG])


def declined(witness: Witness, old: int, proof: list[bytes], note: str) -> tuple[int, str]:
    with pytest.raises(Declined) as refusal:
        witness.cosign(old, proof, note)
    return refusal.value.status, str(refusal.value)


def test_a_log_that_grows_is_cosigned_at_every_step(witness: Witness, state: State):
    for first, second in ((0, 3), (3, 3), (3, 10), (10, 257)):
        line = witness.cosign(first, HONEST.proof(first, second) if first != second else [], HONEST.note(second))
        text = notes.parse(HONEST.note(second)).text
        assert notes.parse(notes.written(text, [line])).cosigned_at(witness.key) is not None
    newest = witness.newest(LOG.name)
    assert newest is not None
    assert notes.parse(newest).signed_by(LOG)
    assert (state.alarms(), witness.newest("another")) == ("", None)


def test_a_restarted_witness_remembers(witness: Witness, state: State, tmp_path: Path):
    witness.cosign(0, [], HONEST.note(5))
    again = Witness("witness.example", State(tmp_path / "witness"), [LOG])
    assert again.key == witness.key
    assert again.newest(LOG.name) == witness.newest(LOG.name)
    assert declined(again, 0, [], HONEST.note(9)) == (409, "5\n")
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "witness").rglob("*"))


def test_a_split_view_raises_the_alarm_and_keeps_both_notes(witness: Witness, state: State):
    witness.cosign(0, [], HONEST.note(5))
    status, words = declined(witness, 5, [], OTHER.note(5))
    assert (status, words.split(" of ")[0]) == (409, "SPLIT VIEW")
    status, words = declined(witness, 5, OTHER.proof(5, 9), OTHER.note(9))
    assert (status, words.split(" of ")[0]) == (422, "NOT A CONTINUATION")
    assert state.alarms().count("\n    5\n") >= 3
    assert witness.cosign(5, HONEST.proof(5, 9), HONEST.note(9)), "the honest log goes on"


def test_a_roll_back_raises_the_alarm_but_an_old_head_seen_again_does_not(witness: Witness, state: State):
    witness.cosign(0, [], HONEST.note(9))
    assert declined(witness, 4, HONEST.proof(4, 5), HONEST.note(5)) == (409, "9\n")
    assert state.alarms() == ""
    status, words = declined(witness, 4, HONEST.proof(4, 5), HONEST.note(5, minutes=60))
    assert (status, words) == (409, f"ROLL-BACK of {LOG.name}: from 9 to 5 events")
    assert words in state.alarms()


@pytest.mark.parametrize(
    ("old", "note", "status"),
    [
        (9, HONEST.note(5), 400),
        (0, "nonsense", 400),
        (0, notes.written("words\n", [notes.signature_line("words\n", "x", PRIVATE)]), 400),
        (0, HONEST.note(5, origin="another/log"), 404),
        (0, HONEST.note(5, private=Ed25519PrivateKey.generate()), 403),
        (3, HONEST.note(5), 409),
    ],
)
def test_what_is_not_the_logs_is_declined_without_an_alarm(
    witness: Witness, state: State, old: int, note: str, status: int
):
    assert declined(witness, old, [], note)[0] == status
    assert (state.alarms(), witness.newest(LOG.name)) == ("", None)


@given(st.lists(st.tuples(st.sampled_from([HONEST, OTHER]), st.integers(1, 20), st.booleans()), max_size=12))
def test_whatever_is_sent_what_was_cosigned_is_one_growing_log(tmp_path_factory: Any, steps: list[Any]):
    witness = Witness("w", State(tmp_path_factory.mktemp("witness")), [LOG])
    cosigned: list[tuple[Log, int]] = []
    for log, size, honest in steps:
        old = cosigned[-1][1] if cosigned else 0
        proof = log.proof(old, size) if honest and 0 < old <= size else []
        try:
            witness.cosign(old, proof, log.note(size))
            cosigned.append((log, size))
        except Declined:
            pass
    for (one, first), (other, second) in itertools.pairwise(cosigned):
        assert first <= second
        assert one.name == other.name or first <= 3, "they differ from the fourth leaf on"


@given(st.integers(0, 2**40), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_is_read_as_it_was_written(old: int, proof: list[bytes]):
    asked = wire.Asked(old, proof, HONEST.note(3))
    assert wire.read(wire.written(asked)) == asked


@pytest.mark.parametrize(
    "body", ["", "old 5", "old x\n\nnote", "old 05\n\nnote", "old 5\n!!\n\nnote", "old 5\n" + "AA==\n" * 64 + "\nnote"]
)
def test_what_is_no_request_is_refused(body: str):
    with pytest.raises(ValueError, match=r"this is not a request|not base64"):
        wire.read(body)


@pytest.fixture
def served(witness: Witness) -> Iterator[tuple[str, int]]:
    with Server(("127.0.0.1", 0), witness) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield ("127.0.0.1", server.server_address[1])
        server.shutdown()
        thread.join()


def ask(place: tuple[str, int], method: str, path: str, body: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(*place, timeout=30)
    try:
        connection.request(method, path, None if body is None else body.encode())
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_over_http_it_answers_as_the_protocol_says(served: tuple[str, int], witness: Witness):
    first = wire.written(wire.Asked(0, [], HONEST.note(3)))
    status, line = ask(served, "POST", wire.PATH, first)
    assert (status, line.startswith("\u2014 witness.example ")) == (200, True)
    assert ask(served, "POST", wire.PATH, wire.written(wire.Asked(0, [], HONEST.note(5)))) == (409, "3\n")
    assert ask(served, "POST", wire.PATH, "nonsense")[0] == 400
    assert ask(served, "POST", wire.PATH, "")[0] == 400
    assert ask(served, "POST", "/other", first)[0] == 400
    assert ask(served, "GET", "/key") == (200, witness.key.text() + "\n")
    assert ask(served, "GET", "/checkpoint/loanflow%2Ftest") == (200, witness.newest(LOG.name))
    assert ask(served, "GET", "/checkpoint/other")[0] == 404


def test_the_command_needs_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str], state: State):
    folder = tmp_path / "witness"
    call_command("audit_witness", state=folder, name="w", key=True)
    assert Key.parsed(capsys.readouterr().out).name == "w"
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_witness", state=folder, alarms=True)
    assert (stopped.value.code, capsys.readouterr().out.strip()) == (0, "No alarms.")
    State(folder).alarm("ROLL-BACK", "note\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_witness", state=folder, alarms=True)
    assert stopped.value.code == 1
    for wrong in ({"log": ["nonsense"]}, {"name": "a b"}, {"log": []}):
        with pytest.raises(CommandError):
            call_command("audit_witness", state=folder, **wrong)
