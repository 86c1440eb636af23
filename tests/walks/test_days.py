"""Every role's day in a real browser: at a desk in English and on a phone in Chinese, with the work that is the role's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from apps.access.roles import ROLE_TABLE, Role
from apps.core.permissions import Permission
from tests.walks import days_of_cases, days_of_house
from tests.walks.day import Day, Work
from tests.walks.visits import VARIANTS, Place, Variant, context_of, furnished_site, sit_down

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(600)]
DESK, PHONE = VARIANTS[0], VARIANTS[3]
WORK: dict[Role, Work] = {**days_of_cases.WORK, **days_of_house.WORK}


@pytest.fixture(scope="module", params=(DESK, PHONE), ids=str)
def variant(request: pytest.FixtureRequest) -> Variant:
    """Where the day is spent."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def place(variant: Variant, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """A furnished world of the variant's own: what one day writes, no other needs."""
    with django_db_blocker.unblock(), furnished_site() as made:
        yield made


@pytest.fixture
def day(role: Role, place: Place, variant: Variant, chromium: Browser) -> Iterator[Day]:
    """Somebody of a role, signed in at the browser of their own."""
    context = context_of(chromium, place, variant, bypass_csp=False)
    sit_down(context, place, role)
    yield Day(context.new_page(), place, variant, role)
    context.close()


def test_every_role_has_its_day() -> None:
    assert set(WORK) == set(Role)


@pytest.mark.parametrize("role", list(Role))
def test_a_day_of_work(role: Role, day: Day) -> None:
    day.opens_home()
    assert day.walks_the_bar() >= 3
    if not day.is_phone:
        day.uses_keys(searched(day))
    elif case := searched(day):
        day.searches(case)
    WORK[role](day)
    assert day.said == []


def searched(day: Day):  # type: ignore[no-untyped-def]
    """A case to search for, for who has the box."""
    held = ROLE_TABLE[day.role]
    return day.case() if Permission.CASE_VIEW in held and day.role != Role.BORROWER else None
