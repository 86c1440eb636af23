"""Fixtures of the walks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests.disbursement.conftest import outbox
from tests.walks import furnished
from tests.walks.shown import Found, Seat, Shown, forms_of, seats_with, sessions_of
from tests.walks.world import World

__all__ = ["forms_shown", "outbox", "seats", "sessions", "shown", "world"]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A furnished database for the module; each test of it is rolled back."""
    with django_db_blocker.unblock(), furnished.copied() as made:
        yield made


@pytest.fixture(scope="module")
def sessions(world: World, django_db_blocker: DjangoDbBlocker) -> dict[Seat, str]:
    """The keys of sessions of everybody, begun once for all tests of the module."""
    with django_db_blocker.unblock():
        return sessions_of(world)


@pytest.fixture(scope="module")
def forms_shown(world: World, sessions: dict[Seat, str], django_db_blocker: DjangoDbBlocker) -> list[Found]:
    """Every form that a page shows, looked for once for all tests of the module."""
    with django_db_blocker.unblock():
        return list(forms_of(world, seats_with(sessions)))


@pytest.fixture
def seats(sessions: dict[Seat, str]) -> dict[Seat, Client]:
    """A browser of the test's own for each role, and for those who cover the whole house."""
    return seats_with(sessions)


@pytest.fixture
def shown(forms_shown: list[Found], seats: dict[Seat, Client]) -> list[Shown]:
    """Every page that shows a form, with its address, the browser of somebody it is open to, and the form."""
    return [(page, address, seats[seat], form) for page, address, seat, form in forms_shown]
