"""Which tests a later pass repeats: those that open a database."""

import pytest

from tests.conftest import _opens_a_database


def test_a_test_that_opens_no_database_is_told_apart(request: pytest.FixtureRequest):
    assert not _opens_a_database(request.node)


@pytest.mark.django_db
def test_a_mark_opens_one(request: pytest.FixtureRequest):
    assert _opens_a_database(request.node)


def test_a_fixture_of_a_fixture_opens_one(request: pytest.FixtureRequest, committed_db: str):
    assert _opens_a_database(request.node)
