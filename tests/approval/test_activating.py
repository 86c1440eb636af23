"""Putting a policy in force: what waits for signatures is listed, what is ticked is frozen anew, and nothing else is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Account
from apps.approval import services
from apps.approval.gathering import memo_facts
from apps.approval.models import Policy, Signature
from apps.approval.rules import LEVELS, AuthorityRow, Limit, PolicyRules, memo_content, signatures_for, signatures_under
from apps.approval.selectors.policies import policy_in_force
from apps.approval.selectors.waiting import Waiting, waiting_under
from apps.approval.services import PolicyDraft
from apps.approval.services.policy import draft_of
from apps.audit.tags import Tag
from apps.core.errors import BadInput
from apps.workflow.models import LoanCase, Notice
from apps.workflow.process import Event
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.applications.factories import again
from tests.approval.factories import ANY_GRADE, ONE, THREE, TWO, approver_account, case_needing, live, policy, signed
from tests.approval.policy_pages import NEW, PUBLISH, typed, words
from tests.borrowers import factories as borrowers
from tests.workflow import factories as workflow
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """Two cases with one signature of two each, and a third that nobody has signed; who signed, and who manages the policy."""

    cases: list[LoanCase]
    signers: list[Account]
    head: Account


def build() -> World:
    """All three under one policy, with a limit, in force before any other."""
    policy(limits=[Limit("debt_to_assets", "max", Decimal("0.95"), exception_level=TWO)])
    people.branch()
    officer = borrowers.officer()
    cases = [case_needing(ONE, TWO, officer=officer) for _each in range(2)]
    cases.append(case_needing(ONE, secured=True, officer=officer))
    signers = [approver_account(ONE) for _each in range(2)]
    for case, signer in zip(cases, signers, strict=False):
        signed(case, people.actor_for(signer))
    return World([again(case) for case in cases], signers, people.staff("head_of_credit"))


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def desk(client: Client, world: World) -> Client:
    """Return the browser of the head of credit."""
    people.signed_in(client, world.head)
    return client


def stricter() -> PolicyDraft:
    """The policy in force, with the highest level wherever somebody signs."""
    draft = draft_of(policy_in_force())
    rows = [replace(row, signatures=(*row.signatures[:-1], THREE)) for row in draft.authorities]
    return replace(draft, authorities=rows)


def lines(world: World, draft: PolicyDraft) -> dict[str, Waiting]:
    """What would be listed, by case."""
    return {each.case.number: each for each in waiting_under(people.actor_for(world.head), draft.rules())}


def published(world: World, *listed: str, draft: PolicyDraft | None = None) -> Policy:
    """A stricter version in force, with some cases put under it."""
    actor = people.actor_for(world.head)
    return services.policy_publish(actor=actor, draft=draft or stricter(), why="Losses.", listed=listed)


def standing(case: LoanCase) -> tuple[int, int, list[bool]]:
    """Number of the memo that stands, its version of the policy, and whether each signature of the case is void."""
    memo = live(again(case))
    signatures = Signature.objects.filter(case=case).order_by("id")
    return memo.number, memo.policy.version, [each.voided_at is not None for each in signatures]


def test_every_case_that_waits_is_listed_with_who_signs_now_and_then(world: World) -> None:
    found = lines(world, stricter())
    first, _second, third = world.cases
    assert set(found) == {case.number for case in world.cases}
    assert (found[first.number].given, found[first.number].needed, found[first.number].would) == (
        1,
        (ONE, TWO),
        (ONE, THREE),
    )
    assert (found[third.number].given, found[third.number].needed, found[third.number].would) == (0, (ONE,), (THREE,))
    same = lines(world, draft_of(policy_in_force()))
    assert not any(each.differs for each in same.values())
    assert {each.would for each in lines(world, replace(stricter(), currency="EUR")).values()} == {()}


def test_an_activation_voids_what_it_lists_and_tells_the_signers(world: World) -> None:
    before, (first, second, third) = policy_in_force().version, world.cases
    made = published(world, lines(world, stricter())[first.number].token)
    assert standing(first) == (2, made.version, [True])
    assert live(again(first)).needed == [ONE, THREE]
    assert "policy" in {change["path"] for change in live(again(first)).difference.reveal()}
    assert standing(second) == (1, before, [False])
    assert standing(third) == (1, before, [])
    told = Notice.objects.filter(kind="signatures_voided").values_list("person_id", "case_id")
    assert list(told) == [(world.signers[0].person_id, first.pk)]
    note = newest(Tag.POLICY_ACTIVATED)["note"]
    assert (note["from"], note["voided"]) == (before, [first.number])
    assert newest(Tag.SIGNATURES_VOIDED)["case"] == first.number


def test_an_activation_that_lists_nothing_voids_nothing(world: World) -> None:
    before = [standing(case) for case in world.cases]
    published(world)
    assert [standing(case) for case in world.cases] == before
    assert newest(Tag.POLICY_ACTIVATED)["note"]["voided"] == []
    assert not Notice.objects.filter(kind="signatures_voided").exists()


@pytest.mark.parametrize("token", ["{}:7", "{}", "LF-2026-999999:1", "x", "", "{}:1:1"])
def test_what_is_not_what_was_listed_keeps_everything_as_it_was(world: World, token: str) -> None:
    before = policy_in_force().version
    good = lines(world, stricter())[world.cases[1].number].token
    with pytest.raises(BadInput, match="Look at the list again"):
        published(world, good, token.format(world.cases[0].number))
    assert policy_in_force().version == before
    assert standing(world.cases[1])[2] == [False]


def test_a_frozen_case_is_not_put_under_a_new_version(world: World) -> None:
    compliance = people.staff("compliance_officer")
    token = lines(world, stricter())[world.cases[0].number].token
    workflow.moved(again(world.cases[0]), Event.FREEZE, compliance, text="looked into")
    with pytest.raises(BadInput, match="is frozen"):
        published(world, token)


def test_a_case_out_of_sight_is_neither_listed_nor_voided(world: World) -> None:
    far = people.staff("head_of_credit", people.branch("FAR"))
    assert waiting_under(people.actor_for(far), stricter().rules()) == []
    token = lines(world, stricter())[world.cases[0].number].token
    with pytest.raises(BadInput, match="Look at the list again"):
        services.policy_publish(actor=people.actor_for(far), draft=stricter(), why="Mine.", listed=[token])


def test_the_page_lists_before_it_puts_in_force_and_keeps_the_ticks(
    desk: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    blank: dict[str, Any] = typed(desk.get(NEW).context["page"], memo_days="20")
    first, second = world.cases[:2]
    with django_assert_max_num_queries(25):
        page = desk.post(NEW, blank)
    text = words(page)
    assert "Cases waiting for signatures" in text
    tokens = {case.number: f"{case.number}:1" for case in world.cases}
    assert all(f'value="{token}"' in text for token in tokens.values())
    assert "1 of 2" in text
    sent = {**blank, "seen": page.context["page"].head["seen"].value()}
    stale = desk.post(PUBLISH, {**sent, "listed": [tokens[first.number], f"{second.number}:9"]})
    assert stale.status_code == 400
    assert "Look at the list again" in words(stale)
    assert f'value="{tokens[first.number]}" aria-label="Put {first.number} under this version" checked' in words(stale)
    assert desk.post(PUBLISH, {**sent, "listed": [tokens[first.number]]}).status_code == 302
    assert standing(first)[2] == [True]
    assert standing(second)[2] == [False]


LIMITS = st.lists(
    st.builds(
        Limit, st.sampled_from(["ltv", "dscr", "dti", "exposure", "debt_to_assets", "gross_margin", "no_such"]), st.sampled_from(["max", "min"]),
        st.sampled_from([Decimal(0), Decimal("0.3"), Decimal("0.5"), Decimal(1), Decimal(10**6)]),
        exception_level=st.sampled_from(["", *LEVELS]),
    ), max_size=4,
)  # fmt: skip
AUTHORITIES = st.lists(
    st.builds(
        AuthorityRow, st.just(ANY_GRADE), st.sampled_from([Decimal(50_000), Decimal(150_000), Decimal(10**6)]),
        st.sampled_from([(ONE,), (ONE, TWO), (TWO, THREE)]), st.sampled_from([None, True, False]),
    ), max_size=3,
)  # fmt: skip


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=AUTHORITIES, limits=LIMITS, currency=st.sampled_from(["CNY", "CNY", "EUR"]))
def test_the_list_says_what_freezing_under_the_draft_would_say(
    world: World, rows: list[AuthorityRow], limits: list[Limit], currency: str
) -> None:
    rules = PolicyRules(9, currency, tuple(rows), tuple(limits))
    for case in (world.cases[0], world.cases[2]):
        facts, memo = memo_facts(case), live(case)
        frozen = memo_content(facts, memo.policy.rules(), number=1, salt="x")
        assert signatures_under(frozen, rules) == signatures_for(facts, rules)[0]
