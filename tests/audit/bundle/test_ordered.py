"""Bundles for a recipient, and of a sample that is on record: real commits, as only those are sealed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.sampling import Sample
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services.drawing import sample_draw
from apps.audit.services.exporting import export_made
from apps.audit.standalone import loanflow_verify
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Unavailable
from tests.audit.factories import branch
from tests.audit.recipients import RECIPIENT, opened
from tests.audit.sealing import seal

AUDITOR = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3)
WHY = Purpose("audit", "yearly")


def made(sample: Sample | None = None, recipient: str = "") -> bytes:
    order = Order(NO_FILTER, WHOLE_LOG, "bundle", WHY, sample=sample, recipient=recipient)
    with export_made(order, actor=AUDITOR).file as file:
        return file.read()


def test_a_bundle_for_a_recipient_is_verified_once_it_is_opened(committed_db: str, tmp_path: Path):
    branch()
    seal()
    _record, inner = opened(made(recipient=RECIPIENT))
    path = tmp_path / "inner.zip"
    path.write_bytes(inner)
    assert loanflow_verify.main([str(path)]) == 0


def test_a_bundle_of_a_sample_holds_the_events_that_were_drawn(committed_db: str, tmp_path: Path):
    for _each in range(9):
        branch()
    note = sample_draw(actor=AUDITOR, asked=NO_FILTER, scope=WHOLE_LOG, size=3).data["note"]
    sample = Sample(3, note["seed"], note["upto"])
    branch()
    with pytest.raises(Unavailable):
        made(sample)
    seal()
    path = tmp_path / "bundle.zip"
    path.write_bytes(made(sample))
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("events.jsonl").decode().splitlines()
        assert json.loads(archive.read("manifest.json"))["sample"]["population"] == note["population"]
    assert [json.loads(line)["number"] for line in lines] == note["numbers"]
    assert loanflow_verify.main([str(path)]) == 0


def test_a_bundle_of_a_sample_waits_until_all_it_was_drawn_from_is_sealed(committed_db: str):
    branch()
    seal()
    branch()
    note = sample_draw(actor=AUDITOR, asked=NO_FILTER, scope=WHOLE_LOG, size=9).data["note"]
    with pytest.raises(Unavailable, match="Some of these events are not sealed yet"):
        made(Sample(9, note["seed"], note["upto"]))
