"""Pages of borrowers: masked until a purpose is given, changed by form, bad input answered with words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account, Branch
from apps.audit.models import AuditEvent
from apps.borrowers.models import BankAccount, Borrower, Interest, Party, StaffInterest
from apps.borrowers.services import group_assign
from tests.accounts import factories as people
from tests.applications.factories import reason
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    return f.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def browser(client: Client, officer: Account) -> Client:
    people.signed_in(client, officer)
    return client


@pytest.fixture
def borrower(officer: Account) -> Borrower:
    actor = people.actor_for(officer)
    made = f.borrower(actor)
    f.whole_people(actor, made)
    f.bank_account(actor, made)
    return made


def url(name: str, *rest: object) -> str:
    return reverse(f"borrowers:{name}", args=list(rest))


def went_on(answer: HttpResponse) -> None:
    assert answer.status_code == 302, answer.content.decode()


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


# -- list and search


def test_list_shows_masks_and_is_one_event(browser: Client, borrower: Borrower) -> None:
    before = AuditEvent.objects.filter(action="borrowers.listed").count()
    shown = text(browser.get(url("list")))
    assert borrower.legal_name in shown
    assert borrower.identifier.reveal() not in shown
    assert AuditEvent.objects.filter(action="borrowers.listed").count() == before + 1


def test_list_takes_the_same_queries_for_many_rows(
    browser: Client, officer: Account, django_assert_max_num_queries: Any
) -> None:
    for _each in range(6):
        f.borrower(people.actor_for(officer))
    browser.get(url("list"))
    with django_assert_max_num_queries(18):
        browser.get(url("list"))


def test_empty_list_says_what_to_do(browser: Client) -> None:
    assert "No borrowers yet" in text(browser.get(url("list")))
    assert "No business of this name" in text(browser.get(url("list") + "?q=zzz"))


def test_business_is_found_by_identifier_without_leaving_it_in_the_address(browser: Client, borrower: Borrower) -> None:
    number = borrower.identifier.reveal()
    shown = browser.post(url("find"), {"identifier": number})
    assert borrower.legal_name in text(shown)
    assert "No business bears this identifier" in text(browser.post(url("find"), {"identifier": "91370100MA3X"}))
    assert browser.post(url("find"), {"identifier": ""}).status_code == 400
    assert browser.get(url("find")).status_code == 405
    assert number not in AuditEvent.objects.order_by("-id")[0].body


# -- the page


def test_page_shows_masks_only_and_opening_is_on_record(browser: Client, borrower: Borrower) -> None:
    shown = text(browser.get(borrower.get_absolute_url()))
    party, account = Party.objects.get(borrower=borrower), BankAccount.objects.get(borrower=borrower)
    for secret in (borrower.identifier, borrower.phone, borrower.email, borrower.address, party.name, party.id_number,
                   account.number, account.holder):  # fmt: skip
        if str(secret.reveal()) != borrower.legal_name:
            assert str(secret.reveal()) not in shown
    assert AuditEvent.objects.filter(action="borrowers.file_opened").exists()


def test_page_takes_a_bounded_number_of_queries(
    browser: Client, officer: Account, borrower: Borrower, django_assert_max_num_queries: Any
) -> None:
    actor = people.actor_for(officer)
    for _each in range(4):
        f.party(actor, borrower)
        f.bank_account(actor, borrower)
    browser.get(borrower.get_absolute_url())
    with django_assert_max_num_queries(27):
        browser.get(borrower.get_absolute_url())


def test_foreign_borrower_is_not_there(browser: Client) -> None:
    foreign = f.borrower(branch=people.branch("B2"))
    for name in ("borrower", "edit", "group", "tie", "person_add", "account_add"):
        assert browser.get(url(name, foreign.pk)).status_code == 404, name
    assert browser.get(url("borrower", 10**18)).status_code == 404


def test_auditor_sees_the_page_without_eyes_or_buttons(client: Client, borrower: Borrower) -> None:
    people.signed_in(client, f.account_of(Role.AUDITOR))
    shown = text(client.get(borrower.get_absolute_url()))
    assert "/reveal/" not in shown
    assert url("edit", borrower.pk) not in shown
    assert client.get(url("edit", borrower.pk)).status_code == 403


# -- the eye


@pytest.fixture
def eye(borrower: Borrower) -> str:
    reason("statement_match", "purpose")
    return url("reveal", borrower.pk, "business", borrower.pk, "identifier")


def test_eye_asks_why_and_then_shows_the_value_once(eye: str, browser: Client, borrower: Borrower) -> None:
    number = borrower.identifier.reveal()
    asked = browser.get(eye)
    assert number not in text(asked)
    assert "Statement match" in text(asked)
    shown = browser.post(eye, {"purpose": "statement_match", "text": ""})
    assert number in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.order_by("-id").filter(action="borrowers.revealed").exists()


def test_eye_shows_nothing_without_a_purpose(eye: str, browser: Client, borrower: Borrower) -> None:
    for data in ({}, {"purpose": "curiosity"}, {"purpose": "statement_match", "text": "x" * 301}):
        answer = browser.post(eye, data)
        assert answer.status_code == 400
        assert borrower.identifier.reveal() not in text(answer)
    assert not AuditEvent.objects.filter(action="borrowers.revealed").exists()


def test_eye_works_within_a_page(eye: str, browser: Client, borrower: Borrower) -> None:
    part = browser.get(eye, headers={"hx-request": "true"})
    assert "<html" not in text(part)
    assert "hx-post" in text(part)
    wrong = browser.post(eye, {}, headers={"hx-request": "true"})
    assert wrong.status_code == 200
    assert "Please look at this again" in text(wrong)
    shown = browser.post(eye, {"purpose": "statement_match"}, headers={"hx-request": "true"})
    assert borrower.identifier.reveal() in text(shown)


def test_eye_sees_only_what_belongs_to_the_borrower(
    eye: str, browser: Client, officer: Account, borrower: Borrower
) -> None:
    other = f.borrower(people.actor_for(officer))
    party, account = f.party(people.actor_for(officer), other), f.bank_account(people.actor_for(officer), other)
    for sort, pk, field in (
        ("person", party.pk, "name"), ("account", account.pk, "number"), ("business", other.pk, "identifier"),
        ("business", borrower.pk, "legal_name"), ("nothing", borrower.pk, "identifier"), ("business", borrower.pk, "key_owner"),
    ):  # fmt: skip
        assert browser.get(url("reveal", borrower.pk, sort, pk, field)).status_code == 404, (sort, field)


@pytest.mark.parametrize(("sort", "field"), [("person", "name"), ("person", "born_on"), ("account", "number")])
def test_eye_opens_people_and_accounts(sort: str, field: str, eye: str, browser: Client, borrower: Borrower) -> None:
    row: Any = (Party if sort == "person" else BankAccount).objects.get(borrower=borrower)
    shown = browser.post(url("reveal", borrower.pk, sort, row.pk, field), {"purpose": "statement_match"})
    assert str(getattr(row, field).reveal()) in text(shown)


# -- changes


def test_business_is_changed_by_form_and_empty_secrets_stay(browser: Client, borrower: Borrower) -> None:
    number = borrower.identifier.reveal()
    page = url("edit", borrower.pk)
    assert number not in text(browser.get(page))
    went_on(
        browser.post(page, {"legal_name": "Renamed", "identifier_kind": "uscc", "industry": "Mill", "employees": "5"})
    )
    changed = Borrower.objects.get(pk=borrower.pk)
    assert (changed.legal_name, changed.employees, changed.identifier.reveal()) == ("Renamed", 5, number)


def test_wrong_identifier_is_explained_and_typed_values_stay(browser: Client, borrower: Borrower) -> None:
    data = {
        "legal_name": "Kept Mills",
        "identifier_kind": "uscc",
        "identifier": "91370100MA3000007X",
        "industry": "Mill",
    }
    answer = browser.post(url("edit", borrower.pk), data)
    assert answer.status_code == 400
    assert "Characters 9 to 17" in text(answer)
    assert "Kept Mills" in text(answer)
    assert Borrower.objects.get(pk=borrower.pk).legal_name == borrower.legal_name


def test_person_and_part_are_entered_and_ended_by_form(browser: Client, borrower: Borrower) -> None:
    entered = browser.post(
        url("person_add", borrower.pk), {"name": "Li Lei", "id_kind": "ric", "id_number": f.ric_number()}
    )
    party = Party.objects.latest("id")
    assert entered["Location"] == url("part_add", borrower.pk, party.pk)
    assert browser.get(entered["Location"]).status_code == 200
    went_on(browser.post(entered["Location"], {"kind": "guarantor"}))
    interest = Interest.objects.get(party=party)
    assert browser.get(url("part_end", borrower.pk, interest.pk)).status_code == 200
    went_on(browser.post(url("part_end", borrower.pk, interest.pk)))
    assert Interest.objects.get(pk=interest.pk).ended_on is not None
    assert browser.get(url("part_end", borrower.pk, 10**9)).status_code == 404


def test_person_is_changed_by_form(browser: Client, borrower: Borrower) -> None:
    party = Party.objects.get(borrower=borrower)
    page = url("person_edit", borrower.pk, party.pk)
    assert party.name.reveal() not in text(browser.get(page))
    went_on(browser.post(page, {"id_kind": "ric", "phone": "+8613900001111"}))
    changed = Party.objects.get(pk=party.pk)
    assert (changed.phone.reveal(), changed.name.reveal()) == ("+8613900001111", party.name.reveal())
    assert browser.get(url("person_edit", borrower.pk, 10**9)).status_code == 404


def test_owners_beyond_the_whole_are_refused_beside_the_field(
    browser: Client, borrower: Borrower, officer: Account
) -> None:
    party = f.party(people.actor_for(officer), borrower)
    answer = browser.post(url("part_add", borrower.pk, party.pk), {"kind": "owner", "share": "1"})
    assert answer.status_code == 400
    assert "Together the owners would hold 101 %" in text(answer)


def test_account_is_entered_verified_by_another_and_closed(browser: Client, borrower: Borrower) -> None:
    data = {"holder": "Songhua", "number": "6222 0000 9999 0003", "bank_name": "Bank of Jinan"}
    assert browser.get(url("account_add", borrower.pk)).status_code == 200
    went_on(browser.post(url("account_add", borrower.pk), data))
    account = BankAccount.objects.latest("id")
    refused = browser.post(url("account_verify", borrower.pk, account.pk), {"how": "statement"})
    assert refused.status_code == 403
    assert "another person has to verify it" in text(refused)
    colleague = Client()
    people.signed_in(colleague, f.account_of(Role.LOAN_OFFICER))
    went_on(colleague.post(url("account_verify", borrower.pk, account.pk), {"how": "statement"}))
    assert browser.get(url("account_close", borrower.pk, account.pk)).status_code == 200
    went_on(browser.post(url("account_close", borrower.pk, account.pk)))
    assert BankAccount.objects.get(pk=account.pk).closed_at is not None
    assert browser.get(url("account_close", borrower.pk, 10**9)).status_code == 404


def test_mistyped_account_keeps_what_was_typed(browser: Client, borrower: Borrower) -> None:
    answer = browser.post(
        url("account_add", borrower.pk), {"holder": "Songhua", "number": "DE89370400440532013001", "bank_name": "B"}
    )
    assert answer.status_code == 400
    assert "of this IBAN" in text(answer)
    assert "Songhua" in text(answer)


def test_group_is_set_by_form(browser: Client, borrower: Borrower) -> None:
    went_on(browser.post(url("group", borrower.pk), {"group": "", "name": "Songhua group"}))
    group = Borrower.objects.get(pk=borrower.pk).group
    assert group is not None
    assert "Songhua group" in text(browser.get(borrower.get_absolute_url()))
    assert browser.get(url("group", borrower.pk)).status_code == 200
    assert browser.post(url("group", borrower.pk), {"group": "999999"}).status_code == 400
    went_on(browser.post(url("group", borrower.pk), {"group": ""}))


def test_declared_tie_takes_the_page_away(browser: Client, borrower: Borrower) -> None:
    assert browser.get(url("tie", borrower.pk)).status_code == 200
    went_on(browser.post(url("tie", borrower.pk), {"kind": "own"}))
    assert StaffInterest.objects.count() == 1
    assert browser.get(borrower.get_absolute_url()).status_code == 404


def test_freeze_and_lift_take_two(client: Client, borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    for who, page, code in (("one", "freeze", 302), ("one", "unfreeze", 403), ("two", "unfreeze", 302)):
        owner = Account.objects.filter(handle=who).first() or people.staff(Role.COMPLIANCE_OFFICER, handle=who)
        people.signed_in(client, owner)
        assert client.get(url(page, borrower.pk)).status_code == 200
        assert client.post(url(page, borrower.pk), {"reason": "suspicion", "text": ""}).status_code == code
    assert not Borrower.objects.get(pk=borrower.pk).frozen


def grouped(borrower: Borrower, branch: Branch | None = None) -> Borrower:
    """Another business of the borrower's group."""
    officer = f.officer(borrower.branch)
    group_assign(actor=officer, borrower=borrower, group=None, new_name="Bakers of the north")
    borrower.refresh_from_db()
    place = branch or borrower.branch
    other = f.borrower(branch=place)
    return group_assign(actor=f.officer(place), borrower=other, group=borrower.group)


def seat(role: str, branch: Branch | None = None) -> Client:
    """A client signed in as somebody new of a role."""
    one = Client()
    people.signed_in(one, people.staff(role, branch))
    return one


def test_the_group_is_frozen_by_one_and_lifted_by_another_on_the_borrowers_page(borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    other = grouped(borrower)
    one, two, typed = seat(Role.COMPLIANCE_OFFICER), seat(Role.HEAD_OF_CREDIT), {"reason": "suspicion", "text": ""}
    assert url("group_freeze", borrower.pk) in text(one.get(borrower.get_absolute_url()))
    assert one.get(url("group_freeze", borrower.pk)).status_code == 200
    went_on(one.post(url("group_freeze", borrower.pk), typed))
    assert Borrower.objects.get(pk=other.pk).is_frozen
    assert "You froze the group" in text(one.get(borrower.get_absolute_url()))
    refused = one.post(url("group_unfreeze", borrower.pk), typed)
    assert (refused.status_code, "another person" in text(refused)) == (403, True)
    assert url("group_unfreeze", other.pk) in text(two.get(other.get_absolute_url()))
    went_on(two.post(url("group_unfreeze", other.pk), typed))
    assert not Borrower.objects.get(pk=other.pk).is_frozen


def test_a_group_that_reaches_beyond_ones_branches_is_left_to_head_office(borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    grouped(borrower, people.branch("FAR"))
    local = seat(Role.COMPLIANCE_OFFICER, borrower.branch)
    page = text(local.get(borrower.get_absolute_url()))
    assert "head office decides" in page
    assert url("group_freeze", borrower.pk) not in page
    assert local.post(url("group_freeze", borrower.pk), {"reason": "suspicion"}).status_code == 404
    borrower.refresh_from_db()
    assert not borrower.is_frozen


def test_without_a_group_there_is_nothing_to_freeze_together(borrower: Borrower) -> None:
    compliance = seat(Role.COMPLIANCE_OFFICER)
    for page in ("group_freeze", "group_unfreeze"):
        assert compliance.get(url(page, borrower.pk)).status_code == 404
        assert url(page, borrower.pk) not in text(compliance.get(borrower.get_absolute_url()))


def test_a_group_is_frozen_for_a_reason_of_the_catalogue(borrower: Borrower) -> None:
    grouped(borrower)
    answer = seat(Role.COMPLIANCE_OFFICER).post(url("group_freeze", borrower.pk), {"reason": "whim", "text": "kept"})
    assert answer.status_code == 400
    assert "kept" in text(answer)


def test_frozen_borrower_refuses_changes_with_a_sentence(browser: Client, client: Client, borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    compliance = Client()
    people.signed_in(compliance, people.staff(Role.COMPLIANCE_OFFICER))
    went_on(compliance.post(url("freeze", borrower.pk), {"reason": "suspicion"}))
    answer = browser.post(url("edit", borrower.pk), {"legal_name": "Typed name"})
    assert answer.status_code == 403
    assert "The borrower is frozen" in text(answer)
    assert "Typed name" in text(answer)


# -- hostile words


def test_hostile_words_never_break_search(shared: Path, browser: Client) -> None:
    words = json.loads((shared / "vectors/hostile/blns.json").read_text())
    for word in words[::24]:
        assert browser.get(url("list"), {"q": word, "cursor": word}).status_code == 200, word
        assert browser.post(url("find"), {"identifier": word}).status_code in (200, 400), word
