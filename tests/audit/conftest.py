"""A committed database that a module's tests share, where each leaves it as it found it: copies cost on PostgreSQL."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests import databases


@pytest.fixture(scope="module")
def shared_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Work on one database for the whole module, outside any transaction."""
    with django_db_blocker.unblock(), databases.copied("shared") as name:
        yield name
