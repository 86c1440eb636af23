"""The explorer finds what it is asked for, page by page, never beyond its scope."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Branch
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.audit.selectors import (
    NO_FILTER,
    WHOLE_LOG,
    EventFilter,
    Scope,
    counted,
    event_get,
    events,
    last_number,
    neighbours,
    numbers,
    walk,
)
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, ActorKind, HeldRole
from apps.core.errors import Refused
from tests.audit.factories import SYSTEM, branch, rename, unsaved_branch

pytestmark = pytest.mark.django_db
MAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
OFFICER = Actor(
    kind=ActorKind.PERSON, name="officer-1", person_id=11, held=(HeldRole("loan_officer", frozenset({1})),),
    address="192.0.2.1", request_id="req-1",
)  # fmt: skip


@pytest.fixture
def told():
    """Three events of an officer in May, and some of the system's now; the branch that they touched."""
    row = branch()
    row.branch_id = 5
    with clock.at(MAY), act(actor=OFFICER):
        record(Tag.CASE_OPENED, actor=OFFICER, subject=row, case="LF-2026-000007", purpose=Purpose("review"))
        record_read(Tag.BORROWER_REVEALED, actor=OFFICER, subject=row)
    with clock.at(MAY), pytest.raises(Refused), act(actor=OFFICER, tag=Tag.CASE_SIGNED):
        raise Refused("permission", "No.")
    del row.branch_id
    rename(row, "Two")
    return row


QUESTIONS = [
    ({}, 5),
    ({"person": 11}, 3),
    ({"actor": "officer-1"}, 3),
    ({"actor": "officer"}, 0),
    ({"role": "loan_officer"}, 3),
    ({"role": "loan"}, 0),
    ({"branch": 5}, 2),
    ({"case": "LF-2026-000007"}, 1),
    ({"action": "workflow.opened"}, 1),
    ({"action": "workflow."}, 2),
    ({"action": "work"}, 0),
    ({"outcome": "refused"}, 1),
    ({"purpose": "review"}, 1),
    ({"address": "192.0.2.1"}, 3),
    ({"request": "req-1"}, 3),
    ({"kind": "read"}, 1),
    ({"since": MAY, "until": MAY + dt.timedelta(days=1)}, 3),
    ({"until": MAY}, 0),
    ({"person": 11, "kind": "act", "outcome": "done"}, 1),
]


@pytest.mark.parametrize(("asked", "count"), QUESTIONS)
def test_filters_find_what_they_ask_for(told: Branch, asked: Any, count: int):
    assert len(events(EventFilter(**asked), scope=WHOLE_LOG).rows) == count


def test_an_object_finds_every_event_that_touched_it(told: Branch):
    found = events(EventFilter(object=f"accounts_branch:{told.pk}"), scope=WHOLE_LOG).rows
    assert [event.action for event in found] == [
        "accounts.branch_changed", "borrowers.revealed", "workflow.opened", "accounts.branch_created",
    ]  # fmt: skip


def test_pages_follow_each_other_without_gap_or_overlap(told: Branch):
    seen, cursor = [], ""
    while True:
        page = events(NO_FILTER, scope=WHOLE_LOG, cursor=cursor, size=2)
        seen += [event.pk for event in page.rows]
        assert page.is_first is (cursor == "")
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == list(AuditEvent.objects.order_by("-pk").values_list("pk", flat=True))


@pytest.mark.parametrize("cursor", ["", "nonsense", "WyJ4Il0", "e30"])
def test_a_damaged_cursor_shows_the_first_page(told: Branch, cursor: str):
    assert len(events(scope=WHOLE_LOG, cursor=cursor).rows) == 5


SCOPES = [
    (WHOLE_LOG, 5),
    (Scope(branches=frozenset({5})), 2),
    (Scope(branches=frozenset()), 0),
    (Scope(areas=frozenset({"workflow"})), 2),
    (Scope(areas=frozenset({"workflow", "accounts"})), 4),
    (Scope(areas=frozenset()), 0),
    (Scope(since=MAY, until=MAY + dt.timedelta(days=1)), 3),
]


@pytest.mark.parametrize(("scope", "count"), SCOPES)
def test_nothing_outside_the_scope_is_found_by_any_way(told: Branch, scope: Scope, count: int):
    everything = {event.pk for event in AuditEvent.objects.all()}
    inside = {event.pk for event in events(scope=scope).rows}
    assert len(inside) == count
    assert {event.pk for event in walk(NO_FILTER, scope=scope, upto=last_number())} == inside
    assert {number for number in everything if event_get(number, scope=scope)} == inside


def test_a_walk_goes_upwards_and_stops_where_told(told: Branch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.selectors.CHUNK", 2)
    numbers = sorted(AuditEvent.objects.values_list("pk", flat=True))
    assert [event.pk for event in walk(NO_FILTER, scope=WHOLE_LOG, upto=numbers[-2])] == numbers[:-1]


def test_neighbours_are_the_events_before_and_after_on_the_same_object(told: Branch, django_assert_num_queries: Any):
    numbers = [event.pk for event in events(EventFilter(object=f"accounts_branch:{told.pk}"), scope=WHOLE_LOG).rows][
        ::-1
    ]
    middle = event_get(numbers[1], scope=WHOLE_LOG)
    with django_assert_num_queries(1):
        (found,) = neighbours(middle, scope=WHOLE_LOG)
    assert (found.number, found.before, found.after) == (2, numbers[0], numbers[2])
    (first,) = neighbours(event_get(numbers[0], scope=WHOLE_LOG), scope=WHOLE_LOG)
    (away,) = neighbours(middle, scope=Scope(areas=frozenset({"workflow"})))
    assert (away.before, away.after) == (None, None)
    assert (first.before, first.ref) == (None, f"branch {told.pk}")
    with act(actor=SYSTEM):
        alone = record(Tag.SIGNED_IN, actor=SYSTEM)
    assert neighbours(alone, scope=WHOLE_LOG) == []


def test_a_page_costs_one_query(told: Branch, django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        page = events(EventFilter(person=11, role="loan_officer", object=f"accounts_branch:{told.pk}"), scope=WHOLE_LOG)
        assert [event.data["name"] for event in page.rows] == ["officer-1"] * 2


def test_an_empty_log_ends_at_zero():
    assert last_number() == 0
    assert event_get(1, scope=WHOLE_LOG) is None


@given(st.builds(EventFilter, person=st.none() | st.integers(), case=st.text(), since=st.none() | st.just(MAY)))
def test_what_is_asked_is_told_as_text_and_nothing_empty(asked: Any):
    values = asked.asked()
    assert all(isinstance(value, str) and value for value in values.values())
    assert values.keys() == {
        field.name for field in dataclasses.fields(asked) if getattr(asked, field.name) not in (None, "", ())
    }  # fmt: skip
    assert unsaved_branch().pk is None


JAN, FEB = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (1, 2))


@pytest.mark.parametrize(
    ("outer", "inner", "covers"),
    [
        (Scope(), Scope(), True),
        (Scope(), Scope(branches=frozenset({1})), True),
        (Scope(branches=frozenset({1})), Scope(), False),
        (Scope(branches=frozenset({1, 2})), Scope(branches=frozenset({1})), True),
        (Scope(branches=frozenset({1})), Scope(branches=frozenset({1, 2})), False),
        (Scope(branches=frozenset()), Scope(branches=frozenset()), True),
        (Scope(areas=frozenset({"audit"})), Scope(areas=frozenset({"vault"})), False),
        (Scope(areas=frozenset({"audit"})), Scope(areas=frozenset({"audit"}), branches=frozenset({1})), True),
        (Scope(since=JAN), Scope(since=FEB), True),
        (Scope(since=FEB), Scope(since=JAN), False),
        (Scope(since=JAN), Scope(), False),
        (Scope(until=FEB), Scope(until=JAN), True),
        (Scope(until=JAN), Scope(until=FEB), False),
        (Scope(until=FEB), Scope(), False),
    ],
)
def test_a_scope_covers_what_lies_within_all_its_bounds(outer: Scope, inner: Scope, covers: bool):
    assert outer.covers(inner) == covers


def test_numbers_come_in_order_up_to_one_and_are_counted_no_further_than_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.selectors.NUMBERS", 2)
    for _each in range(5):
        branch()
    there = list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))
    assert list(numbers(NO_FILTER, scope=WHOLE_LOG, upto=there[-2])) == there[:-1]
    assert [counted(NO_FILTER, scope=WHOLE_LOG, most=most) for most in (3, 5, 9)] == [3, 5, 5]
