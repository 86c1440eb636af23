"""Lists of payments hold exactly what ``can()`` allows one by one, and page without gaps."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.access.roles import ROLE_TABLE, Role
from apps.access.services import can
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.keyset import encode
from apps.core.permissions import Permission
from apps.disbursement.models import Drawdown, DrawdownState
from apps.disbursement.selectors import PaymentFilter, conditions_standing, payments_visible_to
from apps.disbursement.selectors.choosing import facilities_open, payees_open, witnesses
from apps.post_loan.models import Loan
from apps.post_loan.selectors import LoanFilter, loans_visible_to
from apps.workflow.models import CaseBlock
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module


@dataclass(frozen=True)
class Worlds:
    """A case with seven payments, of which one was paid."""

    one: World
    drawdowns: list[Drawdown]


def build() -> Worlds:
    """Make them."""
    world = worlds.payout()
    factories.paid(world.case, amount=Decimal(1000), payee=world.payee)
    made = [
        factories.prepared(world.actor("maker"), world.case, Decimal(number), world.payee) for number in range(1, 7)
    ]
    return Worlds(world, made)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
ROLES = st.sampled_from([role for role in Role if role is not Role.BORROWER])


def held(role: Role, branches: list[int] | None) -> HeldRole:
    """A role over branches, or everywhere."""
    return HeldRole(role, None if branches is None else frozenset(branches))


def actor_with(world: Worlds, roles: list[HeldRole], tied: bool) -> Actor:
    """An auditor turned into somebody else."""
    base = world.one.actor("auditor")
    tied_to = frozenset({world.one.at.borrower_id}) if tied else frozenset()
    return dataclasses.replace(base, held=tuple(roles), tied_borrower_ids=tied_to)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_lists_hold_exactly_what_can_allows(world: Worlds, data: st.DataObject):
    here = world.one.at.branch_id
    reach = st.sampled_from([None, [here], [here + 10**6], [here, here + 10**6]])
    roles = data.draw(st.lists(st.builds(held, ROLES, reach), max_size=3))
    actor = actor_with(world, roles, data.draw(st.booleans()))
    for rows, permission, listed in (
        (Drawdown.objects.exclude(state=DrawdownState.PAID), Permission.PAYMENT_VIEW, payments_visible_to(actor).rows),
        (Loan.objects.all(), Permission.LOAN_VIEW, loans_visible_to(actor).rows),
    ):
        allowed = [row.pk for row in rows.order_by("-id") if can(actor, permission, row).allowed]
        assert [row.pk for row in listed] == allowed


def test_a_conflict_of_interest_hides_payments_and_loans(world: Worlds):
    actor = world.one.actor("keeper")
    assert payments_visible_to(actor).rows
    with act(actor=people.SETUP):
        CaseBlock.objects.create(case=world.one.at, person_id=actor.person_id, reason="cousin")
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    assert not payments_visible_to(actor).rows
    assert not loans_visible_to(actor).rows
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert not loans_visible_to(actor).rows


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 50])
def test_pages_follow_each_other_without_gap_or_double(world: Worlds, limit: int):
    actor, cursor, seen = world.one.actor("checker"), "", []
    for _page in range(10):
        page = payments_visible_to(actor, cursor=cursor, limit=limit)
        seen += [row.pk for row in page.rows]
        assert page.is_first == (cursor == "")
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [each.pk for each in reversed(world.drawdowns)]


@pytest.mark.parametrize(
    "cursor", ["x", "", "////", encode(["a"]), encode([-1]), encode([10**30]), encode(["²"]), encode([None])]
)
def test_a_damaged_cursor_is_no_error(world: Worlds, cursor: str):
    assert payments_visible_to(world.one.actor("checker"), cursor=cursor) is not None
    assert loans_visible_to(world.one.actor("checker"), cursor=cursor) is not None


@pytest.mark.parametrize(("state", "count"), [("", 6), ("prepared", 6), ("paid", 1), ("in_doubt", 0), ("nonsense", 0)])
def test_payments_are_listed_by_state(world: Worlds, state: str, count: int):
    assert len(payments_visible_to(world.one.actor("checker"), PaymentFilter(state)).rows) == count


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 1),
        ({"state": "running"}, 1),
        ({"state": "closed"}, 0),
        ({"overdue": True}, 0),
        ({"borrower_id": 10**9}, 0),
        ({"case_id": 10**9}, 0),
    ],
)
def test_loans_are_filtered(world: Worlds, wanted: dict[str, object], count: int):
    assert len(loans_visible_to(world.one.actor("lead"), LoanFilter(**wanted)).rows) == count  # type: ignore[arg-type]


def test_a_borrower_sees_loans_of_their_own_business_only(world: Worlds):
    own = Actor.anonymous()
    kind = type(own.kind).BORROWER
    for ids, count in ((frozenset({world.one.at.borrower_id}), 1), (frozenset({10**9}), 0), (frozenset(), 0)):
        actor = dataclasses.replace(own, kind=kind, borrower_ids=ids)
        assert len(loans_visible_to(actor).rows) == count


def test_who_is_nobody_sees_nothing(world: Worlds):
    assert not loans_visible_to(Actor.anonymous()).rows
    assert not payments_visible_to(Actor.anonymous()).rows
    assert Permission.PAYMENT_VIEW in ROLE_TABLE[Role.AUDITOR]


def test_forms_offer_open_facilities_and_verified_accounts_only(world: Worlds):
    case = world.one.case
    assert [each.pk for each in facilities_open(case)] == [case.facilities.get().pk]
    unverified = borrowers.bank_account(world.one.actor("officer"), case.borrower)
    offered = [account.pk for account in payees_open(case)]
    assert world.one.payee is not None
    assert world.one.payee.pk in offered
    assert unverified.pk not in offered


def test_witnesses_are_colleagues_without_oneself(world: Worlds):
    me = world.one.accounts["officer"].person_id
    found = dict(witnesses(world.one.case, me))
    assert world.one.accounts["maker"].person_id in found
    assert me not in found


def test_conditions_are_read_in_a_fixed_number_of_queries(world: Worlds, django_assert_max_num_queries: object):
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert not any(each.keeps_money_back for each in conditions_standing(world.one.at))
