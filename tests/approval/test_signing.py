"""Signing a memo: who may, what is bound, what voids it, and what a second click does."""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

import pytest

from apps.approval import rules, services
from apps.approval.models import Signature, SpentNonce
from apps.approval.selectors import memo_live, sign_prepare, standing_for
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, Refused, Stale, StepUpNeeded
from apps.workflow.models import CaseStep, DutyDone, Facility, FacilityState, LoanCase, Notice
from apps.workflow.services import advance
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import (
    ONE,
    THREE,
    TWO,
    approver,
    approver_account,
    case_needing,
    live,
    policy,
    signed,
    stale,
)
from tests.workflow import factories as workflow
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """Cases in approval by the signatures they need, and the analyst who reviewed the first."""

    one: LoanCase
    one_two: LoanCase
    nobody: LoanCase
    analyst: Actor


def build() -> World:
    """Three cases under one policy whose one-time codes sign up to 250,000."""
    policy(totp_up_to=Decimal(250_000))
    analyst = people.actor_for(people.staff(["credit_analyst", ONE], people.branch()))
    return World(case_needing(ONE, actor=analyst), case_needing(ONE, TWO), case_needing(), analyst)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def bodies(action: str = "") -> list[dict]:
    """Events of an action, oldest first."""
    held = [json.loads(body) for body in AuditEvent.objects.order_by("id").values_list("body", flat=True)]
    return [body for body in held if not action or body["action"] == action]


def refused_by(guard: str) -> int:
    """Number of recorded refusals of a guard."""
    return sum(body.get("guard") == guard and body["outcome"] == "refused" for body in bodies())


def test_one_signature_of_level_one_makes_the_offer(world: World):
    actor = approver(ONE)
    case = signed(world.one, actor, comment="Sound business.")
    signature = Signature.objects.get(case=case)
    assert case.state == "offered"
    assert (signature.level, signature.factor, signature.factor_class) == (ONE, "totp", "B")
    assert signature.person_id == actor.person_id
    assert signature.comment.reveal() == "Sound business."


def test_the_signature_keeps_exactly_what_was_signed(world: World):
    case, actor, memo = world.one, approver(ONE), live(world.one)
    decision, _challenge = sign_prepare(actor, case)
    signed(case, actor)
    signature = Signature.objects.get(case=case)
    held = json.loads(signature.decision)
    assert rules.fingerprint(signature.decision) == signature.fingerprint
    assert rules.decision_text(held) == signature.decision
    assert held["state"] == memo.digest
    assert (held["action"], held["case"], held["amount"], held["currency"]) == (
        "approve",
        case.number,
        "100000.00",
        "CNY",
    )
    assert held["facilities"] == [
        {"position": 1, "amount": "100000.00", "term": 24, "rate": "5.35", "repayment": "equal_instalment"}
    ]
    assert (held["person"], held["account"], held["policy"]) == (actor.person_id, actor.account_id, memo.policy.version)
    assert decision.facts["nonce"] != held["nonce"], "every look at the page makes a new challenge"
    assert not any(word in signature.decision for word in ("Songhua", "Wang", "Accounts of the business"))


def test_two_different_people_sign_where_two_signatures_are_needed(world: World):
    case = signed(world.one_two, approver(ONE))
    assert case.state == "approval"
    assert standing_for(case).open == (TWO,)
    assert signed(case, approver(TWO)).state == "offered"
    assert list(CaseStep.objects.filter(case=case).order_by("-id").values_list("event", flat=True)[:2]) == [
        "sign_last",
        "sign",
    ]


def test_a_higher_level_signs_for_a_lower_one(world: World):
    assert signed(signed(world.one_two, approver(TWO)), approver(THREE)).state == "offered"


def test_nobody_signs_twice(world: World):
    actor = approver(TWO)
    case = signed(world.one_two, actor)
    with pytest.raises(Refused, match="another person") as refused:
        signed(case, actor)
    assert refused.value.guard == "authority"
    assert Signature.objects.filter(case=case).count() == 1


def test_one_person_with_two_accounts_is_still_one_person(world: World):
    actor = approver(TWO)
    case = signed(world.one_two, actor)
    with pytest.raises(Refused, match="another person"):
        signed(case, dataclasses.replace(actor, account_id=approver_account(TWO).pk))


def for_another(deputy: Actor, principal: Actor) -> Actor:
    """An approver with another approver's right in hand."""
    return dataclasses.replace(
        deputy, held=principal.held, on_behalf_of=principal.person_id, on_behalf_name=principal.name,
        most=Decimal(50_000_000),
    )  # fmt: skip


def test_nobody_gives_two_signatures_by_letting_a_deputy_give_one(world: World):
    principal, deputy = approver(TWO), approver(ONE)
    case = signed(world.one_two, principal)
    with pytest.raises(Refused, match="another person"):
        signed(case, for_another(deputy, principal))


def test_nobody_signs_what_their_deputy_has_signed_for_them(world: World):
    principal, deputy = approver(TWO), approver(ONE)
    case = signed(world.one_two, for_another(deputy, principal))
    assert standing_for(case).open == (ONE,) or case.state == "approval"
    with pytest.raises(Refused, match="another person"):
        signed(case, principal)
    assert signed(case, approver(TWO)).state == "offered"


def test_a_level_that_is_not_missing_does_not_sign(world: World):
    case = signed(world.one_two, approver(ONE))
    with pytest.raises(Refused, match="this needs level 2"):
        signed(case, approver(ONE))


@pytest.mark.parametrize("role", ["loan_officer", "credit_analyst", "administrator", "head_of_credit", "auditor"])
def test_other_roles_do_not_sign(world: World, role: str):
    actor = people.actor_for(people.staff(role, people.branch()))
    with pytest.raises(Refused):
        sign_prepare(actor, world.one)


def test_a_role_that_is_smuggled_in_after_the_page_signs_nothing(world: World):
    """A challenge made for an approver does not carry the authority with it."""
    actor, case = approver(ONE), world.one
    _decision, challenge = sign_prepare(actor, case)
    clerk = people.actor_for(people.staff("loan_officer", people.branch()))
    with pytest.raises(Refused):
        services.memo_sign(
            actor=dataclasses.replace(clerk, account_id=actor.account_id),
            case=case,
            version=case.version,
            challenge=challenge,
        )
    assert not Signature.objects.exists()


def test_an_approver_of_another_branch_signs_nothing_here(world: World):
    with pytest.raises(Refused, match="not an approver for this branch"):
        signed(world.one, approver(ONE, people.branch("JN")))


def test_the_analyst_who_reviewed_cannot_sign_whatever_else_they_hold(world: World):
    with pytest.raises(Refused, match="reviews") as refused:
        signed(world.one, world.analyst)
    assert refused.value.guard == "duty"
    assert refused_by("duty") == 1


def test_who_signed_has_taken_on_the_duty(world: World):
    account = approver_account(ONE)
    signed(world.one, people.actor_for(account))
    assert list(DutyDone.objects.filter(person=account.person).values_list("duty", flat=True)) == ["approves"]


@pytest.mark.parametrize(
    ("factor", "guard"), [(Factor.NONE, "step_up"), (Factor.RECOVERY, "recovery"), (Factor.EMAIL, "step_up")]
)
def test_only_a_strong_factor_signs(world: World, factor: Factor, guard: str):
    with pytest.raises(Refused) as refused:
        signed(world.one, dataclasses.replace(approver(ONE), factor=factor))
    assert refused.value.guard == guard


def test_a_factor_older_than_five_minutes_does_not_sign_and_the_refusal_is_recorded(world: World):
    with pytest.raises(StepUpNeeded):
        signed(world.one, stale(approver(ONE)))
    assert refused_by("step_up") == 1
    assert again(world.one).state == "approval"


@pytest.mark.parametrize("factor", [Factor.TOTP, Factor.PASSKEY])
def test_without_a_passkey_over_the_decision_nobody_signs_more_than_the_policy_lets_them(world: World, factor: Factor):
    with pytest.raises(Refused) as refused:
        signed(world.nobody, dataclasses.replace(approver(THREE), factor=factor))
    assert "passkey" in str(refused.value.reasons)


def test_having_used_a_passkey_a_moment_ago_is_no_signature_with_it(world: World):
    case = signed(world.one, dataclasses.replace(approver(ONE), factor=Factor.PASSKEY))
    signature = Signature.objects.get(case=case)
    assert (signature.factor, signature.factor_class, signature.assertion) == ("passkey", "B", None)


def test_above_all_authority_nobody_signs(world: World):
    assert live(world.nobody).needed == []
    with pytest.raises(Refused, match="Nobody has the authority"):
        signed(world.nobody, approver(THREE))


# --- challenges ---


def test_a_challenge_counts_once_even_when_the_act_failed(world: World):
    actor, case = approver(ONE), world.one
    _decision, challenge = sign_prepare(actor, case)
    with pytest.raises(StepUpNeeded):
        services.memo_sign(actor=stale(actor), case=case, version=case.version, challenge=challenge)
    assert SpentNonce.objects.count() == 1, "spending it outlives the refusal"
    with pytest.raises(Refused, match="used already") as refused:
        services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge)
    assert refused.value.guard == "challenge"
    assert refused_by("challenge") == 1


def test_a_double_click_signs_once(world: World):
    actor, case = approver(ONE), world.one_two
    _decision, challenge = sign_prepare(actor, case)
    services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge)
    with pytest.raises(Refused, match="used already"):
        services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge)
    assert Signature.objects.filter(case=case).count() == 1


def test_anothers_challenge_is_refused(world: World):
    case = world.one
    _decision, challenge = sign_prepare(approver(ONE), case)
    with pytest.raises(Refused, match="not made for you"):
        services.memo_sign(actor=approver(ONE), case=case, version=case.version, challenge=challenge)


@pytest.mark.parametrize("forged", ["", "a:b:c", "%sx", "x%s"])
def test_a_forged_challenge_is_refused(world: World, forged: str):
    actor, case = approver(ONE), world.one
    _decision, challenge = sign_prepare(actor, case)
    with pytest.raises(Refused, match="not made for you"):
        services.memo_sign(actor=actor, case=case, version=case.version, challenge=forged.replace("%s", challenge))


def test_a_challenge_is_too_old_after_ten_minutes(world: World):
    actor, case = approver(ONE), world.one
    _decision, challenge = sign_prepare(actor, case)
    later = clock.now() + dt.timedelta(minutes=11)
    with clock.at(later), pytest.raises(Refused, match="ten minutes"):
        services.memo_sign(
            actor=dataclasses.replace(actor, factor_at=later), case=case, version=case.version, challenge=challenge
        )


def test_the_challenge_of_one_case_does_not_sign_another(world: World):
    actor = approver(ONE)
    _decision, challenge = sign_prepare(actor, world.one)
    with pytest.raises(Refused, match="has changed"):
        services.memo_sign(actor=actor, case=world.one_two, version=world.one_two.version, challenge=challenge)


def test_a_system_does_not_sign(world: World):
    with pytest.raises(Refused):
        sign_prepare(people.SETUP, world.one)


# --- two people at once, and changed memos ---


def test_of_two_signers_at_once_the_second_is_told(world: World):
    case, first, second = world.one_two, approver(ONE), approver(TWO)
    _decision, challenge = sign_prepare(second, case)
    signed(case, first)
    with pytest.raises(Stale):
        services.memo_sign(actor=second, case=case, version=case.version, challenge=challenge)
    assert signed(case, second).state == "offered"


def test_a_condition_set_after_the_page_was_opened_keeps_it_from_being_signed(world: World):
    first, second = approver(ONE), approver(TWO)
    case = signed(world.one_two, first)
    _decision, challenge = sign_prepare(second, case)
    services.condition_add(actor=approver(THREE), case=case, version=case.version, code="equity_paid")
    with pytest.raises(Refused, match="has changed") as refused:
        services.memo_sign(actor=second, case=case, version=case.version, challenge=challenge)
    case = again(case)
    assert refused.value.guard == "memo_unchanged"
    assert Signature.objects.get(case=case).voided_at is not None
    assert standing_for(case).given == ()
    assert Notice.objects.filter(person_id=first.person_id, kind="signatures_voided").count() == 1
    assert signed(signed(case, first), second).state == "offered", "they may sign the new memo"


def raise_exposure(case: LoanCase) -> None:
    """Approve another loan of the same borrower, as a later decision would."""
    other = workflow.case(borrower=case.borrower, branch=case.branch)
    with act(actor=people.SETUP):
        facility = Facility.objects.get(case=other)
        facility.state, facility.approved_amount = FacilityState.ACTIVE, Decimal(600_000)
        facility.save()
        record(Tag.APPROVAL_AMENDED, actor=people.SETUP, subject=facility, case=other)


def test_what_changed_behind_the_memo_voids_it_before_anybody_signs(world: World):
    first, second = approver(ONE), approver(TWO)
    case = signed(world.one_two, first)
    before = live(case)
    _decision, challenge = sign_prepare(second, case)
    raise_exposure(case)
    with pytest.raises(Refused):
        services.memo_sign(actor=second, case=case, version=case.version, challenge=challenge)
    before.refresh_from_db()
    now = memo_live(again(case))
    assert before.voided_at is not None
    assert now is not None
    assert now.number == before.number + 1
    assert "exposure_others" in [change["path"] for change in now.difference.reveal()]
    assert CaseStep.objects.filter(case=case, event="void", actor_name="system:process").count() == 1
    voided = bodies(Tag.SIGNATURES_VOIDED)[-1]
    assert voided["on_behalf_of"]["person"] == second.person_id


def test_an_expired_memo_is_not_signed(world: World):
    actor, later = approver(ONE), clock.now() + dt.timedelta(days=31)
    with clock.at(later), pytest.raises(Refused, match="expired"):
        signed(world.one, dataclasses.replace(actor, factor_at=later))


def test_a_frozen_case_is_not_signed(world: World):
    compliance = people.actor_for(people.staff("compliance_officer"))
    with act(actor=compliance):
        advance(world.one, "freeze", actor=compliance, version=world.one.version, text="Suspicion.")
    with pytest.raises(Refused, match="frozen"):
        signed(world.one, approver(ONE))


def test_a_role_taken_away_between_page_and_click_signs_no_more(world: World):
    actor, case = approver(ONE), world.one
    _decision, challenge = sign_prepare(actor, case)
    with pytest.raises(Refused):
        services.memo_sign(
            actor=dataclasses.replace(actor, held=()), case=case, version=case.version, challenge=challenge
        )
    assert not Signature.objects.exists()


@pytest.mark.parametrize("comment", ["x" * 2001, "a\x00b"])
def test_a_comment_that_cannot_be_kept_is_said_so_and_nothing_is_signed(world: World, comment: str):
    with pytest.raises(BadInput) as wrong:
        signed(world.one, approver(ONE), comment)
    assert list(wrong.value.errors) == ["comment"]
    assert not Signature.objects.exists()


def test_every_signature_is_in_the_log_with_memo_and_level(world: World):
    case = signed(world.one_two, approver(ONE), comment="Naming Mr Wang.")
    event = bodies(Tag.CASE_SIGNED)[-1]
    assert (event["note"]["memo"], event["note"]["level"], event["case"]) == ("1", ONE, case.number)
    assert "approval_signature:" in str(bodies(Tag.DECISION_SIGNED)[-1]["touched"])
    assert "Wang" not in str(event)
    assert len(bodies(Tag.NONCE_SPENT)[-1]["note"]["fingerprint"]) == 64
