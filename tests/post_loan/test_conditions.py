"""The list of conditions due: whose, in which order, at what cost."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.approval.models import Condition
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import encode
from apps.disbursement.services.following import conditions_remind
from apps.post_loan.selectors.conditions import conditions_due_to
from tests.accounts import factories as people
from tests.accounts.factories import SETUP
from tests.borrowers import factories as borrowers
from tests.disbursement.worlds import World
from tests.post_loan import factories
from tests.worlds import once_a_module

DAYS = (40, 3, 20)


def _with_conditions() -> World:
    world = factories.running()
    with act(actor=SETUP):
        for days in DAYS:
            Condition.objects.create(
                case=world.at, key_owner=world.at.borrower.key_owner, code=f"after-{days}", kind="subsequent", due_days=days,
                text_en=f"Accounts within {days}", text_zh="审计报告",
            )  # fmt: skip
        record(Tag.BRANCH_CHANGED, actor=SETUP)
    conditions_remind(Actor.system("clock", channel="test"))
    return world


world = once_a_module(_with_conditions)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def texts(actor: Actor, **wanted: Any) -> list[str]:
    """Words of the conditions listed."""
    return [each.text for each in conditions_due_to(actor, **wanted).rows]


def test_the_nearest_day_comes_first(world: World):
    assert texts(world.actor("keeper")) == [f"Accounts within {days}" for days in sorted(DAYS)]


def test_only_what_is_overdue_when_asked(world: World):
    assert texts(world.actor("keeper"), overdue=True) == []
    with clock.at(clock.now() + dt.timedelta(days=21)):
        assert texts(world.actor("keeper"), overdue=True) == ["Accounts within 3", "Accounts within 20"]
        assert [each.days_over for each in conditions_due_to(world.actor("keeper")).rows] == [18, 1, 0]


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_follow_each_other_without_gap_or_double(world: World, limit: int):
    seen: list[str] = []
    cursor = ""
    for _page in range(5):
        page = conditions_due_to(world.actor("auditor"), cursor=cursor, limit=limit)
        seen += [each.text for each in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [f"Accounts within {days}" for days in sorted(DAYS)]


@pytest.mark.parametrize(
    "cursor", ["x", "", encode(["a", 1]), encode(["2026-01-01"]), encode(["2026-01-01", -1]), encode([1, "x"])]
)
def test_a_damaged_cursor_shows_the_first_page(world: World, cursor: str):
    assert len(texts(world.actor("keeper"), cursor=cursor)) == 3


def test_another_branch_and_nobody_see_nothing(world: World):
    assert texts(borrowers.actor_of("post_loan_officer", people.branch("FAR"))) == []
    assert texts(Actor.anonymous()) == []


def test_the_page_costs_a_fixed_number_of_queries_and_leads_to_the_conditions(
    world: World, django_assert_max_num_queries: Any
):
    client, place = Client(), reverse("post_loan:conditions")
    people.signed_in(client, world.accounts["keeper"])
    client.get(place)
    with django_assert_max_num_queries(16):
        page = html.unescape(client.get(place).content.decode())
    assert reverse("disbursement:conditions", args=[world.at.number]) in page
    assert page.index("within 3") < page.index("within 20") < page.index("within 40")
    assert "No condition waits" in client.get(place, {"overdue": "on"}).content.decode()
    assert client.get(place, {"overdue": "?", "cursor": "?"}).status_code == 200
    assert place in client.get(reverse("post_loan:loans")).content.decode()
