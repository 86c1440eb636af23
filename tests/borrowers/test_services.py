"""Writes of borrowers: who may, what is refused, what the log says."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.access.roles import Role
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.borrowers import registry, services
from apps.borrowers.models import BankAccount, Borrower, BorrowerGroup, Interest, Party, StaffInterest
from apps.borrowers.policies import borrowers_of_account, borrowers_tied_to
from apps.borrowers.selectors import borrower_get
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from tests.accounts import factories as people
from tests.applications.factories import reason
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return f.officer()


@pytest.fixture
def borrower(officer: Actor) -> Borrower:
    return f.borrower(officer)


@pytest.fixture
def compliance() -> Actor:
    return people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))


def newest() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def body() -> str:
    return str(newest().body)


# -- businesses


def test_business_is_entered_under_a_key_of_its_own(officer: Actor) -> None:
    one, two = f.borrower(officer), f.borrower(officer)
    assert one.key_owner_id != two.key_owner_id
    assert newest().action == "borrowers.created"


def test_log_of_a_business_holds_neither_its_name_nor_its_numbers(officer: Actor) -> None:
    data = f.business(legal_name="Canary Mills", phone="+8613912345678")
    services.borrower_create(actor=officer, branch=people.branch(), data=data)
    for secret in ("Canary", "canary", data.identifier, "13912345678", data.address, data.email):
        assert secret not in body()


def test_stored_business_reads_back_and_prints_only_masks(officer: Actor) -> None:
    data = f.business()
    made = Borrower.objects.get(pk=services.borrower_create(actor=officer, branch=people.branch(), data=data).pk)
    assert made.identifier.reveal() == data.identifier
    assert data.identifier not in f"{made} {made!r} {made.identifier} {made.identifier!r}"


def test_business_is_entered_only_at_a_branch_of_ones_own(officer: Actor) -> None:
    with pytest.raises(Refused) as refused:
        services.borrower_create(actor=officer, branch=people.branch("B2"), data=f.business())
    assert refused.value.guard == "policy"
    assert Borrower.objects.count() == 0
    assert newest().outcome == "refused"


def test_import_enters_businesses_at_any_branch() -> None:
    people.branch("B7")
    actor = Actor.system("imports", channel="test")
    assert services.borrower_create(actor=actor, branch=people.branch("B7"), data=f.business()).pk


@pytest.mark.parametrize("role", [Role.CREDIT_ANALYST, Role.APPROVER_1, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_do_not_enter_businesses(role: str) -> None:
    with pytest.raises(Refused) as refused:
        services.borrower_create(actor=f.actor_of(role), branch=people.branch(), data=f.business())
    assert refused.value.guard == "permission"


def test_bad_business_writes_nothing(officer: Actor) -> None:
    with pytest.raises(BadInput):
        services.borrower_create(actor=officer, branch=people.branch(), data=f.business(identifier="1"))
    assert Borrower.objects.count() == 0


def test_change_writes_only_what_differs(officer: Actor, borrower: Borrower) -> None:
    old = borrower.identifier.reveal()
    services.borrower_update(
        actor=officer, borrower=borrower, changes={"industry": "Bakery", "legal_name": borrower.legal_name}
    )
    fresh = Borrower.objects.get(pk=borrower.pk)
    assert (fresh.industry, fresh.identifier.reveal()) == ("Bakery", old)
    assert newest().action == "borrowers.changed"


def test_change_that_changes_nothing_leaves_no_event(officer: Actor, borrower: Borrower) -> None:
    before = AuditEvent.objects.count()
    services.borrower_update(actor=officer, borrower=borrower, changes={"industry": borrower.industry})
    assert AuditEvent.objects.count() == before


def test_changed_name_is_found_under_its_new_letters(officer: Actor, borrower: Borrower) -> None:
    services.borrower_update(actor=officer, borrower=borrower, changes={"legal_name": "ÉCLAIR Mills"})
    assert Borrower.objects.get(pk=borrower.pk).name_folded == "éclair mills"


def test_change_of_a_frozen_business_is_refused(officer: Actor, borrower: Borrower, compliance: Actor) -> None:
    freeze(compliance, borrower)
    with pytest.raises(Refused) as refused:
        services.borrower_update(actor=officer, borrower=borrower, changes={"industry": "x"})
    assert refused.value.guard == "frozen"


def test_change_is_refused_when_a_case_rests_on_it(
    officer: Actor, borrower: Borrower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "change_checks", [lambda row, actor: ["Case LF-1 rests on this."]])
    with pytest.raises(Refused) as refused:
        services.borrower_update(actor=officer, borrower=borrower, changes={"industry": "x"})
    assert (refused.value.guard, refused.value.reasons) == ("under_review", ("Case LF-1 rests on this.",))


def test_foreign_business_is_not_there(borrower: Borrower) -> None:
    stranger = f.officer(people.branch("B2"))
    with pytest.raises(NotVisible):
        services.borrower_update(actor=stranger, borrower=borrower, changes={"industry": "x"})


# -- groups


def test_group_is_made_and_set_in_one_act(officer: Actor, borrower: Borrower) -> None:
    services.group_assign(actor=officer, borrower=borrower, group=None, new_name="Songhua group")
    assert Borrower.objects.get(pk=borrower.pk).group == BorrowerGroup.objects.get(name="Songhua group")
    assert "Songhua group" not in body()


def test_group_is_left_again(officer: Actor, borrower: Borrower) -> None:
    services.group_assign(actor=officer, borrower=borrower, group=None, new_name="G")
    services.group_assign(actor=officer, borrower=borrower, group=None)
    assert Borrower.objects.get(pk=borrower.pk).group is None


@pytest.mark.parametrize("name", ["   ", "g" * 201])
def test_group_needs_a_name(name: str, officer: Actor) -> None:
    with pytest.raises(BadInput):
        services.group_create(actor=officer, name=name)


# -- people and parts


def test_person_stands_under_the_key_of_the_business(officer: Actor, borrower: Borrower) -> None:
    party = f.party(officer, borrower, name="Canary Wang")
    assert party.key_owner_id == borrower.key_owner_id
    assert "Canary" not in body()


def test_person_is_changed_field_by_field(officer: Actor, borrower: Borrower) -> None:
    party = f.party(officer, borrower)
    number = party.id_number.reveal()
    services.party_update(actor=officer, party=party, changes={"name": "Li Lei"})
    fresh = Party.objects.get(pk=party.pk)
    assert (fresh.name.reveal(), fresh.id_number.reveal()) == ("Li Lei", number)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("king", {}, "kind"),
        ("owner", {}, "share"),
        ("owner", {"share": Decimal(101)}, "share"),
        ("beneficial_owner", {"share": Decimal(0)}, "share"),
        ("signer", {}, "authority"),
        ("signer", {"authority": "because"}, "authority"),
    ],
)
def test_part_says_what_is_wrong(
    kind: str, given: dict[str, Any], field: str, officer: Actor, borrower: Borrower
) -> None:
    party = f.party(officer, borrower)
    with pytest.raises(BadInput) as refused:
        services.interest_add(actor=officer, party=party, kind=kind, **given)
    assert set(refused.value.errors) == {field}
    assert Interest.objects.count() == 0


def test_owners_never_hold_more_than_the_whole(officer: Actor, borrower: Borrower) -> None:
    one, two = f.party(officer, borrower), f.party(officer, borrower)
    services.interest_add(actor=officer, party=one, kind="owner", share=Decimal(60))
    with pytest.raises(BadInput):
        services.interest_add(actor=officer, party=two, kind="owner", share=Decimal("40.01"))
    assert services.interest_add(actor=officer, party=two, kind="owner", share=Decimal(40)).share == 40


def test_part_is_played_once(officer: Actor, borrower: Borrower) -> None:
    party = f.party(officer, borrower)
    services.interest_add(actor=officer, party=party, kind="legal_representative")
    with pytest.raises(BadInput):
        services.interest_add(actor=officer, party=party, kind="legal_representative")


def test_ended_part_may_begin_again(officer: Actor, borrower: Borrower) -> None:
    party = f.party(officer, borrower)
    first = services.interest_add(actor=officer, party=party, kind="signer", authority="law")
    services.interest_end(actor=officer, interest=first)
    services.interest_end(actor=officer, interest=first)
    assert services.interest_add(actor=officer, party=party, kind="signer", authority="articles").pk != first.pk


def test_guarantor_joins_while_a_case_is_under_review(
    officer: Actor, borrower: Borrower, monkeypatch: pytest.MonkeyPatch
) -> None:
    party = f.party(officer, borrower)
    monkeypatch.setattr(registry, "change_checks", [lambda row, actor: ["under review"]])
    assert services.interest_add(actor=officer, party=party, kind="guarantor").kind == "guarantor"
    with pytest.raises(Refused):
        services.interest_add(actor=officer, party=party, kind="owner", share=Decimal(5))


# -- accounts


def test_account_is_verified_by_another_person(officer: Actor, borrower: Borrower) -> None:
    account = f.bank_account(officer, borrower)
    assert not account.is_usable
    verified = services.bank_account_verify(actor=f.officer(), account=account, how="statement")
    assert verified.is_usable
    assert newest().action == "borrowers.bank_account_verified"


def test_account_that_a_deputy_entered_is_not_verified_by_the_principal(officer: Actor, borrower: Borrower) -> None:
    principal = f.officer()
    deputy = dataclasses.replace(officer, on_behalf_of=principal.person_id, on_behalf_name=principal.name)
    account = f.bank_account(deputy, borrower)
    for who in (principal, officer):
        with pytest.raises(Refused) as refused:
            services.bank_account_verify(actor=who, account=account, how="statement")
        assert refused.value.guard == "another_person"
    assert services.bank_account_verify(actor=f.officer(), account=account, how="statement").is_usable


def test_account_is_not_verified_by_who_entered_it(officer: Actor, borrower: Borrower) -> None:
    account = f.bank_account(officer, borrower)
    with pytest.raises(Refused) as refused:
        services.bank_account_verify(actor=officer, account=account, how="statement")
    assert refused.value.guard == "another_person"
    assert BankAccount.objects.get(pk=account.pk).verified_by is None


def test_account_is_verified_once_and_by_a_named_method(officer: Actor, borrower: Borrower) -> None:
    account, other = f.bank_account(officer, borrower), f.officer()
    with pytest.raises(BadInput):
        services.bank_account_verify(actor=other, account=account, how="by guess")
    services.bank_account_verify(actor=other, account=account, how="bank_letter")
    with pytest.raises(Refused):
        services.bank_account_verify(actor=f.officer(), account=account, how="bank_letter")


def test_closed_account_takes_no_money(officer: Actor, borrower: Borrower) -> None:
    account = f.bank_account(officer, borrower, verified_by=f.officer())
    services.bank_account_close(actor=officer, account=account)
    services.bank_account_close(actor=officer, account=account)
    assert not BankAccount.objects.get(pk=account.pk).is_usable
    fresh = f.bank_account(officer, borrower)
    services.bank_account_close(actor=officer, account=fresh)
    with pytest.raises(Refused):
        services.bank_account_verify(actor=f.officer(), account=fresh, how="statement")


def test_bad_account_is_refused_by_field(officer: Actor, borrower: Borrower) -> None:
    with pytest.raises(BadInput) as refused:
        f.bank_account(officer, borrower, number="1", holder="")
    assert set(refused.value.errors) == {"number", "holder"}


# -- freezing


def freeze(actor: Actor, borrower: Borrower) -> Borrower:
    reason("suspicion", "freeze")
    return services.borrower_freeze(actor=actor, borrower=borrower, reason=Purpose("suspicion", "see file"))


def test_who_froze_does_not_lift(compliance: Actor, borrower: Borrower) -> None:
    freeze(compliance, borrower)
    with pytest.raises(Refused) as refused:
        services.borrower_unfreeze(actor=compliance, borrower=borrower, reason=Purpose("suspicion"))
    assert refused.value.guard == "another_froze"
    other = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    assert not services.borrower_unfreeze(actor=other, borrower=borrower, reason=Purpose("suspicion")).frozen
    assert newest().action == "borrowers.unfrozen"


def test_freeze_needs_a_reason_of_the_catalogue(compliance: Actor, borrower: Borrower) -> None:
    with pytest.raises(BadInput):
        services.borrower_freeze(actor=compliance, borrower=borrower, reason=Purpose("whim"))


def test_nothing_is_frozen_twice_or_lifted_unfrozen(compliance: Actor, borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    with pytest.raises(Refused) as refused:
        services.borrower_unfreeze(actor=compliance, borrower=borrower, reason=Purpose("suspicion"))
    assert refused.value.guard == "is_frozen"
    freeze(compliance, borrower)
    with pytest.raises(Refused) as again:
        freeze(compliance, borrower)
    assert again.value.guard == "not_frozen"


def test_officer_does_not_freeze(officer: Actor, borrower: Borrower) -> None:
    with pytest.raises(Refused):
        freeze(officer, borrower)


def test_group_is_frozen_with_all_its_members(officer: Actor, compliance: Actor, borrower: Borrower) -> None:
    reason("suspicion", "freeze")
    group = services.group_create(actor=officer, name="G")
    services.group_assign(actor=officer, borrower=borrower, group=group)
    services.group_freeze(actor=compliance, group=group, reason=Purpose("suspicion"))
    assert Borrower.objects.get(pk=borrower.pk).is_frozen
    other = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    services.group_unfreeze(actor=other, group=group, reason=Purpose("suspicion"))
    assert not Borrower.objects.get(pk=borrower.pk).is_frozen


# -- revealing


def test_look_is_on_record_before_the_value_is_returned(officer: Actor, borrower: Borrower) -> None:
    reason("statement_match", "purpose")
    value = services.reveal(actor=officer, row=borrower, field="identifier", purpose=Purpose("statement_match", "call"))
    event = newest()
    assert value == borrower.identifier.reveal()
    assert event.action == "borrowers.revealed"
    assert "statement_match" in event.body
    assert value not in event.body


@pytest.mark.parametrize("field", ["name", "id_number", "born_on", "phone", "email"])
def test_every_field_of_a_person_can_be_revealed(field: str, officer: Actor, borrower: Borrower) -> None:
    reason("call", "purpose")
    party = f.party(officer, borrower)
    shown = services.reveal(actor=officer, row=party, field=field, purpose=Purpose("call"))
    assert shown == str(getattr(party, field).reveal())


def test_account_number_can_be_revealed(officer: Actor, borrower: Borrower) -> None:
    reason("call", "purpose")
    account = f.bank_account(officer, borrower, number="6222000012345673")
    assert services.reveal(actor=officer, row=account, field="number", purpose=Purpose("call")) == "6222000012345673"


@pytest.mark.parametrize(
    ("field", "purpose"),
    [("identifier", Purpose("curiosity")), ("identifier", Purpose("")), ("legal_name", Purpose("call")),
     ("identifier", Purpose("call", "x" * 301))],
)  # fmt: skip
def test_nothing_is_revealed_without_a_purpose(
    field: str, purpose: Purpose, officer: Actor, borrower: Borrower
) -> None:
    reason("call", "purpose")
    before = AuditEvent.objects.filter(action="borrowers.revealed").count()
    with pytest.raises(BadInput):
        services.reveal(actor=officer, row=borrower, field=field, purpose=purpose)
    assert AuditEvent.objects.filter(action="borrowers.revealed").count() == before


def test_nothing_is_revealed_across_branches(officer: Actor, borrower: Borrower) -> None:
    reason("call", "purpose")
    party, stranger = f.party(officer, borrower), f.officer(people.branch("B2"))
    with pytest.raises(NotVisible):
        services.reveal(actor=stranger, row=party, field="name", purpose=Purpose("call"))


def test_auditor_reveals_nothing(borrower: Borrower) -> None:
    reason("call", "purpose")
    with pytest.raises(Refused):
        services.reveal(actor=f.actor_of(Role.AUDITOR), row=borrower, field="identifier", purpose=Purpose("call"))


# -- ties and portal accounts


def test_declared_tie_hides_the_business(borrower: Borrower) -> None:
    account = f.account_of(Role.LOAN_OFFICER)
    actor = people.actor_for(account)
    services.tie_declare(actor=actor, borrower=borrower, person=account.person, kind="own")
    assert borrowers_tied_to(account.person_id) == {borrower.pk}
    with pytest.raises(Refused) as refused:
        services.borrower_update(actor=people.actor_for(account), borrower=borrower, changes={"industry": "x"})
    assert refused.value.guard == "own_business"
    with pytest.raises(NotVisible):
        borrower_get(people.actor_for(account), borrower.pk)


def test_tie_reaches_the_whole_group(officer: Actor, borrower: Borrower) -> None:
    sister, account = f.borrower(officer), f.account_of(Role.LOAN_OFFICER)
    services.group_assign(actor=officer, borrower=borrower, group=None, new_name="G")
    group = Borrower.objects.get(pk=borrower.pk).group
    services.group_assign(actor=officer, borrower=sister, group=group)
    services.tie_declare(actor=people.actor_for(account), borrower=borrower, person=account.person, kind="relative")
    assert borrowers_tied_to(account.person_id) == {borrower.pk, sister.pk}


def test_tie_of_another_is_declared_by_compliance_only(officer: Actor, compliance: Actor, borrower: Borrower) -> None:
    person = f.account_of(Role.LOAN_OFFICER).person
    with pytest.raises(Refused):
        services.tie_declare(actor=officer, borrower=borrower, person=person, kind="own")
    services.tie_declare(actor=compliance, borrower=borrower, person=person, kind="own")
    services.tie_declare(actor=compliance, borrower=borrower, person=person, kind="own")
    assert StaffInterest.objects.count() == 1


def test_nobody_ends_their_own_tie(compliance: Actor, borrower: Borrower) -> None:
    account = f.account_of(Role.LOAN_OFFICER)
    tie = services.tie_declare(actor=people.actor_for(account), borrower=borrower, person=account.person, kind="own")
    with pytest.raises(Refused) as refused:
        services.tie_end(actor=people.actor_for(account), tie=tie, why="It is not mine.")
    assert refused.value.guard == "another_person"
    services.tie_end(actor=compliance, tie=tie, why="Sold last year.")
    assert borrowers_tied_to(account.person_id) == frozenset()


def test_tie_needs_its_kind(borrower: Borrower) -> None:
    account = f.account_of(Role.LOAN_OFFICER)
    with pytest.raises(BadInput):
        services.tie_declare(actor=people.actor_for(account), borrower=borrower, person=account.person, kind="friend")


def test_portal_account_acts_for_a_borrower_until_it_ends(officer: Actor, borrower: Borrower) -> None:
    account = people.borrower_account()
    access = services.access_give(actor=officer, borrower=borrower, account=account)
    services.access_give(actor=officer, borrower=borrower, account=account)
    assert borrowers_of_account(account.pk) == {borrower.pk}
    services.access_end(actor=officer, access=access)
    assert borrowers_of_account(account.pk) == frozenset()


def test_staff_account_never_acts_for_a_borrower(officer: Actor, borrower: Borrower) -> None:
    with pytest.raises(BadInput):
        services.access_give(actor=officer, borrower=borrower, account=f.account_of(Role.LOAN_OFFICER))


def test_opened_file_is_on_record(officer: Actor, borrower: Borrower) -> None:
    services.borrower_opened(actor=officer, borrower=borrower, task="task:file")
    assert (newest().action, newest().outcome) == ("borrowers.file_opened", "done")


def test_founding_day_in_the_future_is_refused(officer: Actor) -> None:
    with pytest.raises(BadInput):
        f.borrower(officer, founded_on=dt.date(2999, 1, 1))
