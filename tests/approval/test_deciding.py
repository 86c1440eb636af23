"""Deciding against a loan, returning it, and taking an approval back."""

import dataclasses
import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from apps.applications.facts import consent_kinds
from apps.applications.models import Document
from apps.applications.services import consent_give
from apps.approval import services
from apps.approval.models import DecisionMemo, DeclineDecision, Letter, Signature
from apps.approval.selectors import approval_outcome, memo_live, offer_standing, standing_for
from apps.approval.selectors.offers import letter_open
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, StepUpNeeded
from apps.credit_review.services import recommend
from apps.workflow.models import Facility, LoanCase, Message, Notice
from apps.workflow.services import advance
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.applications.factories import again, signer_of
from tests.approval.factories import (
    ONE,
    THREE,
    TWO,
    approver,
    case_needing,
    live,
    paper,
    policy,
    signed,
    stale,
)
from tests.borrowers import factories as borrowers
from tests.credit_review.factories import proposed
from tests.workflow.factories import reason
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """Two cases in approval, one that is offered, and the analyst of all."""

    one_two: LoanCase
    nobody: LoanCase
    offered: LoanCase
    analyst: Actor


def build() -> World:
    """Cases under the usual matrix, and reasons to decline and to return."""
    policy()
    reason("decline", "weak-cover", name_en="Debt service is not covered", name_zh="偿债能力不足")
    reason("decline", "short-history")
    reason("return", "figures-unclear")
    analyst = people.actor_for(people.staff("credit_analyst", people.branch()))
    offered = signed(case_needing(ONE, actor=analyst), approver(ONE))
    return World(case_needing(ONE, TWO, actor=analyst), case_needing(actor=analyst), offered, analyst)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def declined(case: LoanCase, actor: Actor, **given: Any) -> LoanCase:
    """The case after an approver has declined it."""
    facts = {"reasons": ["weak-cover"], "dissent": "Three customers are too few.", **given}
    services.approval_decline(actor=actor, case=case, version=again(case).version, **facts)
    return again(case)


def referred(case: LoanCase, actor: Actor, dissent: str = "I would not lend here.") -> LoanCase:
    """The case after an approver has referred it."""
    services.approval_refer(actor=actor, case=case, version=again(case).version, dissent=dissent)
    return again(case)


def returned(
    case: LoanCase, actor: Actor, to: str = "credit_review", questions: str = "Who are the customers?"
) -> LoanCase:
    """The case after an approver has returned it."""
    services.approval_return(actor=actor, case=case, version=again(case).version, to=to, questions=questions)
    return again(case)


# --- declining ---


def test_the_highest_level_needed_declines_for_good_with_a_letter_in_both_languages(world: World):
    actor = approver(TWO)
    case = declined(world.one_two, actor)
    decision = DeclineDecision.objects.get(case=case)
    assert (case.state, decision.outcome, decision.level, decision.reasons) == (
        "declined",
        "declined",
        TWO,
        ["weak-cover"],
    )
    assert decision.dissent.reveal() == "Three customers are too few."
    assert sorted(Letter.objects.filter(decline=decision).values_list("language", flat=True)) == ["en", "zh-hans"]


def test_the_letter_quotes_the_reasons_and_the_rights_but_not_the_dissent(world: World):
    actor = approver(TWO)
    case = declined(world.one_two, actor, reasons=["weak-cover", "short-history"])
    letter = Letter.objects.get(case=case, language="en")
    content = b"".join(letter_open(actor, case, letter.pk).content)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
    for words in (
        case.borrower.legal_name,
        case.number,
        "Debt service is not covered",
        "Short history",
        "look at the decision again",
    ):
        assert words in text
    assert "customers" not in text
    chinese = Letter.objects.get(case=case, language="zh-hans")
    assert (
        "偿债能力不足"
        in PdfReader(io.BytesIO(b"".join(letter_open(actor, case, chinese.pk).content))).pages[0].extract_text()
    )


def test_a_level_below_cannot_decline_alone(world: World):
    with pytest.raises(Refused, match="refer it to the next level") as refused:
        declined(world.one_two, approver(ONE))
    assert refused.value.guard == "decline_within_authority"
    assert not DeclineDecision.objects.exists()
    assert not Letter.objects.filter(kind="decline").exists()


def test_where_nobody_may_sign_every_approver_may_decline(world: World):
    assert declined(world.nobody, approver(ONE)).state == "declined"


@pytest.mark.parametrize("reasons", [[], ["unknown"], ["weak-cover", "unknown"], ["figures-unclear-not-there"]])
def test_declining_needs_reasons_of_the_list(world: World, reasons: list[str]):
    with pytest.raises(Refused, match="reason"):
        declined(world.one_two, approver(TWO), reasons=reasons)


def test_declining_needs_a_fresh_factor(world: World):
    with pytest.raises(StepUpNeeded):
        declined(world.one_two, stale(approver(TWO)))


def test_the_analyst_does_not_decline_as_an_approver(world: World):
    both = dataclasses.replace(approver(TWO), person_id=world.analyst.person_id)
    with pytest.raises(Refused) as refused:
        declined(world.one_two, both)
    assert refused.value.guard == "duty"


def test_a_declined_case_is_signed_no_more(world: World):
    case = declined(world.one_two, approver(TWO))
    with pytest.raises((Refused, IllegalTransition)):
        signed(case, approver(ONE))


def test_a_letter_of_another_case_is_not_there(world: World):
    actor = approver(TWO)
    case = declined(world.one_two, actor)
    letter = Letter.objects.filter(case=case).first()
    with pytest.raises(NotVisible):
        letter_open(actor, world.nobody, letter.pk)


# --- referring ---


def test_a_lower_level_refers_with_its_dissent_and_takes_no_further_part(world: World):
    actor = approver(ONE)
    case = referred(world.one_two, actor)
    standing = standing_for(case)
    assert case.state == "approval"
    assert standing.needed == (TWO, TWO), "the next level decides now"
    assert standing.referrals[0].dissent.reveal() == "I would not lend here."
    assert Message.objects.filter(case=case, author_id=actor.person_id).count() == 1
    with pytest.raises(Refused, match="referred this case"):
        signed(case, actor)
    with pytest.raises(Refused, match="You are level 1; this needs level"):
        signed(case, approver(ONE))
    with pytest.raises(Refused, match="already"):
        referred(case, actor)


def test_after_a_referral_the_next_level_may_still_approve(world: World):
    case = signed(signed(referred(world.one_two, approver(ONE)), approver(TWO)), approver(TWO))
    assert case.state == "offered"


def test_the_level_that_decides_itself_does_not_refer(world: World):
    with pytest.raises(Refused, match="decides this itself"):
        referred(world.one_two, approver(TWO))


@pytest.mark.parametrize("dissent", ["", "   ", "x" * 4001, "nul\x00"])
def test_a_referral_needs_a_dissent_that_can_be_kept(world: World, dissent: str):
    with pytest.raises(BadInput) as wrong:
        referred(world.one_two, approver(ONE), dissent)
    assert list(wrong.value.errors) == ["dissent"]


# --- returning ---


def test_returning_voids_the_memo_and_tells_the_other_signers(world: World):
    first, second = approver(ONE), approver(TWO)
    case = returned(signed(world.one_two, first), second)
    assert case.state == "credit_review"
    assert memo_live(case) is None
    assert Signature.objects.get(case=case).voided_at is not None
    assert Notice.objects.filter(person_id=first.person_id, kind="signatures_voided").exists()
    assert Message.objects.filter(case=case, author_id=second.person_id).exists()


def recommended_again(world: World, case: LoanCase, analyst: Actor | None = None) -> LoanCase:
    """The case in approval once more, on a recommendation written anew."""
    case = proposed(analyst or world.analyst, again(case))
    recommend(actor=analyst or world.analyst, case=case, version=case.version)
    return again(case)


def test_a_returned_case_comes_back_with_a_memo_of_its_own(world: World):
    case = returned(signed(world.one_two, approver(ONE)), approver(TWO))
    case = recommended_again(world, case)
    assert (case.state, live(case).number) == ("approval", 2)
    assert standing_for(case).given == ()
    assert signed(signed(case, approver(ONE)), approver(TWO)).state == "offered"


@pytest.mark.parametrize("to", ["approval", "offered", "draft", "collateral_check"])
def test_a_case_returns_to_an_earlier_stage_only(world: World, to: str):
    with pytest.raises(Refused, match="earlier stage"):
        returned(world.one_two, approver(TWO), to=to)


def test_a_stage_that_does_not_exist_is_bad_input(world: World):
    with pytest.raises(BadInput):
        returned(world.one_two, approver(TWO), to="moon")


def test_returning_needs_a_reason(world: World):
    with pytest.raises(Refused, match="reason"):
        returned(world.one_two, approver(TWO), questions=" ")


# --- taking back ---


@pytest.mark.parametrize("service", [services.approval_amend, services.approval_revoke])
def test_an_approval_is_taken_back_with_everything_that_hung_on_it(world: World, service: Any):
    case, actor = world.offered, approver(TWO)
    service(actor=actor, case=case, version=case.version, why="The valuation was read wrongly.")
    case = again(case)
    facility = Facility.objects.get(case=case)
    assert (case.state, live(case).number) == ("approval", 2)
    assert offer_standing(case) is None
    assert approval_outcome(case) is None
    assert case.offers.get().revoked_at is not None
    assert Signature.objects.get(case=case).voided_at is not None
    assert (facility.state, facility.approved_amount) == ("asked", None)
    assert signed(case, approver(ONE)).state == "offered"
    assert case.offers.count() == 2


@pytest.mark.parametrize("why", ["", "  ", "x" * 4001])
def test_taking_back_needs_a_reason(world: World, why: str):
    with pytest.raises(BadInput):
        services.approval_amend(actor=approver(TWO), case=world.offered, version=world.offered.version, why=why)


def test_only_approvers_take_back(world: World):
    with pytest.raises(Refused):
        services.approval_revoke(actor=world.analyst, case=world.offered, version=world.offered.version, why="No.")


def revoked(case: LoanCase, actor: Actor) -> LoanCase:
    """The case after somebody has revoked its approval."""
    services.approval_revoke(actor=actor, case=case, version=again(case).version, why="The valuation was read wrongly.")
    return again(case)


def test_who_signed_revokes_and_the_reason_the_record_and_the_notice_are_there(world: World):
    first, second = approver(ONE), approver(TWO)
    case = signed(signed(world.one_two, first), second)
    assert case.state == "offered"
    case = revoked(case, first)
    assert (case.state, standing_for(case).given) == ("approval", ())
    assert not Signature.objects.filter(case=case, voided_at=None).exists()
    event = newest(Tag.APPROVAL_REVOKED)
    assert (event["person"], event["outcome"], event["case"]) == (first.person_id, "done", case.number)
    assert Notice.objects.filter(person_id=second.person_id, case=case, kind="signatures_voided").exists()
    words = [message.body.reveal() for message in Message.objects.filter(case=case, author_id=first.person_id)]
    assert "The valuation was read wrongly." in words


@pytest.mark.parametrize(("level", "may"), [(ONE, False), (TWO, False), (THREE, True)])
def test_another_revokes_only_from_a_higher_level(world: World, level: str, may: bool):
    case = signed(signed(world.one_two, approver(ONE)), approver(TWO))
    if may:
        assert revoked(case, approver(level)).state == "approval"
        return
    with pytest.raises(Refused, match="who signed this"):
        revoked(case, approver(level))
    assert again(case).state == "offered"
    assert AuditEvent.objects.filter(outcome="refused").latest("id").data["guard"] == "signer_or_above"


def test_at_the_top_another_of_the_top_revokes_for_nobody_stands_above(world: World):
    case = signed(signed(world.one_two, approver(ONE)), approver(THREE))
    assert revoked(case, approver(THREE)).state == "approval"


def test_an_accepted_offer_is_revoked_until_the_contract_is_signed(world: World):
    case, officer = world.offered, borrowers.officer()
    services.offer_accept_recorded(actor=officer, case=case, version=case.version, paper=paper())
    case = again(case)
    assert case.state == "contracting"
    case = revoked(case, people.actor_for(Signature.objects.filter(case=case).latest("pk").account))
    assert (case.state, offer_standing(case)) == ("approval", None)


def test_what_is_still_in_approval_is_not_taken_back(world: World):
    with pytest.raises(IllegalTransition):
        services.approval_revoke(actor=approver(TWO), case=world.one_two, version=world.one_two.version, why="No.")


def consents_anew(case: LoanCase) -> None:
    """Give every consent once more, on the sheet that is on file."""
    sheet = Document.objects.filter(case=case, code="consent").first()
    for kind in consent_kinds():
        consent_give(
            actor=borrowers.officer(),
            case=case,
            kind=kind,
            party=signer_of(case),
            given_on=clock.today(),
            document=sheet,
        )


def test_a_reopened_case_is_decided_by_others(world: World):
    first = approver(TWO)
    case = declined(world.one_two, first)
    with clock.at(clock.now() + dt.timedelta(minutes=1)):
        consents_anew(case)
    case = again(case)
    lead = people.actor_for(people.staff("team_lead", people.branch()))
    with act(actor=lead):
        advance(case, "reopen", actor=lead, version=case.version, text="New contracts.")
    with pytest.raises(Refused, match="before it was reopened"):
        recommended_again(world, case)
    case = recommended_again(world, case, people.actor_for(people.staff("credit_analyst", people.branch())))
    for decided in (signed, declined):
        with pytest.raises(Refused, match="before it was reopened"):
            decided(case, first)
    assert signed(case, approver(TWO)).state == "approval"


def test_withdrawing_ends_the_offer(world: World):
    officer = people.actor_for(people.staff("loan_officer", people.branch()))
    with act(actor=officer):
        advance(
            world.offered,
            "withdraw_recorded",
            actor=officer,
            version=world.offered.version,
            text="They found another bank.",
        )
    assert again(world.offered).state == "withdrawn"
    assert offer_standing(world.offered) is None


def test_voided_memos_stay_as_they_were(world: World):
    case = returned(world.one_two, approver(TWO))
    memo = DecisionMemo.objects.get(case=case)
    assert memo.content.reveal()["amount"] == "200000.00"
    assert Decimal(memo.summary["amount"]) == 200_000
    assert memo.number == 1
    assert THREE not in memo.needed
