"""Conditions before payout: evidence by one, decision by another, waivers by the approvers' level."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.duties import Duty, excluded
from apps.access.roles import Role
from apps.accounts.models import Account
from apps.approval.gathering import memo_differs
from apps.approval.models import Condition
from apps.approval.rules import fingerprint
from apps.approval.selectors.memos import memo_live, standing_for
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.errors import BadInput, NotVisible, Refused, Stale, StepUpNeeded
from apps.disbursement.models import ConditionEvidence, ConditionFollowUp, ConditionWaiver
from apps.disbursement.selectors import ConditionStanding, conditions_standing
from apps.disbursement.services import payment_release
from apps.disbursement.services.conditions import conditions_meet, evidence_decide, evidence_give
from apps.disbursement.services.following import conditions_remind
from apps.disbursement.services.reading import evidence_words, paper_open
from apps.disbursement.services.waiving import condition_waive
from apps.workflow.dutybook import duties_near
from apps.workflow.models import DutyDone, LoanCase, Notice
from apps.workflow.services import advance
from tests.accounts import factories as people
from tests.accounts.factories import SETUP
from tests.approval.factories import approver, stale
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.conditions)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def first(world: World) -> Condition:
    """A condition that keeps the money back."""
    return next(each.condition for each in conditions_standing(world.case) if each.keeps_money_back)


def give(world: World, **given: Any) -> ConditionEvidence:
    """Evidence for the first condition, by the officer."""
    facts: dict[str, Any] = {
        "actor": world.actor("officer"), "version": world.case.version, "condition": given.get("condition") or first(world).uuid, "note": "The policy is in.",
        "paper": factories.scan(),
    }  # fmt: skip
    return evidence_give(case=world.case, **{**facts, **given})


def decide(world: World, evidence: ConditionEvidence, **given: Any) -> ConditionEvidence:
    """The decision of the reviewer, who has opened the paper if there is one."""
    facts: dict[str, Any] = {"actor": world.actor("reviewer"), "version": world.case.version, "accepted": True}
    if evidence.file_id and given.pop("opened", True):
        paper_open(actor=given.get("actor", facts["actor"]), case=world.case, row=evidence)
    return evidence_decide(case=world.case, evidence=evidence, **{**facts, **given})


def waive(world: World, **given: Any) -> ConditionWaiver:
    """A waiver of the first condition."""
    facts: dict[str, Any] = {
        "actor": approver("approver_3", world.at.branch), "version": world.case.version, "condition": given.get("condition") or first(world).uuid,
        "reason": "The pledge covers it.",
    }  # fmt: skip
    return condition_waive(case=world.case, **{**facts, **given})


def first_of(world: World, evidence: ConditionEvidence) -> Condition:
    """The condition that evidence was given for."""
    return Condition.objects.get(uuid=evidence.condition)


def standing(world: World, condition: Condition) -> ConditionStanding:
    """How a condition stands."""
    return next(each for each in conditions_standing(world.case) if each.condition.pk == condition.pk)


def test_evidence_counts_when_another_person_has_accepted_it(world: World):
    condition = first(world)
    evidence = give(world)
    assert not standing(world, condition).is_met
    decide(world, evidence)
    assert standing(world, condition).is_met


def test_evidence_that_meets_a_condition_voids_no_signature(world: World):
    """What the memo binds is the condition, not the papers that meet it."""
    before = memo_live(world.case)
    assert before is not None
    signed = standing_for(world.case)
    assert signed is not None
    assert signed.given
    decide(world, give(world))
    after = standing_for(LoanCase.objects.get(pk=world.case.pk))
    assert after is not None
    assert (after.memo.number, after.memo.digest, after.given) == (before.number, before.digest, signed.given)
    assert not memo_differs(after.memo, LoanCase.objects.get(pk=world.case.pk))
    assert not Notice.objects.filter(case=world.case, kind="signatures_voided").exists()


def test_the_reviewer_takes_on_the_duty_with_the_first_decision(world: World):
    decide(world, give(world))
    person = world.accounts["reviewer"].person_id
    assert DutyDone.objects.filter(case=world.case, person_id=person, duty="verifies").exists()


def test_rejected_evidence_can_be_given_anew(world: World):
    condition = first(world)
    decide(world, give(world), accepted=False, remark="The page is cut off.")
    assert not standing(world, condition).is_met
    decide(world, give(world))
    assert standing(world, condition).is_met


def test_a_paper_that_was_not_opened_is_not_accepted(world: World):
    evidence = give(world)
    paper_open(actor=world.actor("officer"), case=world.case, row=evidence)
    with pytest.raises(Refused, match="Open the document") as refused:
        decide(world, evidence, opened=False)
    assert refused.value.guard == "unopened"
    decide(world, evidence)
    assert standing(world, first_of(world, evidence)).is_met


def test_who_rejects_says_what_is_missing(world: World):
    with pytest.raises(BadInput) as wrong:
        decide(world, give(world), accepted=False, remark="  ")
    assert set(wrong.value.errors) == {"remark"}


def test_evidence_says_what_it_shows(world: World):
    with pytest.raises(BadInput) as wrong:
        give(world, note=" ")
    assert set(wrong.value.errors) == {"note"}


def test_there_is_one_standing_evidence_for_a_condition(world: World):
    condition = first(world).uuid
    give(world)
    with pytest.raises(BadInput, match="evidence for this condition already"):
        give(world, condition=condition)


def test_a_condition_of_another_case_is_not_taken(world: World):
    with pytest.raises(BadInput, match="does not belong"):
        give(world, condition=uuid.uuid4())
    with pytest.raises(BadInput, match="does not belong"):
        waive(world, condition=uuid.uuid4())


def test_evidence_is_decided_once(world: World):
    evidence = decide(world, give(world))
    with pytest.raises(Refused, match="decided already"):
        decide(world, evidence)


def test_nobody_verifies_their_own_evidence(world: World):
    both = borrowers.people.actor_for(
        borrowers.people.staff(["loan_officer", "disbursement_reviewer"], world.at.branch)
    )
    evidence = give(world, actor=both)
    with pytest.raises(Refused) as refused:
        decide(world, evidence, actor=both)
    assert refused.value.guard == "another_person"


def test_who_prepared_the_case_does_not_verify(world: World):
    evidence = give(world, actor=world.other("officer"))
    borrowers.people.role_found(
        actor=borrowers.people.SETUP,
        person=world.accounts["officer"].person,
        role="disbursement_reviewer",
        branch=world.at.branch,
        reason="t",
    )
    with pytest.raises(Refused) as refused:
        decide(world, evidence, actor=world.actor("officer"))
    assert refused.value.guard == "duty"


@pytest.mark.parametrize("who", ["officer", "lead", "maker", "checker", "keeper", "auditor"])
def test_only_the_reviewer_decides(world: World, who: str):
    evidence = give(world)
    with pytest.raises(Refused, match="role"):
        decide(world, evidence, actor=world.actor(who))
    with pytest.raises(Refused):
        evidence_words(actor=world.actor(who), case=world.case, evidence=evidence)


@pytest.mark.parametrize("who", ["lead", "reviewer", "maker", "checker", "keeper", "auditor"])
def test_only_the_officer_gives_evidence(world: World, who: str):
    with pytest.raises(Refused, match="role"):
        give(world, actor=world.actor(who))


def test_an_officer_of_another_branch_sees_nothing(world: World):
    with pytest.raises(NotVisible):
        give(world, actor=borrowers.officer(borrowers.people.branch("FAR")))


def test_a_stale_page_changes_nothing(world: World):
    with pytest.raises(Stale):
        give(world, version=world.case.version - 1)
    assert not ConditionEvidence.objects.filter(case=world.case).exists()


def test_the_reviewer_reads_the_note_and_that_is_recorded(world: World):
    evidence = give(world, note="Policy TP-7781, assigned.")
    assert "TP-7781" not in str(ConditionEvidence.objects.get(pk=evidence.pk).note)
    assert (
        evidence_words(actor=world.actor("reviewer"), case=world.case, evidence=evidence) == "Policy TP-7781, assigned."
    )
    event = AuditEvent.objects.order_by("-id")[0]
    assert event.action == "disbursement.payment_file_opened"
    assert "TP-7781" not in str(event.body)


@pytest.mark.parametrize("who", ["deputy", "principal"])
def test_what_was_given_by_deputy_is_decided_by_neither(world: World, who: str) -> None:
    principal = people.staff(Role.DISBURSEMENT_REVIEWER, world.at.branch)
    officer = world.actor("officer")
    evidence = give(
        world, actor=dataclasses.replace(officer, on_behalf_of=principal.person_id, on_behalf_name=principal.handle)
    )
    reviewer = people.actor_for(principal)
    actor = reviewer if who == "principal" else dataclasses.replace(reviewer, person_id=officer.person_id)
    with pytest.raises(Refused) as refused:
        decide(world, evidence, actor=actor, opened=False)
    assert refused.value.guard == "another_person"


def test_an_approver_of_the_level_waives(world: World):
    condition = first(world)
    waiver = waive(world)
    assert standing(world, condition).is_waived
    assert waiver.deferred_to is None
    assert waiver.factor_at is not None


def test_a_condition_is_deferred_to_a_day_to_come(world: World):
    day = clock.today() + dt.timedelta(days=30)
    assert waive(world, deferred_to=day).deferred_to == day


@pytest.mark.parametrize("days", [0, -1])
def test_no_condition_is_deferred_to_the_past(world: World, days: int):
    with pytest.raises(BadInput) as wrong:
        waive(world, deferred_to=clock.today() + dt.timedelta(days=days), reason=" ")
    assert set(wrong.value.errors) == {"deferred_to", "reason"}


def test_a_waiver_is_given_once(world: World):
    condition = first(world).uuid
    waive(world)
    with pytest.raises(BadInput, match="already"):
        waive(world, condition=condition)


def test_a_waiver_takes_a_fresh_factor(world: World):
    with pytest.raises(StepUpNeeded):
        waive(world, actor=stale(approver("approver_3", world.at.branch)))


def test_a_waiver_is_part_of_approving_and_shuts_its_signer_off_from_verifying_and_paying(world: World):
    account = borrowers.account_of("approver_3", world.at.branch)
    waive(world, actor=borrowers.people.actor_for(account))
    assert DutyDone.objects.filter(case=world.case, person_id=account.person_id, duty="approves").exists()
    evidence = give(world)
    with pytest.raises(Refused) as refused:
        decide(world, evidence, actor=also(world, account, "disbursement_reviewer"))
    assert refused.value.guard == "duty"
    assert excluded(Duty.PAYS, duties_near(world.case, account.person_id)) == Duty.APPROVES


def also(world: World, account: Account, role: str) -> Actor:
    """The actor of an account's person after another role was given to a second account of the same person."""
    held = HeldRole(role, frozenset({world.at.branch_id}))
    actor = borrowers.people.actor_for(account)
    return dataclasses.replace(actor, held=(held,))


@pytest.mark.parametrize("who", ["officer", "reviewer"])
def test_who_did_another_duty_on_the_case_waives_nothing(world: World, who: str):
    decide(world, give(world))
    with pytest.raises(Refused) as refused:
        waive(world, actor=also(world, world.accounts[who], "approver_3"))
    assert refused.value.guard == "duty"
    assert not ConditionWaiver.objects.filter(case=world.case).exists()


def test_a_frozen_case_keeps_its_conditions(world: World):
    compliance = borrowers.actor_of("compliance_officer", world.at.branch)
    with act(actor=compliance):
        advance(world.case, "freeze", actor=compliance, version=world.case.version, text="Suspicion.")
    with pytest.raises(Refused) as refused:
        waive(world)
    assert refused.value.guard == "frozen"


def test_the_log_keeps_what_was_decided_with_its_fingerprint_and_no_word_of_the_reason(world: World):
    condition = first(world)
    waiver = waive(world, reason="Mr Wang's brother stands in.")
    event = json.loads(AuditEvent.objects.filter(action="disbursement.condition_waived").latest("id").body)
    decision = json.loads(event["note"]["decision"])
    assert fingerprint(event["note"]["decision"]) == event["note"]["fingerprint"]
    assert (decision["action"], decision["case"], decision["condition"]) == ("waive", world.case.number, condition.code)
    assert (decision["person"], decision["state"]) == (waiver.signed_by_id, memo_live(world.case).digest)
    assert "Wang" not in str(event)


def test_a_lower_level_than_the_case_needs_does_not_waive(world: World):
    needed = max(levels_needed(world))
    lower = [level for level in ("approver_1", "approver_2") if level < needed]
    for level in lower:
        with pytest.raises(Refused) as refused:
            waive(world, actor=approver(level, world.at.branch))
        assert refused.value.guard == "authority"
    assert waive(world, actor=approver(needed, world.at.branch)).pk


def levels_needed(world: World) -> tuple[str, ...]:
    """Levels whose signatures the case needed."""
    found = standing_for(world.case)
    assert found is not None
    return tuple(found.needed)


@pytest.mark.parametrize("who", ["officer", "lead", "reviewer", "maker", "checker", "auditor"])
def test_nobody_but_approvers_waives(world: World, who: str):
    with pytest.raises(Refused, match="role"):
        waive(world, actor=world.actor(who))


def test_with_everything_settled_the_reviewer_sends_the_case_to_payout(world: World):
    factories.settled(world.actor("officer"), world.actor("reviewer"), world.case)
    assert conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version).state == "payout"


def test_payout_waits_for_every_condition_and_names_it(world: World):
    with pytest.raises(Refused) as refused:
        conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version)
    assert refused.value.guard == "conditions_settled"
    assert any(str(first(world).text) in str(reason) for reason in refused.value.reasons)


def test_evidence_given_but_not_decided_keeps_the_money_back(world: World):
    for each in [one for one in conditions_standing(world.case) if one.keeps_money_back]:
        give(world, condition=each.condition.uuid)
    with pytest.raises(Refused, match="Not met"):
        conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version)


def test_after_payout_has_begun_nothing_is_waived_any_more(world: World):
    condition = first(world)
    in_payout(world)
    with pytest.raises(Refused, match="before payout"):
        waive(world, condition=condition.uuid)


def in_payout(world: World) -> None:
    """Send the case to payout; what is not deferred is met."""
    factories.settled(world.actor("officer"), world.actor("reviewer"), world.case)
    conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version)


def subsequent(world: World, days: int = 30) -> Condition:
    """A condition to be met within so many days after the first payout."""
    with act(actor=SETUP):
        condition = Condition.objects.create(
            case=world.at, key_owner=world.at.borrower.key_owner, code=f"after-{days}", kind="subsequent", due_days=days,
            text_en="Send the audited accounts", text_zh="提交审计报告",
        )  # fmt: skip
        record(Tag.BRANCH_CHANGED, actor=SETUP)
    return condition


def paid(world: World) -> None:
    """A first payment that the bank confirms."""
    factories.paying_account()
    factories.paid(world.case, amount=Decimal(1000))


def followed(condition: Condition) -> ConditionFollowUp:
    """The row that is kept of a condition after payout."""
    return ConditionFollowUp.objects.get(condition=condition.uuid)


def test_a_condition_after_payout_keeps_no_money_back_and_is_not_done_either(world: World):
    condition = subsequent(world)
    now = standing(world, condition)
    assert (now.keeps_money_back, now.is_done, now.status, now.due_on) == (False, False, "later", None)


def test_its_day_is_counted_from_the_first_payout(world: World):
    condition = subsequent(world)
    in_payout(world)
    assert not ConditionFollowUp.objects.filter(condition=condition.uuid).exists()
    paid(world)
    day = clock.today() + dt.timedelta(days=30)
    assert (standing(world, condition).due_on, followed(condition).due_on) == (day, day)
    assert AuditEvent.objects.filter(action="disbursement.condition_followed").count() == 1


@pytest.mark.parametrize("when", ["payout", "active"])
def test_evidence_is_given_and_verified_after_payout_too(world: World, when: str):
    condition = subsequent(world)
    in_payout(world)
    if when == "active":
        paid(world)
    assert world.case.state == when
    decide(world, give(world, condition=condition.uuid))
    assert standing(world, condition).status == "met"
    if when == "active":
        assert followed(condition).done_at is not None


def test_a_deferred_condition_is_followed_from_payout_and_can_still_be_met(world: World):
    condition, day = first(world), clock.today() + dt.timedelta(days=10)
    waive(world, deferred_to=day)
    in_payout(world)
    now = standing(world, condition)
    assert (now.status, now.due_on, followed(condition).due_on) == ("later", day, day)
    decide(world, give(world, condition=condition.uuid))
    assert standing(world, condition).status == "met"
    assert followed(condition).done_at is not None


def test_before_the_contract_is_signed_no_evidence_is_taken(world: World):
    with act(actor=SETUP):
        case = world.case
        case.state = "contracting"
        case.save()
        record(Tag.BRANCH_CHANGED, actor=SETUP)
    with pytest.raises(Refused, match="from the signed contract on"):
        give(world)


def test_a_deferral_that_has_run_out_keeps_the_money_back_again(world: World):
    condition = first(world)
    waive(world, deferred_to=clock.today() + dt.timedelta(days=5))
    in_payout(world)
    factories.paying_account()
    payee, maker = factories.account_verified(world.case), world.actor("maker")
    drawdown = factories.prepared(maker, world.case, Decimal(1000), payee)
    with clock.at(clock.now() + dt.timedelta(days=6)):
        assert standing(world, condition).status == "overdue"
        for attempt in (
            lambda: factories.prepared(world.actor("maker"), world.case, Decimal(1000), payee),
            lambda: payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version),
        ):
            with pytest.raises(Refused, match="overdue") as refused:
                attempt()
            assert [str(line) for line in refused.value.reasons] == [condition.text]
        decide(world, give(world, condition=condition.uuid))
        assert payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)


CLOCK = Actor.system("clock", channel="task")


def told() -> set[int]:
    """Persons who were told that a condition is overdue."""
    return set(Notice.objects.filter(kind="condition_overdue").values_list("person_id", flat=True))


def test_an_overdue_condition_is_brought_to_notice_once(world: World):
    condition = subsequent(world)
    in_payout(world)
    paid(world)
    assert conditions_remind(CLOCK) == 0
    with clock.at(clock.now() + dt.timedelta(days=31)):
        assert (conditions_remind(CLOCK), conditions_remind(CLOCK)) == (1, 0)
    assert {world.accounts["keeper"].person_id, world.accounts["officer"].person_id} <= told()
    assert followed(condition).reminded_at is not None
    assert AuditEvent.objects.filter(action="disbursement.condition_reminded").count() == 1


def test_what_was_met_is_not_reminded_of(world: World):
    condition = subsequent(world)
    in_payout(world)
    paid(world)
    decide(world, give(world, condition=condition.uuid))
    with clock.at(clock.now() + dt.timedelta(days=31)):
        assert conditions_remind(CLOCK) == 0


def test_conditions_that_were_set_before_there_were_rows_are_taken_up_by_the_round(world: World):
    in_payout(world)
    paid(world)
    condition = subsequent(world, 7)
    assert conditions_remind(CLOCK) == 0
    assert followed(condition).due_on == clock.today() + dt.timedelta(days=7)


def test_only_the_clock_reminds(world: World):
    with pytest.raises(Refused):
        conditions_remind(world.actor("lead"))


@pytest.mark.parametrize("which", ["case", "borrower"])
def test_nothing_of_a_condition_goes_on_while_frozen(world: World, which: str):
    evidence, other = give(world), [each.condition for each in conditions_standing(world.case)][-1]
    with act(actor=SETUP):
        row: Any = world.case if which == "case" else world.case.borrower
        setattr(row, "is_frozen" if which == "case" else "frozen", True)
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SETUP)
    for attempt in (
        lambda: give(world, condition=other.uuid),
        lambda: decide(world, evidence),
        lambda: waive(world, condition=other.uuid),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.guard == "frozen"


def test_the_page_offers_evidence_after_payout_and_the_case_page_shows_the_day(world: World):
    condition = subsequent(world)
    in_payout(world)
    paid(world)
    client = Client()
    people.signed_in(client, world.accounts["officer"])
    place = reverse("disbursement:evidence_give", args=[world.at.number, condition.uuid])
    page = client.get(reverse("disbursement:conditions", args=[world.at.number])).content.decode()
    assert place in page
    assert "to follow" in page
    assert "settled" not in page
    assert client.post(place, {"version": world.case.version, "note": "Here they are."}).status_code == 302
    with clock.at(clock.now() + dt.timedelta(days=31)):
        people.signed_in(client, world.accounts["officer"])
        assert "to be verified" in client.get(world.at.get_absolute_url()).content.decode()
