"""The test databases keep their promises: real commits apart from each other, roll-backs that the tripwire sees."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from apps.accounts.models import Branch
from tests import databases


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_wrapped_tests_do_not_see_each_other(turn: int) -> None:
    assert not Group.objects.exists()
    with transaction.atomic(durable=True):
        Group.objects.create(name="a")


@pytest.mark.parametrize("turn", [1, 2])
def test_committed_tests_commit_and_do_not_see_each_other(committed_db: str, turn: int) -> None:
    assert not Group.objects.exists()
    with transaction.atomic():
        Group.objects.create(name="a")
    seen: list[int] = []
    other = threading.Thread(target=lambda: (seen.append(Group.objects.count()), connection.close()))
    other.start()
    other.join()
    assert seen == [1]


@pytest.mark.django_db
def test_rolled_back_write_without_an_event_is_named() -> None:
    with transaction.atomic():
        Branch.objects.create(code="X1", name="Raw")
        with pytest.raises((AssertionError, DatabaseError), match=r"branch|event"):
            databases._refuse_debts(connection.check_constraints)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.unrecorded
def test_marked_test_may_write_bare_rows() -> None:
    Branch.objects.create(code="X1", name="Raw")


def test_committed_write_without_an_event_is_refused_by_the_database(committed_db: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Branch.objects.create(code="X1", name="Raw")
    assert not Branch.objects.exists()


def test_sqlite_is_as_careful_in_tests_as_in_life(committed_db: str) -> None:
    if connection.vendor != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
