"""The round through every page: it leaves none out, and each picture has a file of its own."""

from __future__ import annotations

import pytest

from apps.access.roles import Role
from tests.accounts import factories as people
from tests.walks.costs import MOST
from tests.walks.screenshots import file_of
from tests.walks.stops import stops
from tests.walks.test_queries import looks
from tests.walks.world import NEAR, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def _somebody(world: World, client: object) -> None:
    people.signed_in(client, world.account(NEAR, Role.LOAN_OFFICER))  # type: ignore[arg-type]


@pytest.mark.usefixtures("_somebody")
def test_every_page_of_the_walks_is_gone_to_once(world: World) -> None:
    names = [stop.name for stop in stops(world)]
    assert {look.page.key for look in looks(world)} & set(MOST) <= set(names)
    assert len(names) == len(set(names)) == len({file_of(name) for name in names})


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
