"""The heartbeat tells a living worker from a dead one."""

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError

from apps.monitoring import beats
from apps.monitoring.models import WorkerBeat

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_no_worker_ever_seen_is_no_worker() -> None:
    assert not beats.any_alive()


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "alive"), [(0, True), (59, True), (61, False), (86_000, False)])
def test_worker_is_alive_for_four_beats(seconds: int, alive: bool) -> None:
    with time_machine.travel(NOON, tick=False):
        beats.beat("w1")
    with time_machine.travel(NOON + dt.timedelta(seconds=seconds), tick=False):
        assert beats.any_alive() is alive


@pytest.mark.django_db
def test_worker_keeps_one_row_and_old_ones_go() -> None:
    with time_machine.travel(NOON, tick=False):
        beats.beat("old")
        beats.beat("w1")
        beats.beat("w1")
        assert WorkerBeat.objects.count() == 2
    with time_machine.travel(NOON + dt.timedelta(days=2), tick=False):
        beats.beat("w1")
    assert [row.worker for row in WorkerBeat.objects.all()] == ["w1"]


def test_heart_beats_at_once_and_stops_when_told(committed_db: str) -> None:
    heart = beats.Heart("w1")
    heart.start()
    heart.stop()
    heart.join(5)
    assert not heart.is_alive()
    assert beats.any_alive()


def test_database_that_is_away_costs_a_beat_not_the_heart(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_worker: str) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(beats, "beat", away)
    beats.Heart("w1").turn()
    assert "heartbeat left out" in caplog.text
