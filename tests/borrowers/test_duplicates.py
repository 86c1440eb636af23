"""What two businesses share is found by blind index, whatever branch they are of."""

from __future__ import annotations

import pytest

from apps.borrowers.duplicates import Duplicate, duplicates_of
from apps.borrowers.models import Borrower
from apps.borrowers.services import bank_account_close, group_assign
from apps.core.actor import Actor
from tests.accounts import factories as people
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return f.officer()


@pytest.fixture
def known(officer: Actor) -> Borrower:
    """A business with a person and an account."""
    made = f.borrower(officer, phone="+8613900000001", identifier=f.uscc_number(500_001))
    f.party(officer, made, id_number=f.ric_number(501), phone="+8613900000002")
    f.bank_account(officer, made, number="6222000000000504")
    return made


def found(borrower: Borrower) -> set[tuple[str, int]]:
    return {(each.kind, each.other_id) for each in duplicates_of(borrower)}


def test_strangers_share_nothing(officer: Actor, known: Borrower) -> None:
    other = f.borrower(officer)
    f.whole_people(officer, other)
    f.bank_account(officer, other)
    assert duplicates_of(other) == ()


def test_same_identifier_is_found_across_branches(known: Borrower) -> None:
    far = people.branch("FAR")
    other = f.borrower(branch=far, identifier=known.identifier.reveal())
    assert duplicates_of(other) == (Duplicate("identifier", known.pk),)
    assert duplicates_of(known) == (Duplicate("identifier", other.pk),)


def test_same_person_is_found_behind_two_businesses(officer: Actor, known: Borrower) -> None:
    other = f.borrower(officer)
    f.party(officer, other, id_number=f.ric_number(501))
    assert found(other) == {("person", known.pk)}


@pytest.mark.parametrize("whose", ["business", "person"])
@pytest.mark.parametrize("number", ["+8613900000001", "+8613900000002", "139 0000 0001"])
def test_same_phone_is_found_between_businesses_and_people(
    whose: str, number: str, officer: Actor, known: Borrower
) -> None:
    other = f.borrower(officer, **({"phone": number} if whose == "business" else {}))
    if whose == "person":
        f.party(officer, other, phone=number)
    assert found(other) == {("phone", known.pk)}


def test_same_account_is_found_but_not_a_suppliers_or_a_closed_one(officer: Actor, known: Borrower) -> None:
    other = f.borrower(officer)
    f.bank_account(officer, other, number="6222 0000 0000 0504", is_supplier=True)
    assert found(other) == set()
    account = f.bank_account(officer, other, number="6222 0000 0000 0504")
    assert found(other) == {("account", known.pk)}
    bank_account_close(actor=officer, account=account)
    assert found(other) == set()


def test_members_of_a_group_may_share_all_but_the_identifier(officer: Actor, known: Borrower) -> None:
    other = f.borrower(officer, identifier=known.identifier.reveal(), phone="+8613900000001")
    assert found(other) == {("identifier", known.pk), ("phone", known.pk)}
    group_assign(actor=officer, borrower=known, group=None, new_name="G")
    group_assign(actor=officer, borrower=other, group=Borrower.objects.get(pk=known.pk).group)
    assert found(Borrower.objects.get(pk=other.pk)) == {("identifier", known.pk)}


def test_one_other_is_listed_once_a_kind(officer: Actor, known: Borrower) -> None:
    other = f.borrower(officer, phone="+8613900000001")
    f.party(officer, other, phone="+8613900000002")
    assert duplicates_of(other) == (Duplicate("phone", known.pk),)
