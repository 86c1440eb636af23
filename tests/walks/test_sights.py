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
from apps.borrowers.selectors import borrowers_found
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


def seen_by(bank: Bank, sight: Sight, look: Callable[[Actor], object]) -> None:
    """Look as each actor that the sight makes of the person, at the moment; nothing of it stays."""
    passing = transaction.atomic()
    passing._from_testcase = True  # a search is recorded by a durable act of its own
    with passing, clock.at(MOMENT):
        actors = sights.laid(bank, sight)
        for actor in actors:
            look(actor)
        transaction.set_rollback(True)


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
    seen_by(bank, sight, lambda actor: cases_agree(bank, actor, limit))


def cases_agree(bank: Bank, actor: Actor, limit: int) -> int:
    """Compare all that lists, counts and chooses cases with what one may see; returns how many that are."""
    may = allowed(actor, Permission.CASE_VIEW, bank.cases)
    assert paged(lambda cursor: cases_visible_to(actor, cursor=cursor, limit=limit)) == may
    assert cases_counted(actor, CaseFilter()) == len(may)
    assert among_visible(actor, {case.pk for case in bank.cases}) == set(may)
    chosen = cases_chosen(actor, [Chosen(case.number, case.version) for case in bank.cases])
    assert {case.pk for case in chosen} == set(may)
    assert sum(load.count for load in loads(actor).by_state) == len(may)
    return len(may)


@drawn
@given(sight=SIGHTS, limit=LIMITS)
def test_loans_payments_and_borrowers_are_listed_as_one_may_see_them(bank: Bank, sight: Sight, limit: int) -> None:
    seen_by(bank, sight, lambda actor: siblings_agree(bank, actor, limit))


def siblings_agree(bank: Bank, actor: Actor, limit: int) -> None:
    """Compare the lists of what hangs on cases, and of borrowers, with what one may see."""
    loans = paged(lambda cursor: loans_visible_to(actor, cursor=cursor, limit=limit))
    assert loans == allowed(actor, Permission.LOAN_VIEW, bank.loans)
    payments = paged(lambda cursor: payments_visible_to(actor, cursor=cursor, limit=limit))
    assert payments == allowed(actor, Permission.PAYMENT_VIEW, bank.payments)
    borrowers = paged(lambda cursor: borrowers_found(actor, cursor=cursor, limit=limit), "id")
    assert borrowers == allowed(actor, Permission.BORROWER_VIEW, [case.borrower for case in bank.cases])


@settings(drawn, max_examples=30)
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
OFFICER = Given(sights.PRINCIPAL, Role.LOAN_OFFICER, 1, ALWAYS)


def own(*places: int | None, span: Span = ALWAYS) -> list[Given]:
    """Loan officer at some branches, or everywhere."""
    return [Given(SELF, Role.LOAN_OFFICER, place, span) for place in places]


def handing(span: Span = ALWAYS, *, branch: int | None = None, agreed: bool | None = None) -> dict[str, Any]:
    """An officer's right in the person's hands."""
    return {"given": [OFFICER], "handed": Handed(Role.LOAN_OFFICER, branch, span, agreed)}


def auditing(span: Span = ALWAYS, *, agreed: bool = True, mine: bool = True, bound: Span = ALWAYS) -> dict[str, Any]:
    """An engagement that names a branch with two below it, and a borrower of two cases elsewhere."""
    return {"bound": bound, "engaged": [Engaged(mine, agreed, span, frozenset({1}), frozenset(), frozenset({6}))]}


@pytest.mark.parametrize(
    ("parts", "sees"),
    [
        ({}, [0]),
        ({"given": own(None)}, [8]),
        ({"given": own(1)}, [3]),
        ({"given": own(0)}, [8]),
        ({"given": own(1, 2)}, [7]),
        ({"given": own(1, span=OVER)}, [0]),
        ({"given": own(1), "shared": {(SELF, 0): 1, (SELF, 2): 0}, "blocked": {(SELF, 3): None}}, [3]),
        ({"given": own(1), "blocked": {(SELF, 3): 0, (sights.PRINCIPAL, 1): 1}, "tied": {(sights.PRINCIPAL, 5): None}}, [3]),
        ({**handing(), "shared": {(SELF, 0): 1}}, [0, 3]),
        ({**handing(branch=3, agreed=True)}, [0, 1]),
        ({**handing(), "blocked": {(sights.PRINCIPAL, 1): 1}, "tied": {(SELF, 3): None}}, [0, 1]),
        ({**handing(), "blocked": {(SELF, 1): 1}, "tied": {(sights.PRINCIPAL, 3): None}}, [0, 1]),
        ({**handing(agreed=False)}, [0]),
        ({**handing(OVER)}, [0]),
        ({**handing(LATER)}, [0]),
        ({**auditing(), "shared": {(SELF, 0): 1}}, [5]),
        ({**auditing(OVER)}, [0]),
        ({**auditing(LATER)}, [0]),
        ({**auditing(agreed=False)}, [0]),
        ({**auditing(mine=False)}, [0]),
        ({**auditing(bound=OVER)}, [0]),
        ({**auditing(), "given": own(4), "shared": {(SELF, 0): 1}, "tied": {(SELF, 6): None}}, [5]),
    ],
)  # fmt: skip
def test_dates_deputies_and_engagements_widen_the_sight_as_they_should(
    bank: Bank, parts: dict[str, Any], sees: list[int]
) -> None:
    """The property would hold for a sight that is always empty, too: here is how many cases some are worth, own sight and deputy's."""
    counts: list[int] = []

    def look(actor: Actor) -> None:
        counts.append(cases_agree(bank, actor, 3))
        siblings_agree(bank, actor, 3)

    nothing: dict[str, Any] = {
        "given": [], "bound": None, "handed": None, "engaged": [], "shared": {}, "blocked": {}, "tied": {},
    }  # fmt: skip
    seen_by(bank, Sight(**{**nothing, **parts}), look)
    assert counts == sees
