"""The round that time makes: every job, each failing alone, by a worker's thread or by a command."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from apps.access.roles import SYSTEM_TABLE
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.rounds import rounds as added
from apps.monitoring import beside, clockwork, rounds
from apps.monitoring.clockwork import JOBS, clock_actor, clock_round
from apps.monitoring.rounds import CLOCK_EVERY, Rounds
from tests.accounts import factories as people


def broken(_actor: Actor) -> int:
    """Fail like a job that nobody foresaw."""
    raise RuntimeError("the key is gone")


def test_the_clock_is_a_system_that_may_let_cases_expire() -> None:
    assert Permission.CASE_EXPIRE in SYSTEM_TABLE[clock_actor().name]


@pytest.mark.django_db
def test_an_empty_house_has_nothing_to_do() -> None:
    people.institution()
    assert clock_round(clock_actor()) == dict.fromkeys([*JOBS, *added], 0)


def test_a_job_that_fails_keeps_no_other_from_running(caplog: pytest.LogCaptureFixture) -> None:
    assert clock_round(clock_actor(), {"one": broken, "two": lambda _actor: 2}) == {"one": None, "two": 2}
    assert "job of the clock failed: one" in caplog.text


@pytest.mark.django_db
def test_the_command_prints_what_was_done() -> None:
    people.institution()
    said = io.StringIO()
    call_command("clock_round", stdout=said)
    assert said.getvalue().splitlines() == [f"{name}: 0" for name in [*JOBS, *added]]


@pytest.mark.django_db
def test_the_command_fails_where_a_job_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    people.institution()
    monkeypatch.setitem(clockwork.JOBS, "cases warned", broken)
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("clock_round", stdout=said)
    assert "cases warned: failed" in said.getvalue()
    assert "reminders sent: 0" in said.getvalue()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count what the rounds do instead of doing it, and keep the test's connection open."""
    done = {"orders": 0, "clock": 0}

    def orders(**_given: object) -> list[object]:
        done["orders"] += 1
        return []

    def clock(_actor: Actor) -> dict[str, int]:
        done["clock"] += 1
        return {}

    monkeypatch.setattr(rounds, "orders_resend", orders)
    monkeypatch.setattr(rounds, "clock_round", clock)
    monkeypatch.setattr(beside.connection, "close", lambda: None)
    return done


def test_orders_are_looked_after_every_minute_and_the_clock_every_quarter_of_an_hour(counted: dict[str, int]) -> None:
    going = Rounds()
    for _round in range(2 * CLOCK_EVERY):
        going.turn()
    assert counted == {"orders": 30, "clock": 2}


def test_a_database_that_is_away_stops_neither_clock_nor_rounds(
    counted: dict[str, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(**_given: object) -> list[object]:
        raise DatabaseError("locked")

    monkeypatch.setattr(rounds, "orders_resend", away)
    Rounds().turn()
    assert counted["clock"] == 1
    assert "round left out" in caplog.text
