"""Fixtures of the walks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.disbursement.conftest import outbox
from tests.walks import furnished
from tests.walks.world import World

__all__ = ["outbox", "world"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A furnished database for the module; each test of it is rolled back."""
    with django_db_blocker.unblock(), furnished.copied() as made:
        yield made
