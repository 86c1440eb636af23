"""A borrower is forgotten by two people, once nothing keeps them; then nothing of them can be read, and the log still holds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.drafts.services import draft_keep
from apps.accounts.models import Account, Draft
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.audit.verify import verify
from apps.borrowers import registry
from apps.borrowers.keeping import borrowers_due, months_of, what_keeps
from apps.borrowers.models import Borrower, BorrowerGroup, ForgetRequest, Party, RetentionRule
from apps.borrowers.services import (
    access_give,
    borrower_freeze,
    borrower_update,
    forget_approve,
    forget_ask,
    forget_refuse,
    group_assign,
    hold_lift,
    hold_place,
    retention_set,
)
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.vault.errors import Forgotten
from apps.vault.models import DataKey
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=12 * 366)


def compliance(branch: Any = None) -> Actor:
    return people.actor_for(people.staff(Role.COMPLIANCE_OFFICER, branch or people.branch("JN")))


def head() -> Actor:
    return people.actor_for(people.staff(Role.HEAD_OF_CREDIT, None))


def late(role: str) -> Actor:
    """Somebody whose factor was proved an hour ago."""
    return people.actor_for(people.staff(role, people.branch("JN")), fresh=False)


def of_long_ago(**facts: Any) -> Borrower:
    """A business entered twelve years ago, with its people."""
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    with clock.at(clock.now() - LONG_AGO):
        made = borrowers.borrower(officer, people.branch("JN"), **{"founded_on": dt.date(2001, 5, 4), **facts})
        borrowers.whole_people(officer, made)
    return made


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_two_people_forget_a_borrower_and_nothing_of_them_opens_again() -> None:
    borrower, first = of_long_ago(legal_name="Canary Foundry"), compliance()
    party = Party.objects.filter(borrower=borrower).first()
    asked = forget_ask(actor=first, borrower=borrower, cause="due")
    done = forget_approve(actor=head(), request=asked)
    assert (done.outcome, done.keys) == ("granted", 1)
    gone = again(borrower)
    assert (gone.legal_name, gone.name_folded, gone.industry, gone.region) == ("", "", "", "")
    assert gone.forgotten_at is not None
    assert (gone.identifier_index, gone.phone_index) == (None, None)
    with pytest.raises(Forgotten):
        gone.identifier.reveal()
    assert str(again(party).name) == "forgotten"
    assert not DataKey.objects.filter(owner=borrower.key_owner, destroyed_at=None).exists()
    receipt = AuditEvent.objects.get(action="borrowers.forgotten")
    assert receipt.data["note"] == {"keys": 1, "files": 0, "owners": 1, "cause": "due"}
    assert receipt.data["subject"]["object"] == f"borrowers_borrower:{borrower.pk}"
    assert not [each.pk for each in AuditEvent.objects.all() if "Canary" in each.body]


def test_what_colleagues_typed_and_did_not_send_goes_too() -> None:
    borrower, typist = of_long_ago(), people.actor_for(people.staff(Role.LOAN_OFFICER))
    address = reverse("borrowers:edit", args=[borrower.pk])
    draft_keep(
        actor=typist, address=address, route="borrowers:edit", values={"phone": "139"}, basis="", version=0,
        about={"pk": borrower.pk},
    )  # fmt: skip
    draft_keep(actor=typist, address="/x/", route="console:product_add", values={"a": "b"}, basis="", version=0)
    asked = forget_ask(actor=compliance(), borrower=borrower, cause="due")
    forget_approve(actor=head(), request=asked)
    assert [each.route for each in Draft.objects.all()] == ["console:product_add"]
    assert AuditEvent.objects.get(action="borrowers.forgotten").data["note"]["drafts"] == 1


@pytest.mark.parametrize("version", [0, 1, None])
def test_what_is_typed_after_the_forgetting_is_not_kept(version: int | None) -> None:
    borrower, typist = of_long_ago(), people.actor_for(people.staff(Role.LOAN_OFFICER))
    other = borrowers.borrower(typist)
    asked = forget_ask(actor=compliance(), borrower=borrower, cause="due")
    forget_approve(actor=head(), request=asked)
    kept: dict[str, Any] = {"actor": typist, "route": "borrowers:edit", "values": {"phone": "139"}, "basis": ""}
    with pytest.raises(BadInput, match="forgotten"):
        draft_keep(**kept, address=f"/borrowers/{borrower.pk}/", version=version, about={"pk": borrower.pk})
    draft_keep(**kept, address=f"/borrowers/{other.pk}/", version=0, about={"pk": other.pk})
    assert [each.borrower for each in Draft.objects.all()] == [other.pk]


def test_the_log_still_verifies(settings: Any, tmp_path: Path) -> None:
    settings.LOANFLOW_JOURNAL = tmp_path / "journal"
    asked = forget_ask(actor=compliance(), borrower=of_long_ago(), cause="due")
    forget_approve(actor=head(), request=asked)
    assert verify().first_bad is None


def test_nobody_approves_their_own_request_and_nobody_without_a_fresh_factor() -> None:
    borrower, first = of_long_ago(), compliance()
    asked = forget_ask(actor=first, borrower=borrower, cause="due")
    with pytest.raises(Refused, match="another person has to approve"):
        forget_approve(actor=first, request=asked)
    with pytest.raises(StepUpNeeded):
        forget_approve(actor=late(Role.COMPLIANCE_OFFICER), request=asked)
    assert again(borrower).identifier.reveal()


def test_a_request_can_be_taken_back_or_refused_and_asked_again() -> None:
    borrower, first = of_long_ago(), compliance()
    asked = forget_ask(actor=first, borrower=borrower, cause="due")
    with pytest.raises(Refused, match="asked for it already"):
        forget_ask(actor=first, borrower=borrower, cause="asked")
    assert forget_refuse(actor=first, request=asked).outcome == "refused"
    with pytest.raises(Refused, match="answered already"):
        forget_approve(actor=head(), request=asked)
    assert forget_ask(actor=first, borrower=borrower, cause="asked").decided_at is None


def test_who_is_forgotten_is_not_forgotten_twice_and_nothing_is_written_to_them() -> None:
    borrower = of_long_ago()
    forget_approve(actor=head(), request=forget_ask(actor=compliance(), borrower=borrower, cause="due"))
    with pytest.raises(Refused, match="forgotten already"):
        forget_ask(actor=compliance(), borrower=borrower, cause="due")
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    with pytest.raises(Forgotten):
        borrower_update(actor=officer, borrower=borrower, changes={"address": "1 Canary Street"})


def held(borrower: Borrower) -> None:
    hold_place(actor=compliance(), borrower=borrower, why="Proceedings (2026) 17")


def frozen(borrower: Borrower) -> None:
    registry.Ports.reasons = staticmethod(lambda _kind: [("fraud", "Fraud")])
    borrower_freeze(actor=compliance(), borrower=borrower, reason=Purpose("fraud"))


def kept_longer(borrower: Borrower) -> None:
    retention_set(actor=head(), data_class="personal", months=240, basis="contract")


@pytest.mark.parametrize(
    ("keeps", "why"), [(held, "A legal hold stands."), (frozen, "frozen"), (kept_longer, "entered too recently")]
)
def test_what_keeps_a_borrower_refuses_at_the_request_and_again_at_the_approval(
    keeps: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.Ports, "reasons", registry.Ports.reasons)
    borrower = of_long_ago()
    asked = forget_ask(actor=compliance(), borrower=borrower, cause="due")
    assert list(borrowers_due(Borrower.objects.filter(pk=borrower.pk))) == [borrower]
    keeps(borrower)
    with pytest.raises(Refused) as refusal:
        forget_approve(actor=head(), request=asked)
    assert any(why in str(reason) for reason in refusal.value.reasons)
    forget_refuse(actor=head(), request=asked)
    with pytest.raises(Refused, match="may not be forgotten now"):
        forget_ask(actor=compliance(), borrower=borrower, cause="due")
    assert not borrowers_due(Borrower.objects.filter(pk=borrower.pk)).exists()
    assert again(borrower).identifier.reveal()


def test_a_new_borrower_is_kept_for_the_default_of_ten_years() -> None:
    borrower = borrowers.borrower(None, None)
    assert months_of("personal") == 120
    assert [str(line) for line in what_keeps(borrower)] == ["The borrower was entered too recently."]


def test_a_hold_is_lifted_by_another_person_with_a_fresh_factor() -> None:
    borrower, first, second = of_long_ago(), compliance(), compliance()
    hold = hold_place(actor=first, borrower=borrower, why="Proceedings (2026) 17")
    with pytest.raises(Refused, match="stands already"):
        hold_place(actor=second, borrower=borrower, why="again")
    with pytest.raises(Refused, match="another person has to lift"):
        hold_lift(actor=first, hold=hold)
    with pytest.raises(BadInput):
        hold_place(actor=first, borrower=of_long_ago(), why="  ")
    assert hold_lift(actor=second, hold=hold).lifted_at is not None
    with pytest.raises(Refused, match="lifted already"):
        hold_lift(actor=second, hold=hold)
    assert what_keeps(borrower) == []
    with pytest.raises(StepUpNeeded):
        hold_lift(actor=late(Role.COMPLIANCE_OFFICER), hold=hold)


@pytest.mark.parametrize(("data_class", "months"), [("personal", 0), ("internal", 5), ("personal", 601)])
def test_no_time_of_keeping_is_shorter_than_its_least_or_endless(data_class: str, months: int) -> None:
    with pytest.raises(BadInput, match="months"):
        retention_set(actor=head(), data_class=data_class, months=months, basis="law")
    assert not RetentionRule.objects.exists()


def test_times_of_keeping_are_set_by_who_may_with_a_fresh_factor() -> None:
    retention_set(actor=head(), data_class="personal", months=60, basis="law")
    retention_set(actor=head(), data_class="personal", months=72, basis="law")
    assert months_of("personal") == 72
    with pytest.raises(Refused):
        retention_set(actor=compliance(), data_class="personal", months=60, basis="law")
    with pytest.raises(StepUpNeeded):
        retention_set(actor=late(Role.HEAD_OF_CREDIT), data_class="personal", months=60, basis="law")


def test_who_uses_the_portal_for_this_business_alone_is_forgotten_too() -> None:
    borrower, other = of_long_ago(), of_long_ago()
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    alone, both = people.borrower_account(), people.borrower_account()
    for account, where in ((alone, borrower), (both, borrower), (both, other)):
        access_give(actor=officer, borrower=where, account=account)
    done = forget_approve(actor=head(), request=forget_ask(actor=compliance(), borrower=borrower, cause="due"))
    assert done.keys == 2
    assert (str(again(alone.person).name), again(alone).is_active) == ("forgotten", False)
    assert (bool(again(both.person).name.reveal()), again(both).is_active) == (True, True)
    assert again(alone.person).email_index is None
    assert not borrower.accesses.filter(ended_at=None).exists()
    assert Account.objects.get(pk=both.pk).borrower_accesses.filter(ended_at=None).count() == 1


def test_the_groups_name_goes_with_its_last_member(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    one, other = of_long_ago(), of_long_ago()
    grouped = group_assign(actor=officer, borrower=one, group=None, new_name="Canary group").group
    group_assign(actor=officer, borrower=other, group=grouped)
    for borrower, left in ((one, "Canary group"), (other, "")):
        forget_approve(actor=head(), request=forget_ask(actor=compliance(), borrower=borrower, cause="due"))
        assert again(grouped).name == left


def test_another_branch_sees_nothing_of_it() -> None:
    borrower = of_long_ago()
    stranger = compliance(people.branch("QD"))
    for refused in (
        lambda: forget_ask(actor=stranger, borrower=borrower, cause="due"),
        lambda: hold_place(actor=stranger, borrower=borrower, why="x"),
    ):
        with pytest.raises(NotVisible):
            refused()
    asked = forget_ask(actor=compliance(), borrower=borrower, cause="due")
    with pytest.raises(NotVisible):
        forget_approve(actor=stranger, request=asked)
    assert ForgetRequest.objects.get().decided_at is None


def test_who_set_the_time_of_keeping_neither_asks_nor_approves() -> None:
    setter, other = head(), compliance()
    retention_set(actor=setter, data_class="personal", months=60, basis="law")
    by_setter, by_other = of_long_ago(), of_long_ago()
    with pytest.raises(Refused, match="set the time of keeping"):
        forget_approve(actor=other, request=forget_ask(actor=setter, borrower=by_setter, cause="due"))
    with pytest.raises(Refused, match="set the time of keeping"):
        forget_approve(actor=setter, request=forget_ask(actor=other, borrower=by_other, cause="due"))
    assert Borrower.objects.filter(forgotten_at=None, pk__in=[by_setter.pk, by_other.pk]).count() == 2


def test_a_rule_for_all_branches_is_set_by_a_role_over_all_branches() -> None:
    of_one_branch = people.actor_for(people.staff(Role.HEAD_OF_CREDIT, people.branch("JN")))
    with pytest.raises(Refused, match="all branches"):
        retention_set(actor=of_one_branch, data_class="personal", months=60, basis="law")
    assert months_of("personal") == 120


def test_a_group_that_nobody_is_left_in_keeps_no_name() -> None:
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    one = borrowers.borrower(officer, people.branch("JN"))
    grouped = group_assign(actor=officer, borrower=one, group=None, new_name="Zhang family")
    group_assign(actor=officer, borrower=grouped, group=None)
    assert list(BorrowerGroup.objects.values_list("name", flat=True)) == [""]
