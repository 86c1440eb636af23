"""Reads of borrowers: masked, within scope, page by page."""

from __future__ import annotations

import pytest

from apps.access.roles import Role
from apps.borrowers import selectors
from apps.borrowers.models import Borrower
from apps.borrowers.services import group_assign
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
from tests.accounts import factories as people
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return f.officer()


def test_shown_borrower_holds_masks_only(officer: Actor) -> None:
    borrower = f.borrower(officer)
    f.whole_people(officer, borrower)
    f.bank_account(officer, borrower)
    shown = selectors.borrower_shown(selectors.borrower_get(officer, borrower.pk))
    assert borrower.identifier.reveal() not in repr(shown)
    assert shown.identifier.masked == borrower.identifier.masked
    (person,) = shown.people
    assert [part.kind for part in person.parts] == ["owner", "beneficial_owner", "legal_representative", "signer"]
    assert person.plays("signer")
    assert shown.with_part("guarantor") == ()
    assert shown.accounts[0].number.masked.startswith("••••")


def test_shown_borrower_takes_the_same_queries_for_many_people(
    officer: Actor, django_assert_max_num_queries: object
) -> None:
    borrower = f.borrower(officer)
    for _each in range(4):
        f.party(officer, borrower)
        f.bank_account(officer, borrower)
    found = selectors.borrower_get(officer, borrower.pk)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        selectors.borrower_shown(found)


def test_borrower_of_another_branch_is_not_there(officer: Actor) -> None:
    foreign = f.borrower(branch=people.branch("B2"))
    with pytest.raises(NotVisible):
        selectors.borrower_get(officer, foreign.pk)
    with pytest.raises(NotVisible):
        selectors.borrower_get(officer, 10**12)


def test_seeing_is_not_editing() -> None:
    borrower = f.borrower()
    with pytest.raises(Refused) as refused:
        selectors.borrower_get(f.actor_of(Role.AUDITOR), borrower.pk, Permission.BORROWER_EDIT)
    assert refused.value.guard == "permission"


def test_list_equals_what_can_be_seen(officer: Actor) -> None:
    mine = [f.borrower(officer).pk for _each in range(3)]
    f.borrower(branch=people.branch("B2"))
    assert [row.id for row in selectors.borrowers_found(officer).rows] == mine[::-1]


def test_pages_follow_each_other_without_gap(officer: Actor) -> None:
    all_ids = [f.borrower(officer).pk for _each in range(5)][::-1]
    first = selectors.borrowers_found(officer, limit=2)
    second = selectors.borrowers_found(officer, cursor=first.next_cursor, limit=2)
    third = selectors.borrowers_found(officer, cursor=second.next_cursor, limit=2)
    assert [row.id for page in (first, second, third) for row in page.rows] == all_ids
    assert (first.is_first, second.is_first, third.next_cursor) == (True, False, "")


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "bm8"])
def test_damaged_cursor_shows_the_first_page(cursor: str, officer: Actor) -> None:
    made = f.borrower(officer)
    assert [row.id for row in selectors.borrowers_found(officer, cursor=cursor).rows] == [made.pk]


def test_names_are_found_by_their_first_letters_in_any_case(officer: Actor) -> None:
    f.borrower(officer, legal_name="Golden Wheat Mills")
    f.borrower(officer, legal_name="金麦食品有限公司")
    assert [row.legal_name for row in selectors.borrowers_found(officer, "golden  WHEAT").rows] == [
        "Golden Wheat Mills"
    ]
    assert [row.legal_name for row in selectors.borrowers_found(officer, "金麦").rows] == ["金麦食品有限公司"]
    assert selectors.borrowers_found(officer, "%").rows == []


def test_a_search_by_name_goes_on_page_by_page(officer: Actor) -> None:
    wanted = [f.borrower(officer, legal_name=f"Golden Wheat {number}").pk for number in range(3)]
    f.borrower(officer, legal_name="Silver Wheat")
    first = selectors.borrowers_found(officer, "golden", limit=2)
    rest = selectors.borrowers_found(officer, "golden", first.next_cursor, limit=2)
    assert [row.id for row in [*first.rows, *rest.rows]] == wanted[::-1]
    assert (len(first.rows), rest.next_cursor) == (2, "")


def test_business_is_found_by_its_whole_identifier_only(officer: Actor) -> None:
    borrower = f.borrower(officer)
    number = borrower.identifier.reveal()
    assert selectors.borrower_find(officer, f" {number.lower()} ") == [borrower]
    assert selectors.borrower_find(officer, number[:-1]) == []
    assert selectors.borrower_find(officer, " ") == []
    assert selectors.borrower_find(f.officer(people.branch("B2")), number) == []


def test_role_over_everything_sees_every_branch() -> None:
    ids = {f.borrower(branch=people.branch(code)).pk for code in ("B1", "B2")}
    auditor = people.actor_for(people.staff(Role.AUDITOR))
    assert {row.id for row in selectors.borrowers_found(auditor).rows} == ids


def test_borrower_sees_own_business_only() -> None:
    mine = f.borrower()
    f.borrower()
    actor = people.actor_for(people.borrower_account())
    assert selectors.borrowers_found(actor).rows == []
    assert {row.pk for row in Borrower.objects.filter(pk=mine.pk)} == {mine.pk}


def test_groups_are_those_with_a_member_in_sight(officer: Actor) -> None:
    mine, far = f.borrower(officer), people.branch("B2")
    foreign = f.borrower(branch=far)
    group_assign(actor=officer, borrower=mine, group=None, new_name="Near")
    group_assign(actor=f.officer(far), borrower=foreign, group=None, new_name="Far")
    assert [group.name for group in selectors.groups_found(officer)] == ["Near"]


def test_nobody_sees_nothing() -> None:
    f.borrower()
    assert selectors.borrowers_found(Actor.anonymous()).rows == []
    assert list(selectors.groups_found(Actor.anonymous())) == []
