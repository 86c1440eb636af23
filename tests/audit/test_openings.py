"""What the log commits to is opened where the value still stands, for those who may read it, and never otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.access.roles import Role
from apps.audit import opening_port, openings
from apps.audit.models import AuditEvent
from apps.audit.opening_port import OpeningPort, Readers
from apps.audit.openings import Opening, Openings, State, rows_by_key
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, Party
from apps.borrowers.services import borrower_update, hold_place
from apps.core.actor import Actor
from apps.vault.services.forgetting import owner_forget
from apps.vault.services.rotation import key_rotate, row_reseal
from tests.accounts import factories as people
from tests.audit.factories import SYSTEM, branch, person
from tests.borrowers import factories as borrowers

pytestmark = pytest.mark.django_db
ANYBODY = Readers(())


@pytest.fixture
def officer() -> Actor:
    return people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch()))


@pytest.fixture
def borrower(officer: Actor) -> Borrower:
    return borrowers.borrower(officer, phone="+8613800001111")


def opened(readers: Readers = ANYBODY) -> list[Opening]:
    return list(Openings(readers).of(AuditEvent.objects.order_by("pk").iterator()))


def states(row: Any, field: str, readers: Readers = ANYBODY) -> list[tuple[str, str]]:
    key = f"{row._meta.db_table}:{row.pk}"
    return [(one.state.value, one.value) for one in opened(readers) if (one.object, one.field) == (key, field)]


def test_a_value_that_stands_is_shown_and_names_in_clear_with_it(borrower: Borrower):
    assert states(borrower, "phone") == [("opened", "+8613800001111")]
    assert states(borrower, "legal_name") == [("opened", borrower.legal_name)]


def test_of_a_value_that_was_replaced_only_the_new_one_is_shown(officer: Actor, borrower: Borrower):
    borrower_update(
        actor=officer, borrower=borrower, changes={"phone": "+8613800002222", "legal_name": "Songhua Mill Co."}
    )
    assert states(borrower, "phone") == [("changed", ""), ("opened", "+8613800002222")]
    assert states(borrower, "legal_name") == [("changed", ""), ("opened", "Songhua Mill Co.")]


def test_a_date_is_written_as_a_day(officer: Actor, borrower: Borrower):
    one = borrowers.party(officer, borrower, born_on=dt.date(1980, 3, 7))
    assert states(one, "born_on") == [("opened", "1980-03-07")]


def test_a_newer_key_makes_no_difference(officer: Actor, borrower: Borrower):
    with act(actor=SYSTEM):
        key_rotate(actor=SYSTEM, owner=borrower.key_owner)
    with act(actor=SYSTEM):
        row = Borrower.objects.get(pk=borrower.pk)
        assert row_reseal(row=row)
        record(Tag.BORROWER_CHANGED, actor=SYSTEM, subject=row)
    assert set(states(borrower, "phone")) == {("opened", "+8613800001111")}
    assert len(states(borrower, "phone")) == 2, "once under each key"


def test_what_is_forgotten_says_so(borrower: Borrower):
    with act(actor=SYSTEM):
        owner_forget(actor=SYSTEM, owner=borrower.key_owner)
    assert states(borrower, "phone")[0] == ("forgotten", "")
    assert states(borrower, "legal_name")[0] == ("forgotten", "")
    assert not [one for one in opened() if one.state is State.OPENED and one.object.startswith("borrowers_")]


def test_a_row_that_is_gone_says_so(officer: Actor, borrower: Borrower):
    one = borrowers.party(officer, borrower)
    before = f"borrowers_party:{one.pk}"
    with act(actor=SYSTEM):
        one.delete()
        record(Tag.PARTY_CHANGED, actor=SYSTEM)
    assert {line.state for line in opened() if line.object == before} == {State.GONE}


def test_data_of_staff_and_secrets_stay_shut(borrower: Borrower):
    made = person()
    assert {state for state, _value in states(made, "email")} == {"withheld"}
    assert {one.state for one in opened() if one.field == "secret"} <= {State.WITHHELD}


def test_a_port_that_nobody_filled_opens_nothing(borrower: Borrower, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OpeningPort, "openable", staticmethod(opening_port.nobody))
    assert State.OPENED not in {one.state for one in opened()}


def test_without_fields_named_nothing_is_shown(borrower: Borrower, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OpeningPort, "fields", staticmethod(opening_port.nothing))
    assert State.OPENED not in {one.state for one in opened()}


def test_words_that_colleagues_wrote_about_a_borrower_stay_shut(borrower: Borrower):
    compliance = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    hold = hold_place(actor=compliance, borrower=borrower, why="the police ask about the owner")
    assert set(states(hold, "why")) == {("withheld", "")}


@pytest.mark.unrecorded
def test_a_ciphertext_that_was_moved_is_unreadable(officer: Actor, borrower: Borrower):
    one, other = borrowers.party(officer, borrower), borrowers.party(officer, borrower)
    Party._base_manager.filter(pk=one.pk).update(phone=Party.objects.get(pk=other.pk).phone.envelope())
    assert ("unreadable", "") in states(one, "phone")


@pytest.mark.unrecorded
def test_a_row_that_was_edited_behind_the_log_is_not_passed_off_as_what_it_told_of(borrower: Borrower):
    Borrower._base_manager.filter(pk=borrower.pk).update(legal_name="Forged Name Co.")
    assert states(borrower, "legal_name") == [("changed", "")]


def test_it_counts_what_it_opened_of_whom(officer: Actor, borrower: Borrower, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(openings, "CHUNK", 1)
    borrowers.party(officer, borrower)
    found = Openings(ANYBODY)
    lines = list(found.of(AuditEvent.objects.order_by("pk").iterator()))
    assert found.states.total() == len(lines)
    (whose, fields) = found.opened[borrower.key_owner_id]
    assert (whose.pk, fields["borrowers.Party.phone"], fields["borrowers.Borrower.phone"]) == (borrower.pk, 1, 2)
    assert fields.total() == found.states["opened"]


@pytest.mark.parametrize("key", ["nothing:1", "audit_event:1", "borrowers_borrower:x", "borrowers_borrower:0", "", ":"])
def test_keys_that_lead_nowhere_find_nothing(key: str):
    branch()
    assert rows_by_key({key}) == {}
