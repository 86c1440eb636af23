"""Parts of the log: what lies in one, what two are together, whether one holds another, and their words in a manifest."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEvent
from apps.audit.scope import NOTHING, WHOLE_LOG, Scope, scope_read, united
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from tests.accounts import factories as people
from tests.audit.factories import SYSTEM

DAYS = [dt.datetime(2026, 5, day, tzinfo=dt.UTC) for day in (1, 2, 3)]


def subsets(*values: object) -> st.SearchStrategy[frozenset[object] | None]:
    """``None`` or some of the values."""
    return st.none() | st.frozensets(st.sampled_from(values))


PARTS = st.builds(
    Scope, branches=subsets(1, 2), areas=subsets("accounts", "workflow"), since=st.none() | st.sampled_from(DAYS),
    until=st.none() | st.sampled_from(DAYS), domains=subsets("people", "sign_in", "cases"),
    cases=subsets("LF-2026-000001", "LF-2026-000002"), objects=subsets("x:1", "x:2"),
)  # fmt: skip
SCOPES = st.lists(PARTS, max_size=3).map(united)


@given(SCOPES)
def test_a_scope_comes_back_from_what_a_manifest_says_of_it(scope: Scope) -> None:
    assert scope_read(scope.told()) == scope


@given(SCOPES, SCOPES)
def test_what_two_are_together_holds_both(one: Scope, other: Scope) -> None:
    both = united([one, other])
    assert both.covers(one)
    assert both.covers(other)
    assert WHOLE_LOG.covers(both)


def test_whoever_reads_everything_anywhere_reads_everything() -> None:
    assert united([Scope(branches=frozenset({1})), WHOLE_LOG]) == WHOLE_LOG
    assert united([]) == NOTHING
    assert united([NOTHING, Scope(areas=frozenset({"workflow"}))]) == Scope(areas=frozenset({"workflow"}))


ENGAGED = Scope(branches=frozenset({1}), cases=frozenset({"A"}), since=DAYS[0], until=DAYS[2])
NARROWED = [
    dataclasses.replace(ENGAGED, since=DAYS[1]), dataclasses.replace(ENGAGED, cases=None), ENGAGED,
    dataclasses.replace(ENGAGED, areas=frozenset({"workflow"})), dataclasses.replace(ENGAGED, branches=None),
]  # fmt: skip
BEYOND = [
    WHOLE_LOG, dataclasses.replace(ENGAGED, until=None), dataclasses.replace(ENGAGED, cases=frozenset({"A", "B"})),
    dataclasses.replace(ENGAGED, branches=None, cases=None), dataclasses.replace(ENGAGED, objects=frozenset({"x:1"})),
    dataclasses.replace(ENGAGED, since=None), dataclasses.replace(ENGAGED, beside=(Scope(branches=frozenset({2})),)),
]  # fmt: skip


@pytest.mark.parametrize(("other", "held"), [*((each, True) for each in NARROWED), *((each, False) for each in BEYOND)])
def test_a_scope_holds_what_is_no_wider(other: Scope, held: bool) -> None:
    assert ENGAGED.covers(other) is held


@pytest.mark.django_db
def test_events_are_found_as_the_scope_says() -> None:
    branches = [people.branch("ONE"), people.branch("TWO")]
    for number, day in enumerate(DAYS):
        with clock.at(day), act(actor=SYSTEM):
            record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=branches[number % 2])
        with clock.at(day), act(actor=SYSTEM):
            record(Tag.CASE_OPENED, actor=SYSTEM, case="LF-2026-000001")
    ids = [branch.pk for branch in branches]
    events = [event.data for event in AuditEvent.objects.filter(at__lt=DAYS[2] + dt.timedelta(days=1))]
    assert len(events) == 6
    cases = ["LF-2026-000001", "LF-2026-000002"]
    places = st.none() | st.frozensets(st.sampled_from(ids))
    parts = st.builds(
        Scope, branches=places, cases=st.none() | st.frozensets(st.sampled_from(cases)),
        objects=st.none() | st.frozensets(st.sampled_from([f"accounts_branch:{one}" for one in ids])),
        domains=st.none() | st.frozensets(st.sampled_from(["people", "cases"])), since=st.none() | st.sampled_from(DAYS),
        until=st.none() | st.sampled_from(DAYS),
    )  # fmt: skip

    @settings(max_examples=60, deadline=None)
    @given(st.lists(parts, max_size=2).map(united))
    def found(scope: Scope) -> None:
        rows = AuditEvent.objects.filter(scope.condition(), at__lt=DAYS[2] + dt.timedelta(days=1))
        assert sorted(row.data["at"] + row.data["action"] for row in rows) == sorted(
            event["at"] + event["action"] for event in events if any(_within(event, part) for part in scope.parts)
        )

    found()


def _within(event: dict[str, object], part: Scope) -> bool:
    """The scope, told once more without a database."""
    at = dt.datetime.fromisoformat(str(event["at"]))
    domain = "people" if event["action"] == Tag.BRANCH_CHANGED.value else "cases"
    touched = {one["object"] for one in event.get("touched", [])}  # type: ignore[attr-defined]
    local = (
        event.get("branch") in (part.branches or ())
        or event.get("case") in (part.cases or ())
        or bool(touched & (part.objects or frozenset()))
    )
    return (
        (local or not part.is_local)
        and (part.domains is None or domain in part.domains)
        and (part.since is None or at >= part.since)
        and (part.until is None or at < part.until)
    )
