"""The round through every page: it leaves none out, and each picture has a file of its own."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.roles import Role
from apps.core import clock
from apps.vault.keyring import keyring
from tests.accounts import factories as people
from tests.walks.costs import MOST
from tests.walks.screenshots import file_of
from tests.walks.stops import STATIONS, stops
from tests.walks.test_queries import MARKS, looks
from tests.walks.world import NEAR, OWNER, World

MOST_OF_ANY = 25
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def _somebody(world: World, client: object) -> None:
    people.signed_in(client, world.account(NEAR, Role.LOAN_OFFICER))  # type: ignore[arg-type]


@pytest.mark.usefixtures("_somebody")
def test_every_page_of_the_walks_is_gone_to_once(world: World) -> None:
    names = [stop.name for stop in stops(world)]
    assert {look.page.key for look in looks(world)} & set(MOST) <= set(names)
    assert len(names) == len(set(names)) == len({file_of(name) for name in names})


@pytest.mark.unrecorded
@pytest.mark.usefixtures("_somebody")
def test_pages_of_many_faces_cost_at_every_station_what_any_page_may_cost(world: World) -> None:
    """The walk over all pages sees each of them at one station."""
    faces = [stop for stop in stops(world) if stop.role and stop.name.rpartition("-")[0] in {*STATIONS, "portal:case"}]
    assert len(faces) > len(STATIONS)
    seats = {role: Client() for role in {stop.role for stop in faces}}
    for role, seat in seats.items():
        people.signed_in(seat, world.account(OWNER if role == Role.BORROWER else NEAR, str(role)))
    over = {}
    with clock.at(clock.now()):
        for stop in faces:
            seats[stop.role].get("/account/")
            keyring.clear()
            with CaptureQueriesContext(connection) as asked:
                assert seats[stop.role].get(stop.address).status_code in (200, 302), stop.name
            count = sum(not each["sql"].startswith(MARKS) for each in asked.captured_queries)
            over |= {stop.name: count} if count > MOST_OF_ANY else {}
    assert over == {}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("approval:sign", "approval.sign.png"),
        ("disbursement:payments()", "disbursement.payments.png"),
        ("disbursement:payments(number)", "disbursement.payments-number.png"),
        ("error-missing", "error-missing.png"),
    ],
)
def test_a_picture_is_named_after_its_page(name: str, file: str) -> None:
    assert file_of(name) == file
