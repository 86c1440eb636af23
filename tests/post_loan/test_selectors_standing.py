"""Exposure and conduct of a business and its group, over loans that the services made."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.post_loan.selectors.standing import Owed, standing_of
from tests.accounts import factories as people
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.worlds import once_a_module

world = once_a_module(factories.running)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_a_running_loan_is_owed_and_its_own_facility_is_not_counted_twice(world: World):
    found = standing_of(world.at)
    assert found.own == Owed(Decimal(0), factories.loan_of(world).balance, 1)
    assert (found.others, found.in_group, found.settled) == (Owed(), False, 0)
    assert found.conduct.due == 0


def test_a_settled_loan_is_owed_no_more_and_counts_as_settled(world: World):
    factories.settled(world)
    found = standing_of(world.at)
    assert (found.together.owed, found.settled, found.is_known) == (Decimal(0), 1, True)


def test_a_missed_instalment_is_late_from_the_day_after(world: World):
    first = factories.rows_of(factories.loan_of(world))[0]
    with clock.at(dt.datetime.combine(first.due_on + dt.timedelta(days=9), dt.time(4), dt.UTC)):
        conduct = standing_of(world.at).conduct
    assert (conduct.due, conduct.in_time, conduct.longest_delay) == (1, 0, 9)
    assert conduct.late_now == first.principal + first.interest


def test_it_costs_four_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries):
    case = world.at
    assert case.borrower.group_id is None
    with clock.at_home(), django_assert_num_queries(4):
        standing_of(case)


def test_the_case_page_shows_it_to_who_reads_the_review(world: World):
    client = Client()
    people.signed_in(client, world.accounts["lead"])
    page = client.get(world.at.get_absolute_url()).content.decode()
    assert "Exposure and conduct" in page
    assert "No instalment has come due yet." in page
