"""An export that is encrypted opens with the recipient's identity and with nothing else, and says to whom it is encrypted."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent
from apps.audit.recipients import METHOD, enveloped, fingerprint, pieces_of, recipient_of
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services.exporting import export_made
from apps.audit.tags import Tag
from apps.core.actor import Actor, ActorKind
from apps.core.errors import BadInput
from tests.audit.factories import branch
from tests.audit.recipients import IDENTITY, RECIPIENT, opened

SMALL_ORDER = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"
AUDITOR = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3)


def encrypted(form: str) -> bytes:
    made = export_made(
        Order(NO_FILTER, WHOLE_LOG, form, Purpose("audit", "yearly"), recipient=RECIPIENT), actor=AUDITOR
    )
    with made.file:
        assert made.name.endswith("-encrypted.zip")
        return made.file.read()


@given(st.lists(st.binary(max_size=200_000), max_size=4))
def test_what_goes_in_comes_out_for_the_recipient_alone(pieces: list[bytes]):
    file, _record = enveloped(RECIPIENT, "a.zip", pieces, {"requester": "auditor-1"})
    with file:
        data = file.read()
    record, inner = opened(data)
    assert inner == b"".join(pieces)
    assert record["recipient_sha256"] == fingerprint(RECIPIENT) == hashlib.sha256(RECIPIENT.encode()).hexdigest()
    assert (record["method"], record["requester"]) == (METHOD, "auditor-1")
    with pytest.raises(pyrage.DecryptError):
        opened(data, pyrage.x25519.Identity.generate())


@pytest.mark.parametrize(
    "typed", [RECIPIENT, RECIPIENT.upper(), f"  {RECIPIENT}\n"], ids=["as it is", "in capitals", "with blanks"]
)
def test_a_recipient_has_one_spelling(typed: str):
    assert recipient_of(typed) == RECIPIENT


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "age1",
        RECIPIENT[:-1],
        RECIPIENT[:-1] + "b",
        "ssh-ed25519 AAAA",
        "bob@example.test",
        str(IDENTITY),
        SMALL_ORDER,
    ],
    ids=["nothing", "too short", "cut", "mistyped", "of ssh", "mail", "private", "small order"],
)
def test_what_is_no_recipient_is_refused(typed: str):
    with pytest.raises(BadInput, match="begins with age1") as refused:
        recipient_of(typed)
    assert "recipient" in refused.value.errors
    assert len(typed) < 5 or typed not in str(refused.value), "what was typed may be somebody's private key"


def test_an_order_takes_a_recipient_in_that_spelling_alone():
    with pytest.raises(BadInput):
        Order(NO_FILTER, WHOLE_LOG, "csv", Purpose("audit"), recipient=RECIPIENT.upper()).refuse_nonsense(("csv",))


def test_what_goes_wrong_while_it_is_written_is_raised_as_it_was():
    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise LookupError("the events have gone")

    with pytest.raises(LookupError, match="the events have gone"):
        enveloped(RECIPIENT, "a.zip", pieces(), {})


def test_what_goes_wrong_where_it_is_written_to_is_raised_as_it_was(monkeypatch: pytest.MonkeyPatch):
    def full(_self: Any, _data: bytes) -> int:
        raise OSError(28, "no space left")

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="no space left"):
        enveloped(RECIPIENT, "a.zip", [b"x"], {})


def test_a_file_is_read_in_pieces_and_closed():
    file = io.BytesIO(b"y" * 100_000)
    assert b"".join(pieces_of(file)) == b"y" * 100_000
    assert file.closed


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_a_sheet_for_a_recipient_shows_nothing_without_their_key(form: str):
    branch(name="Qilu Lane")
    data = encrypted(form)
    record, inner = opened(data)
    assert b"Qilu Lane" not in data
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.testzip() is None
        held = archive.read(manifest["file"])
    assert hashlib.sha256(held).hexdigest() == manifest["sha256"]
    assert manifest["recipient"]["recipient_sha256"] == record["recipient_sha256"]
    assert not record.keys() & {"filter", "purpose"}
    note = AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).get().data["note"]
    assert note["encrypted"] == record
