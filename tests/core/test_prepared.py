"""A prepared question answers as the ORM does, for any values."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import BigIntegerField, CharField, DateTimeField, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from apps.accounts.models import Account, Branch
from apps.core.prepared import Prepared
from tests.accounts import factories as people

pytestmark = pytest.mark.django_db
CODE: Prepared[Branch] = Prepared(
    lambda code: Branch.objects.select_related("parent").filter(code=code)[:1], {"code": CharField()}
)
PATHS: Prepared[tuple[str, str]] = Prepared(
    lambda least, word: Branch.objects.filter(Q(pk__gte=least) | Q(name=word), code__gte="LOW0").order_by("-pk").values_list("code", "parent__code"),
    {"least": BigIntegerField(), "word": CharField()},
)  # fmt: skip


@pytest.fixture
def branches() -> list[Branch]:
    upper = people.branch("UP")
    return [upper, *(people.branch(f"LOW{at}", parent=upper) for at in range(3))]


def test_rows_come_with_what_is_related_to_them(branches: list[Branch]) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = CODE.first(code=branches[1].code)
        assert found is not None
        assert (found, found.parent) == (branches[1], branches[0])
    assert len(asked) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    least=some.integers(0, 2**40), word=some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
def test_answers_are_those_of_the_orm_for_any_values(branches: list[Branch], least: int, word: str) -> None:
    by = least % 10 + branches[0].pk - 5
    wanted = Branch.objects.filter(Q(pk__gte=by) | Q(name=word), code__gte="LOW0").order_by("-pk")
    assert PATHS.rows(least=by, word=word) == list(wanted.values_list("code", "parent__code"))


def test_each_asker_gets_rows_of_their_own(branches: list[Branch]) -> None:
    first, second = CODE.first(code=branches[0].code), CODE.first(code=branches[0].code)
    assert first == second
    assert first is not second


def test_what_is_written_between_two_askers_is_seen(branches: list[Branch]) -> None:
    code = "LATER"
    assert CODE.first(code=code) is None
    later = people.branch(code)
    assert CODE.first(code=code) == later


@pytest.mark.parametrize("values", [{}, {"code": None}, {"code": "a", "other": 1}, {"other": "a"}], ids=str)
def test_values_that_do_not_fit_are_refused_before_anything_is_asked(values: dict[str, Any]) -> None:
    with CaptureQueriesContext(connection) as asked, pytest.raises(ValueError, match="code"):
        CODE.rows(**values)
    assert len(asked) == 0


def test_moments_become_what_the_database_keeps() -> None:
    since: Prepared[Account] = Prepared(
        lambda now: Account.objects.filter(enrolled_at__gte=now), {"now": DateTimeField()}
    )
    account = people.staff()
    assert account.enrolled_at is not None
    assert since.rows(now=account.enrolled_at) == [account]
    assert since.rows(now=account.enrolled_at + dt.timedelta(microseconds=1)) == []


def test_threads_ask_over_connections_of_their_own() -> None:
    seen: list[Any] = []

    def ask() -> None:
        try:
            CODE.first(code="nothing")
            seen.append(connections["default"])
        finally:
            connections["default"].close()

    CODE.first(code="nothing")
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(seen) == 1
    assert seen[0] is not connections["default"]
