"""A sample is on record before it is shown, can be drawn again by anybody, and is not drawn from what one may not read."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent
from apps.audit.sampling import Sample, rank
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, EventFilter, Scope, picked
from apps.audit.services import drawing
from apps.audit.services import record_read as look
from apps.audit.services.drawing import opened_since, sample_draw, sample_of, samples_drawn
from apps.audit.services.exporting import export_made
from apps.audit.tags import Tag
from apps.core.actor import Actor, ActorKind
from apps.core.errors import BadInput
from tests.audit.factories import branch

pytestmark = pytest.mark.django_db
READER = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3, account_id=5)
OTHER = Actor(kind=ActorKind.PERSON, name="auditor-2", person_id=4, account_id=6)
NOWHERE = Scope(branches=frozenset())


def events(count: int) -> list[int]:
    for _each in range(count):
        branch()
    return list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))


def draw(size: int = 3, **given: Any) -> AuditEvent:
    return sample_draw(**{"actor": READER, "asked": NO_FILTER, "scope": WHOLE_LOG, "size": size, **given})


def test_it_says_seed_population_and_which_events_came(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawing, "fresh_seed", lambda: "7")
    there = events(12)
    note = draw().data["note"]
    assert (note["size"], note["seed"], note["population"], note["upto"]) == (3, "7", 12, there[-1])
    assert note["numbers"] == sorted(sorted(there, key=lambda number: rank("7", number))[:3])


def test_nobody_chooses_the_seed():
    events(3)
    with pytest.raises(TypeError):
        draw(seed="7")
    seeds = {draw().data["note"]["seed"] for _each in range(4)}
    assert len(seeds) == 4
    assert all(len(seed) == 16 for seed in seeds)


def test_it_stays_the_same_however_the_log_goes_on(monkeypatch: pytest.MonkeyPatch):
    events(12)
    made = draw()
    events(5)
    found = sample_of(made.pk, scope=WHOLE_LOG)
    assert found is not None
    assert (found.drawn.population, found.is_as_recorded) == (12, True)
    monkeypatch.setattr(drawing, "MOST_REDRAWN", 11)
    assert found.is_as_recorded is None


@pytest.mark.parametrize("size", [0, -1, 201])
def test_a_size_that_makes_no_sense_is_refused(size: int):
    events(2)
    with pytest.raises(BadInput, match="from 1 to 200"):
        draw(size=size)


@pytest.mark.parametrize("given", [{"asked": EventFilter(actor="nobody")}, {"scope": NOWHERE}])
def test_nothing_is_drawn_from_nothing(given: dict[str, Any]):
    events(2)
    with pytest.raises(BadInput, match="nothing to draw from"):
        draw(**given)
    assert not AuditEvent.objects.filter(action=Tag.SAMPLE_DRAWN).exists()


def test_fewer_events_than_asked_for_come_whole():
    there = events(2)
    assert draw(size=9).data["note"]["numbers"] == there


def test_samples_in_ones_part_of_the_log_are_seen_as_it_is_now():
    events(4)
    made = draw()
    for scope, seen in ((WHOLE_LOG, True), (NOWHERE, False)):
        assert (sample_of(made.pk, scope=scope) is not None) == seen
        assert [each.pk for each in samples_drawn(scope=scope)] == ([made.pk] if seen else [])
    assert sample_of(1, scope=WHOLE_LOG) is None
    assert sample_of(10**9, scope=WHOLE_LOG) is None


def test_the_log_says_what_its_reader_has_opened_of_it():
    events(9)
    made = draw()
    wanted = frozenset(made.data["note"]["numbers"])
    first, other = min(wanted), max(set(range(1, 10)) - wanted)
    look(Tag.EVENT_OPENED, actor=READER, note={"number": first})
    look(Tag.EVENT_OPENED, actor=READER, note={"number": other})
    look(Tag.EVENT_OPENED, actor=OTHER, note={"number": max(wanted)})
    assert opened_since(made, wanted, actor=READER) == {first}


def test_an_export_of_it_holds_the_same_events_later():
    events(12)
    note = draw().data["note"]
    events(5)
    order = Order(NO_FILTER, WHOLE_LOG, "jsonl", Purpose("audit"), sample=Sample(3, note["seed"], note["upto"]))
    with export_made(order, actor=READER).file as file, zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        lines = archive.read(manifest["file"]).decode().splitlines()
    assert manifest["sample"] == {"size": 3, "seed": note["seed"], "population": 12, "upto": note["upto"]}
    assert [json.loads(line)["number"] for line in lines] == note["numbers"]


def test_events_are_picked_by_number_within_scope():
    there = events(3)
    assert [each.pk for each in picked({there[2], there[0], 10**9})] == [there[0], there[2]]
    assert list(picked(there, scope=NOWHERE)) == []
