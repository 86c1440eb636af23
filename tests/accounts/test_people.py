"""People and places as rows: what is made, what is refused, what stays hidden."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts import selectors
from apps.accounts.models import Account, Branch, Institution, Person
from apps.accounts.services import people, places
from apps.accounts.services.people import Particulars
from apps.audit.tags import Tag
from apps.core.errors import BadInput
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db


def particulars(**changes: str) -> Particulars:
    """Particulars of somebody, changed as told."""
    usual = {"handle": "officer-1", "name": "Li Wei", "email": "li.wei@example.test", "phone": "+86 531 5550 1234"}
    return Particulars(**{**usual, **changes})


def test_personal_data_stand_nowhere_in_clear() -> None:
    factories.institution()
    people.person_invite(actor=SETUP, who=particulars())
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
            assert not [secret for secret in ("Li Wei", "li.wei", "5550 1234") if secret in text], table


def test_a_person_is_found_by_email_and_shown_masked() -> None:
    factories.institution()
    made = people.person_invite(actor=SETUP, who=particulars()).account
    assert selectors.persons_with_email("LI.WEI@example.test") == [made.person]
    assert selectors.account_named("li.wei@example.test") == made
    assert str(Person.objects.get(pk=made.person_id).name) == "L••••"
    assert "Li Wei" not in f"{made.person!r} {made.person} {made}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"handle": "officer-1"}, "handle"),
        ({"handle": "Officer"}, "handle"),
        ({"handle": "x"}, "handle"),
        ({"handle": "a b"}, "handle"),
        ({"handle": "neu\n"}, "handle"),
        ({"handle": "new", "email": "LI.WEI@EXAMPLE.TEST"}, "email"),
        ({"handle": "new", "email": "not an address"}, "email"),
    ],
)
def test_handles_and_addresses_are_checked(changes: dict[str, str], field: str) -> None:
    factories.institution()
    people.person_invite(actor=SETUP, who=particulars())
    before = Person.objects.count()
    with pytest.raises(BadInput) as caught:
        people.person_invite(actor=SETUP, who=particulars(**{"email": "other@example.test", **changes}))
    assert list(caught.value.errors) == [field]
    assert Person.objects.count() == before, "nothing is written by halves"


def test_an_invited_account_has_no_password() -> None:
    factories.institution()
    made = people.person_invite(actor=SETUP, who=particulars()).account
    assert not made.has_usable_password()
    assert newest(Tag.PERSON_INVITED)["outcome"] == "done"


def test_superusers_cannot_exist() -> None:
    with pytest.raises(TypeError, match="no superusers"):
        Account.objects.create_superuser(handle="root", password="x")
    owner = factories.staff()
    with pytest.raises(IntegrityError), transaction.atomic():
        Account._base_manager.filter(pk=owner.pk).update(is_superuser=True)


def test_a_suspended_account_cannot_be_active() -> None:
    owner = factories.staff()
    with pytest.raises(IntegrityError), transaction.atomic():
        Account._base_manager.filter(pk=owner.pk).update(suspended_at=owner.created_at)


def test_suspending_twice_is_refused() -> None:
    owner = factories.staff()
    people.account_suspend(actor=SETUP, account=owner, reason="left")
    with pytest.raises(BadInput, match="already"):
        people.account_suspend(actor=SETUP, account=owner, reason="left")
    assert newest(Tag.PERSON_SUSPENDED)["outcome"] == "done"
    assert Account.objects.get_by_natural_key(owner.handle.upper()) == owner


def test_there_is_one_institution() -> None:
    made = factories.institution(pack="cn")
    assert (made.currency, made.time_zone, made.language) == ("CNY", "Asia/Shanghai", "zh-hans")
    with pytest.raises(BadInput, match="already"):
        places.institution_create(actor=SETUP, name="Other", pack="us")
    with pytest.raises(IntegrityError), transaction.atomic():
        Institution._base_manager.bulk_create([Institution(name="Other", pack="us")])


def test_branches_hang_in_a_tree() -> None:
    head = factories.branch("HQ")
    jinan = factories.branch("JN", head)
    leaf = factories.branch("JN-01", jinan)
    assert [each.path for each in (head, jinan, leaf)] == ["HQ/", "HQ/JN/", "HQ/JN/JN-01/"]
    assert [each.depth for each in selectors.branches()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [("hq", "x", "code"), ("", "x", "code"), ("A" * 13, "x", "code"), ("A/B", "x", "code"), ("JN", " ", "name"),
     ("HQ", "x", "code"), ("JN\n", "x", "code")],
)  # fmt: skip
def test_branches_need_a_good_code_and_a_name(code: str, name: str, field: str) -> None:
    factories.branch("HQ")
    with pytest.raises(BadInput) as caught:
        places.branch_add(actor=SETUP, code=code, name=name)
    assert list(caught.value.errors) == [field]


def test_moving_a_branch_takes_those_below_along() -> None:
    head, other = factories.branch("HQ"), factories.branch("WEST")
    jinan = factories.branch("JN", head)
    leaf = factories.branch("JN-01", jinan)
    places.branch_change(actor=SETUP, branch=jinan, name="Jinan", parent=other)
    leaf.refresh_from_db()
    assert leaf.path == "WEST/JN/JN-01/"
    with pytest.raises(BadInput, match="below itself"):
        places.branch_change(actor=SETUP, branch=jinan, name="Jinan", parent=leaf)
    with pytest.raises(BadInput, match="below itself"):
        places.branch_change(actor=SETUP, branch=jinan, name="Jinan", parent=jinan)


def test_branches_nest_only_so_deep() -> None:
    parent = factories.branch("A" * 12)
    for letter in "BCDEFGHIJKLMNOPQRS":
        parent = places.branch_add(actor=SETUP, code=letter * 12, name="x", parent=parent)
    with pytest.raises(BadInput, match="too deep"):
        places.branch_add(actor=SETUP, code="T" * 12, name="x", parent=parent)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=8))
def test_paths_always_tell_the_tree(moves: list[tuple[int, int]]) -> None:
    rows = [factories.branch(f"P{number}") for number in range(6)]
    for child, parent in moves:
        above = rows[parent] if parent >= 0 else None
        try:
            places.branch_change(actor=SETUP, branch=rows[child], name="x", parent=above)
        except BadInput:
            continue
    for row in Branch.objects.select_related("parent"):
        assert row.path == row.path_below(row.parent)
