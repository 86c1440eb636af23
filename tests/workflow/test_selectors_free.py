"""Cases for an approver to take: offered and counted are those that this very person can sign."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.core.errors import BadInput, Refused
from apps.core.memory import remembering
from apps.workflow.models import LoanCase
from apps.workflow.selectors.free import free_for, unfit
from apps.workflow.selectors.lists import cases_counted, cases_visible_to
from apps.workflow.services.steps import case_take_next
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval import factories as approval
from tests.worlds import once_a_module


def build() -> dict[str, LoanCase]:
    """Cases that wait for level 1, for levels 1 and 2, and for level 2 twice."""
    approval.policy()
    needs = {"one": (approval.ONE,), "both": (approval.ONE, approval.TWO), "two": (approval.TWO, approval.TWO)}
    return {name: approval.case_needing(*levels) for name, levels in needs.items()}


world = once_a_module(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def offered(actor: Any) -> set[str]:
    return {case.number for case in cases_visible_to(actor, free_for(actor)).rows}


def numbers(world: dict[str, LoanCase], *names: str) -> set[str]:
    return {world[name].number for name in names}


@pytest.mark.parametrize(
    ("level", "names"),
    [(approval.ONE, ("one", "both")), (approval.TWO, ("one", "both", "two")), (approval.THREE, ("one", "both", "two"))],
)
def test_an_approver_is_offered_what_their_level_can_sign(
    world: dict[str, LoanCase], level: str, names: tuple[str, ...]
) -> None:
    actor = approval.approver(level, world["one"].branch)
    assert offered(actor) == numbers(world, *names)
    assert cases_counted(actor, free_for(actor)) == len(names)


def test_who_has_signed_is_offered_the_case_no_more(world: dict[str, LoanCase]) -> None:
    actor = approval.approver(approval.ONE, world["both"].branch)
    approval.signed(world["both"], actor)
    assert offered(actor) == numbers(world, "one")
    ((case_id, why),) = unfit([again(world["both"])], actor).items()
    assert case_id == world["both"].pk
    assert "You signed already" in str(why)


def test_take_next_gives_what_can_be_signed_and_nothing_else(world: dict[str, LoanCase]) -> None:
    actor = approval.approver(approval.ONE, world["one"].branch)
    taken = {case_take_next(actor=actor).number for _each in range(2)}
    assert taken == numbers(world, "one", "both")
    with pytest.raises(BadInput, match="Nothing waits"):
        case_take_next(actor=actor)


def test_the_case_and_its_memo_say_the_level_instead_of_leading_to_a_refusal(
    client: Client, world: dict[str, LoanCase]
) -> None:
    account = approval.approver_account(approval.ONE, world["two"].branch)
    people.signed_in(client, account)
    page, sign = world["two"].get_absolute_url(), reverse("approval:sign", args=[world["two"].number])
    for address in (page, reverse("approval:memo", args=[world["two"].number])):
        text = client.get(address).content.decode()
        assert "You are level 1; this needs level 2 + 2." in text
        assert sign not in text
        assert reverse("approval:refer", args=[world["two"].number]) in text
    listed = client.get(reverse("console:work") + "?tab=branch").content.decode()
    assert "You are level 1; this needs level 2 + 2." in listed
    theirs = client.get(reverse("approval:memo", args=[world["one"].number])).content.decode()
    assert reverse("approval:sign", args=[world["one"].number]) in theirs


def test_what_keeps_nobody_off_asks_as_few_questions_for_many_cases(
    world: dict[str, LoanCase], django_assert_max_num_queries: Any
) -> None:
    actor = approval.approver(approval.TWO, world["one"].branch)
    with remembering(), django_assert_max_num_queries(5):
        assert unfit(world.values(), actor) == {}


def test_roles_that_sign_nothing_are_told_nothing_of_levels(world: dict[str, LoanCase]) -> None:
    auditor = people.actor_for(people.staff(Role.AUDITOR, world["one"].branch))
    assert unfit(world.values(), auditor) == {}
    with pytest.raises(Refused):
        case_take_next(actor=auditor)
