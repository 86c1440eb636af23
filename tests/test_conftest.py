"""Which tests a later pass repeats: those that open a database."""

import pytest

from tests.conftest import _commits, _longest_first, _opens_a_database


def test_a_test_that_opens_no_database_is_told_apart(request: pytest.FixtureRequest):
    assert not _opens_a_database(request.node)


@pytest.mark.django_db
def test_a_mark_opens_one(request: pytest.FixtureRequest):
    assert _opens_a_database(request.node)


def test_a_fixture_of_a_fixture_opens_one(request: pytest.FixtureRequest, committed_db: str):
    assert _opens_a_database(request.node)


def test_a_test_with_a_database_of_its_own_commits(request: pytest.FixtureRequest, committed_db: str):
    assert _commits(request.node)


@pytest.mark.parametrize("held", [{"db"}, {"site", "browser"}, {"committed_db", "chromium"}])
def test_one_that_is_rolled_back_or_driven_by_a_browser_does_not(held: set[str]):
    class Item:
        fixturenames = held

    assert not _commits(Item())  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_each_worker_begins_with_its_part_of_the_long_tests(workers: int):
    class Item:
        def __init__(self, name: int) -> None:
            self.name = name
            self.nodeid = f"tests/{'walks' if name % 10 == 5 else 'core'}/test_it.py::test_{name}"

        def get_closest_marker(self, mark: str) -> str | None:
            return mark if self.name % 10 == 0 else None

    items = [Item(name) for name in range(30)]
    ordered = [item.name for item in _longest_first(items, workers)]  # type: ignore[arg-type, attr-defined]
    assert sorted(ordered) == list(range(30))
    assert [ordered[len(ordered) * at // workers] % 5 for at in range(workers)] == [0] * workers
