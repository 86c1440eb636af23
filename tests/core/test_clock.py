"""Tests of the clock and of the institution's calendar."""

import datetime as dt

import pytest
from django.utils import timezone

from apps.core import clock
from tests.accounts.factories import institution

NIGHT = dt.datetime(2026, 3, 31, 17, 30, tzinfo=dt.UTC)  # half past one on the first of April in China


def test_a_moved_clock_says_so_and_goes_back() -> None:
    with clock.at(NIGHT):
        assert clock.now() == NIGHT
        assert clock.is_simulated()
        with clock.at(NIGHT + dt.timedelta(hours=1)):
            assert clock.now() == NIGHT + dt.timedelta(hours=1)
        assert clock.now() == NIGHT
    assert not clock.is_simulated()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.at(NIGHT.replace(tzinfo=None)):
        pytest.fail("the block must not begin")


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", dt.date(2026, 3, 31)), ("Asia/Shanghai", dt.date(2026, 4, 1)), ("America/New_York", dt.date(2026, 3, 31))]
)  # fmt: skip
def test_the_day_of_a_moment_is_a_zones(zone: str, day: dt.date) -> None:
    assert clock.day_of(NIGHT, zone) == day
    with clock.at(NIGHT):
        assert clock.today(zone) == day


@pytest.mark.django_db
def test_before_there_is_an_institution_the_day_is_that_of_utc() -> None:
    with clock.at(NIGHT):
        assert clock.today() == dt.date(2026, 3, 31)


@pytest.mark.django_db
def test_today_is_the_institutions_day_in_jobs_and_commands_too() -> None:
    institution(pack="cn")
    with clock.at(NIGHT):
        assert clock.today() == dt.date(2026, 4, 1)


@pytest.mark.django_db
def test_at_home_times_are_shown_in_the_institutions_zone_and_the_zone_is_asked_for_once(
    django_assert_num_queries: object,
) -> None:
    institution(pack="cn")
    with django_assert_num_queries(1), clock.at_home(), clock.at(NIGHT):  # type: ignore[operator]
        assert [clock.today() for _ in range(3)] == [dt.date(2026, 4, 1)] * 3
        assert timezone.localtime(NIGHT).hour == 1
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_one_act_asks_for_the_zone_once_and_only_if_it_asks_for_a_day(django_assert_num_queries: object) -> None:
    institution(pack="cn")
    with django_assert_num_queries(0), clock.one_zone():  # type: ignore[operator]
        clock.now()
    with django_assert_num_queries(1), clock.one_zone(), clock.at(NIGHT):  # type: ignore[operator]
        with clock.one_zone():
            assert clock.today() == dt.date(2026, 4, 1)
        assert clock.today() == dt.date(2026, 4, 1)


@pytest.mark.django_db
def test_an_act_that_founds_the_institution_knows_its_zone_from_then_on() -> None:
    with clock.one_zone(), clock.at(NIGHT):
        assert clock.today() == dt.date(2026, 3, 31)
        institution(pack="cn")
        assert clock.today() == dt.date(2026, 4, 1)
