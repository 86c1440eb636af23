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


@pytest.fixture(scope="session")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A furnished database of this process's own, for all modules that walk on it."""
    with django_db_blocker.unblock(), furnished.copy() as name:
        yield name


@pytest.fixture(scope="module")
def world(ground: str, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The furnished database, for the module; each test of it is rolled back."""
    with django_db_blocker.unblock(), furnished.at(ground) as made:
        yield made


@pytest.fixture(scope="module")
def sessions(world: World, django_db_blocker: DjangoDbBlocker) -> dict[Seat, str]:
    """The keys of sessions of everybody, begun once for all tests of the module: a factor is fresh for a quarter of an hour."""
    with django_db_blocker.unblock():
        return sessions_of(world)


@pytest.fixture(scope="session")
def forms_shown(ground: str, django_db_blocker: DjangoDbBlocker) -> list[Found]:
    """Every form that a page shows, looked for once for all modules of this process."""
    with django_db_blocker.unblock(), furnished.at(ground) as world:
        return list(forms_of(world, seats_with(sessions_of(world))))


@pytest.fixture
def seats(sessions: dict[Seat, str]) -> dict[Seat, Client]:
    """A browser of the test's own for each role, and for those who cover the whole house."""
    return seats_with(sessions)


@pytest.fixture
def shown(forms_shown: list[Found], seats: dict[Seat, Client]) -> list[Shown]:
    """Every page that shows a form, with its address, the browser of somebody it is open to, and the form."""
    return [(page, address, seats[seat], form) for page, address, seat, form in forms_shown]
