"""Every list shows exactly what ``can()`` allows one by one, and the search finds nothing else, whatever the sight is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.access.roles import Role
from apps.access.services import can
from apps.borrowers.selectors import borrowers_found, groups_found
from apps.console.finding import search
from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.disbursement.selectors.payments import payments_visible_to
from apps.post_loan.selectors.loans import loans_visible_to
from apps.workflow.selectors import CaseFilter, cases_counted, cases_visible_to
from apps.workflow.selectors.handing import Chosen, cases_chosen
from apps.workflow.selectors.load import loads
from apps.workflow.selectors.scope import among_visible
from tests.walks import sights
from tests.walks.sights import MOMENT, NAME, SELF, SIGHTS, Bank, Engaged, Given, Handed, Sight, Span
from tests.worlds import once_a_module

bank = once_a_module(sights.bank)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("bank"),
    pytest.mark.unrecorded,
]  # rights and exceptions laid bare, by the hundred
drawn = settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],  # to look for a smaller example takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LIMITS = st.integers(1, 9)


def seen_by(bank: Bank, sight: Sight, look: Callable[[Actor], None]) -> int:
    """Look as each actor that the sight makes of the person, at the moment; nothing of it stays. Returns how many there were."""
    passing = transaction.atomic()
    passing._from_testcase = True  # a search is recorded by a durable act of its own
    with passing, clock.at(MOMENT):
        actors = sights.laid(bank, sight)
        for actor in actors:
            look(actor)
        transaction.set_rollback(True)
    return len(actors)


def allowed(actor: Actor, permission: Permission, rows: Iterable[Any]) -> list[int]:
    """Ids of the rows that the actor may use the permission on, newest first."""
    return sorted({row.pk for row in rows if can(actor, permission, row).allowed}, reverse=True)


def paged(page_after: Callable[[str], Page[Any]], key: str = "pk") -> list[int]:
    """Ids on all pages of a list, in its order."""
    page = page_after("")
    found = [getattr(row, key) for row in page.rows]
    while page.next_cursor:
        page = page_after(page.next_cursor)
        assert page.rows, "a page that is promised has rows"
        found += [getattr(row, key) for row in page.rows]
    return found


@drawn
@given(sight=SIGHTS, limit=LIMITS)
def test_cases_are_listed_counted_and_chosen_as_one_may_see_them(bank: Bank, sight: Sight, limit: int) -> None:
    def look(actor: Actor) -> None:
        may = allowed(actor, Permission.CASE_VIEW, bank.cases)
        assert paged(lambda cursor: cases_visible_to(actor, cursor=cursor, limit=limit)) == may
        assert cases_counted(actor, CaseFilter()) == len(may)
        assert among_visible(actor, {case.pk for case in bank.cases}) == set(may)
        chosen = cases_chosen(actor, [Chosen(case.number, case.version) for case in bank.cases])
        assert {case.pk for case in chosen} == set(may)
        assert sum(load.count for load in loads(actor).by_state) == len(may)

    seen_by(bank, sight, look)


@drawn
@given(sight=SIGHTS, limit=LIMITS)
def test_loans_payments_and_borrowers_are_listed_as_one_may_see_them(bank: Bank, sight: Sight, limit: int) -> None:
    owners = [case.borrower for case in bank.cases]

    def look(actor: Actor) -> None:
        loans = paged(lambda cursor: loans_visible_to(actor, cursor=cursor, limit=limit))
        assert loans == allowed(actor, Permission.LOAN_VIEW, bank.loans)
        payments = paged(lambda cursor: payments_visible_to(actor, cursor=cursor, limit=limit))
        assert payments == allowed(actor, Permission.PAYMENT_VIEW, bank.payments)
        borrowers = paged(lambda cursor: borrowers_found(actor, cursor=cursor, limit=limit), "id")
        assert borrowers == allowed(actor, Permission.BORROWER_VIEW, owners)
        assert not groups_found(actor).exists()

    seen_by(bank, sight, look)


@drawn
@given(sight=SIGHTS)
def test_the_search_finds_what_one_may_see(bank: Bank, sight: Sight) -> None:
    def look(actor: Actor) -> None:
        may = {
            "cases": allowed(actor, Permission.CASE_VIEW, bank.cases),
            "businesses": allowed(actor, Permission.BORROWER_VIEW, [party.borrower for party in bank.parties]),
            "people": allowed(actor, Permission.BORROWER_VIEW, bank.parties),
        }
        named = search(actor, "Songhua Bakery")
        assert [case.pk for case in named.cases.rows] == may["cases"]
        assert [row.id for row in named.businesses] == may["businesses"][:5]
        found = search(actor, NAME)
        assert len(found.people) == len(may["people"]) == len(may["businesses"])
        assert {each.borrower_id for each in found.people} == set(may["businesses"])
        for permission, rows, word in _referred(bank):
            exact = {row.pk for row in rows if search(actor, word(row)).exact}
            assert exact == set(allowed(actor, permission, rows))

    seen_by(bank, sight, look)


def _referred(bank: Bank) -> Sequence[tuple[Permission, Sequence[Any], Callable[[Any], str]]]:
    return [
        (Permission.CASE_VIEW, bank.cases, lambda case: case.number),
        (Permission.LOAN_VIEW, bank.loans, lambda loan: loan.number),
        (Permission.PAYMENT_VIEW, bank.orders, lambda order: order.end_to_end_id),
    ]


ALWAYS, OVER, LATER = Span(-9, 1), Span(-9, 0), Span(1, 1)
NOTHING = Sight([], None, None, [], {}, {}, {})
OFFICER = Given(sights.PRINCIPAL, Role.LOAN_OFFICER, 1, ALWAYS)


def auditing(span: Span, *, agreed: bool = True, mine: bool = True) -> list[Engaged]:
    """An engagement that names a branch with one below it, and a borrower of two cases elsewhere."""
    return [Engaged(mine, agreed, span, frozenset({1}), frozenset(), frozenset({5}))]


@pytest.mark.parametrize(
    ("sight", "own", "as_deputy"),
    [
        (NOTHING, 0, None),
        (Sight([Given(SELF, Role.LOAN_OFFICER, None, ALWAYS)], None, None, [], {}, {}, {}), 7, None),
        (Sight([Given(SELF, Role.LOAN_OFFICER, 1, OVER)], None, None, [], {}, {}, {}), 0, None),
        (Sight([Given(SELF, Role.LOAN_OFFICER, 1, ALWAYS)], None, None, [], {(SELF, 0): 1, (SELF, 2): 0}, {(SELF, 3): None}, {}), 2, None),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, None, ALWAYS, None), [], {(SELF, 0): 1}, {}, {}), 0, 2),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, 3, ALWAYS, True), [], {}, {}, {}), 0, 1),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, None, ALWAYS, None), [], {}, {(sights.PRINCIPAL, 1): 1}, {(SELF, 3): None}), 0, 0),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, None, ALWAYS, False), [], {}, {}, {}), 0, None),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, None, OVER, None), [], {}, {}, {}), 0, None),
        (Sight([OFFICER], None, Handed(Role.LOAN_OFFICER, None, LATER, None), [], {}, {}, {}), 0, None),
        (Sight([], ALWAYS, None, auditing(ALWAYS), {(SELF, 0): 1}, {}, {}), 4, None),
        (Sight([], ALWAYS, None, auditing(OVER), {}, {}, {}), 0, None),
        (Sight([], ALWAYS, None, auditing(LATER), {}, {}, {}), 0, None),
        (Sight([], ALWAYS, None, auditing(ALWAYS, agreed=False), {}, {}, {}), 0, None),
        (Sight([], ALWAYS, None, auditing(ALWAYS, mine=False), {}, {}, {}), 0, None),
        (Sight([], OVER, None, auditing(ALWAYS), {}, {}, {}), 0, None),
        (Sight([Given(SELF, Role.LOAN_OFFICER, 4, ALWAYS)], ALWAYS, None, auditing(ALWAYS), {(SELF, 0): 1}, {}, {(SELF, 5): None}), 4, None),
    ],
)  # fmt: skip
def test_dates_deputies_and_engagements_widen_the_sight_as_they_should(
    bank: Bank, sight: Sight, own: int, as_deputy: int | None
) -> None:
    """The property holds for a sight that is always empty, too; so here is how many cases some are worth."""
    counts: list[int] = []
    seen_by(bank, sight, lambda actor: counts.append(len(allowed(actor, Permission.CASE_VIEW, bank.cases))))
    assert counts == ([own] if as_deputy is None else [own, as_deputy])
