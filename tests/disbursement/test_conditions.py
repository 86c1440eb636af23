"""Conditions before payout: evidence by one, decision by another, waivers by the approvers' level."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from typing import Any

import pytest

from apps.access.duties import Duty, excluded
from apps.accounts.models import Account
from apps.approval.models import Condition
from apps.approval.rules import fingerprint
from apps.approval.selectors.memos import memo_live, standing_for
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.errors import BadInput, NotVisible, Refused, Stale, StepUpNeeded
from apps.disbursement.models import ConditionEvidence, ConditionWaiver
from apps.disbursement.selectors import ConditionStanding, conditions_standing
from apps.disbursement.services.conditions import condition_waive, conditions_meet, evidence_decide, evidence_give
from apps.disbursement.services.reading import evidence_words
from apps.workflow.dutybook import duties_near
from apps.workflow.models import DutyDone
from apps.workflow.services import advance
from tests.approval.factories import approver, stale
from tests.approval.worlds import once_a_module
from tests.borrowers import factories as borrowers
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World

world = once_a_module(worlds.conditions)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def first(world: World) -> Condition:
    """A condition that keeps the money back."""
    return next(each.condition for each in conditions_standing(world.case) if not each.is_settled)


def give(world: World, **given: Any) -> ConditionEvidence:
    """Evidence for the first condition, by the officer."""
    facts: dict[str, Any] = {
        "actor": world.actor("officer"), "version": world.case.version, "condition": given.get("condition") or first(world).uuid, "note": "The policy is in.",
        "paper": factories.scan(),
    }  # fmt: skip
    return evidence_give(case=world.case, **{**facts, **given})


def decide(world: World, evidence: ConditionEvidence, **given: Any) -> ConditionEvidence:
    """The reviewer's decision."""
    facts: dict[str, Any] = {"actor": world.actor("reviewer"), "version": world.case.version, "accepted": True}
    return evidence_decide(case=world.case, evidence=evidence, **{**facts, **given})


def waive(world: World, **given: Any) -> ConditionWaiver:
    """A waiver of the first condition."""
    facts: dict[str, Any] = {
        "actor": approver("approver_3", world.at.branch), "version": world.case.version, "condition": given.get("condition") or first(world).uuid,
        "reason": "The pledge covers it.",
    }  # fmt: skip
    return condition_waive(case=world.case, **{**facts, **given})


def standing(world: World, condition: Condition) -> ConditionStanding:
    """How a condition stands."""
    return next(each for each in conditions_standing(world.case) if each.condition.pk == condition.pk)


def test_evidence_counts_when_another_person_has_accepted_it(world: World):
    condition = first(world)
    evidence = give(world)
    assert not standing(world, condition).is_settled
    decide(world, evidence)
    assert standing(world, condition).is_settled


def test_the_reviewer_takes_on_the_duty_with_the_first_decision(world: World):
    decide(world, give(world))
    person = world.accounts["reviewer"].person_id
    assert DutyDone.objects.filter(case=world.case, person_id=person, duty="verifies").exists()


def test_rejected_evidence_can_be_given_anew(world: World):
    condition = first(world)
    decide(world, give(world), accepted=False, remark="The page is cut off.")
    assert not standing(world, condition).is_settled
    decide(world, give(world))
    assert standing(world, condition).is_settled


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


def test_an_approver_of_the_level_waives(world: World):
    condition = first(world)
    waiver = waive(world)
    assert standing(world, condition).is_settled
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
    for each in [one for one in conditions_standing(world.case) if not one.is_settled]:
        give(world, condition=each.condition.uuid)
    with pytest.raises(Refused, match="Not settled"):
        conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version)


def test_after_payout_has_begun_conditions_are_settled_no_more(world: World):
    condition = first(world)
    factories.settled(world.actor("officer"), world.actor("reviewer"), world.case)
    conditions_meet(actor=world.actor("reviewer"), case=world.case, version=world.case.version)
    with pytest.raises(Refused, match="before payout"):
        give(world, condition=condition.uuid)
    with pytest.raises(Refused, match="before payout"):
        waive(world, condition=condition.uuid)
