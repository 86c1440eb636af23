"""A time alone is a stretch of the tree; anything else is single events, with objects where the question names them."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from apps.audit.bundle import choosing
from apps.audit.bundle.choosing import Chosen, Stretch, objects_of, stretch_for
from apps.audit.models import AuditEvent, AuditHead, AuditLeaf
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, EventFilter, Scope
from apps.audit.services import act, record
from apps.audit.tags import Tag
from tests.audit.bundles import bundle_bytes, files_of, log_made
from tests.audit.factories import SYSTEM, branch
from tests.audit.sealing import newest_head


@pytest.fixture(scope="module")
def made(shared_db: str) -> str:
    """A log of four heads."""
    return log_made()[0]


def at(place: int) -> dt.datetime:
    """Time of the event at a place of the tree."""
    event = AuditEvent.objects.get(pk=AuditLeaf.objects.get(pk=place).event_id)
    assert event.at is not None
    return event.at.replace(tzinfo=dt.UTC)


def test_everything_is_a_stretch_from_the_beginning(made: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(choosing, "CHUNK", 5)
    found = stretch_for(NO_FILTER, WHOLE_LOG, newest_head())
    assert found == Stretch(0, newest_head().pk)
    assert [event.place for event in found.events()] == list(range(newest_head().pk))


def test_a_time_is_a_stretch_between_the_heads_around_it(made: str):
    sizes = list(AuditHead.objects.order_by("pk").values_list("pk", flat=True))
    start, end = at(sizes[0]), at(sizes[1])
    found = stretch_for(EventFilter(since=start, until=end), WHOLE_LOG, newest_head())
    assert found == Stretch(sizes[0], sizes[1])


@pytest.mark.parametrize(
    ("asked", "scope"),
    [
        (EventFilter(action="accounts."), WHOLE_LOG),
        (EventFilter(object="x:1"), WHOLE_LOG),
        (NO_FILTER, Scope(branches=frozenset({1}))),
        (EventFilter(until=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)), WHOLE_LOG),
    ],
)
def test_anything_else_is_single_events(made: str, asked: EventFilter, scope: Scope):
    assert stretch_for(asked, scope, newest_head()) is None


def test_single_events_end_with_the_head(made: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(choosing, "CHUNK", 3)
    size = AuditHead.objects.order_by("pk")[1].pk
    places = [event.place for event in Chosen(NO_FILTER, WHOLE_LOG, size).events()]
    assert sorted(places) == list(range(size))


def test_a_case_is_the_object_that_the_log_names_so(made: str):
    row = branch(code="LF-1")
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM, case=row)
    label = AuditEvent.objects.order_by("-pk")[0].case
    assert objects_of(EventFilter(case=label or "")) == [f"accounts_branch:{row.pk}"]
    assert objects_of(EventFilter(case="LF-unknown")) == []
    key = f"accounts_branch:{row.pk}"
    assert objects_of(EventFilter(object=key, cases=(label or "", "LF-unknown"))) == [key]


def test_of_an_object_without_events_in_scope_no_number_is_told(made: str):
    far = Scope(branches=frozenset({10**6}))
    held = json.loads(files_of(bundle_bytes(EventFilter(object=made), far))["proofs.json"])
    assert held["objects"] == []
    held = json.loads(files_of(bundle_bytes(EventFilter(object=made)))["proofs.json"])
    assert [one["object"] for one in held["objects"]] == [made]
