"""The memo: what it binds, when it is frozen anew, and the conditions that belong to it; secured cases with collateral."""

import dataclasses
import json
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.approval import gathering, services
from apps.approval.models import Condition, ConditionTemplate, DecisionMemo
from apps.approval.rules import LEVELS, Limit, memo_digest
from apps.approval.rules.memos import signatures_for
from apps.approval.selectors import approval_outcome, conditions_open, memos, sign_prepare, standing_for
from apps.approval.selectors.pages import lines_shown, memo_open
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale
from apps.workflow.models import CaseStep, Facility, LoanCase, Message
from apps.workflow.process import Event
from apps.workflow.services import advance
from apps.workflow.services.steps import case_step
from apps.workflow.services.talk import message_send
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import ONE, THREE, TWO, approver, case_needing, live, policy, signed
from tests.borrowers import factories as borrowers
from tests.worlds import once_a_module

LIMITS = (
    Limit("ltv", "max", Decimal("0.40"), exception_level=THREE),
    Limit("debt_to_assets", "max", Decimal("0.48"), exception_level=TWO),
)


@dataclass(frozen=True)
class World:
    """A secured case with a guarantor outside one limit, and an unsecured one within all."""

    secured: LoanCase
    plain: LoanCase
    officer: Actor


def build() -> World:
    """Both cases under one policy with two limits."""
    policy(limits=LIMITS)
    people.branch()
    officer = borrowers.officer()
    return World(
        case_needing(ONE, secured=True, guaranteed=True, officer=officer),
        case_needing(ONE, TWO, officer=officer),
        officer,
    )


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def content_of(case: LoanCase) -> dict:
    return live(case).content.reveal()


# --- what it binds ---


def test_the_digest_is_that_of_the_canonical_content(world: World):
    memo = live(world.plain)
    assert memo_digest(memo.content.reveal()) == memo.digest
    assert not gathering.memo_differs(memo, world.plain)


def test_two_memos_of_equal_figures_have_different_digests(world: World):
    """A salt keeps anybody from guessing a forgotten content."""
    salts = {content_of(case)["salt"] for case in (world.plain, world.secured)}
    assert len(salts) == 2
    assert all(len(salt) == 32 for salt in salts)


def test_the_memo_holds_words_terms_ratios_collateral_and_guarantors(world: World):
    content = content_of(world.secured)
    assert content["texts"]["narrative"] == "A steady bakery; the loan bridges the winter season."
    assert content["extra"]["application"]["purpose"].startswith("Flour and packaging")
    assert content["extra"]["application"]["visit"].startswith("The line ran")
    assert content["facilities"][0]["rate"] == "5.35"
    assert content["guarantors"][0]["amount"] == "100000"
    assert Decimal(content["collateral_value"]) == 200_000
    assert content["extra"]["collateral"]["assets"]


def test_what_personal_words_say_stands_nowhere_in_clear(world: World):
    memo = live(world.secured)
    assert "bakery" not in json.dumps(memo.summary).lower()
    assert b"bakery" not in memo.content.envelope()
    assert not any("steady bakery" in body for body in AuditEvent.objects.values_list("body", flat=True))


def test_a_figure_outside_its_limit_raises_the_signature(world: World):
    memo = live(world.secured)
    lines = {line.measure: line for line in lines_shown(memo)}
    assert memo.needed == [THREE], "level 1 by the amount, level 3 by the exception"
    assert (lines["ltv"].recommended, lines["ltv"].limit, lines["ltv"].is_outside) == ("50\u202f%", "≤ 40\u202f%", True)
    assert lines["ltv"].flag == "exception · needs Approver, level 3"
    assert lines["debt_to_assets"].flag == "97\u202f% used"
    assert lines["rate"].limit == "3.00\u202f%–9.00\u202f%"
    assert lines["amount"].recommended.startswith("CNY\u00a0")
    assert lines["amount"].label == "Amount"
    assert "ltv" not in {line.measure for line in lines_shown(live(world.plain))}


def test_who_opens_a_memo_is_on_record_before_anything_is_shown(world: World):
    memo_open(approver(ONE), world.plain, live(world.plain))
    event = json.loads(AuditEvent.objects.order_by("-id").first().body)
    assert (event["action"], event["kind"], event["purpose"]["code"]) == (Tag.MEMO_OPENED, "read", "task:approval")


def test_who_may_not_see_approvals_opens_no_memo(world: World):
    with pytest.raises(Refused):
        memo_open(people.actor_for(people.staff("administrator")), world.plain, live(world.plain))


def test_before_the_last_signature_there_is_no_outcome(world: World):
    assert approval_outcome(world.plain) is None


# --- frozen anew ---


def asked_less(case: LoanCase) -> None:
    """Change a bound figure behind approval's back."""
    with act(actor=people.SETUP):
        facility = Facility.objects.get(case=case)
        facility.amount -= 1
        facility.save()
        record(Tag.CASE_CORRECTED, actor=people.SETUP, subject=facility, case=case)


def test_refreshing_an_unchanged_memo_does_nothing(world: World):
    before = again(world.plain).version
    assert services.memo_refresh(actor=approver(ONE), case=world.plain) is False
    assert again(world.plain).version == before


def test_a_changed_memo_is_frozen_anew_with_the_difference(world: World):
    case = signed(world.plain, approver(ONE))
    asked_less(case)
    assert gathering.memo_differs(live(case), again(case))
    assert services.memo_refresh(actor=approver(TWO), case=case) is True
    memo = live(again(case))
    changes = {change["path"]: (change["before"], change["after"]) for change in memo.difference.reveal()}
    assert changes["asked"] == ('"200000.00"', '"199999.00"')
    assert not {"salt", "memo"} & {path.split(".")[0] for path in changes}
    assert standing_for(again(case)).given == ()


def test_the_opened_memo_says_that_it_changed_and_what(world: World):
    case, reader = world.plain, approver(ONE)
    asked_less(case)
    assert memo_open(reader, again(case), live(case)).is_changed
    services.memo_refresh(actor=reader, case=case)
    shown = memo_open(reader, again(case), live(case))
    assert not shown.is_changed
    assert ("Amount asked", "200,000", "199,999") in [(each.place, each.before, each.after) for each in shown.changes]


def test_the_case_lists_a_changed_memo_as_missing(world: World):
    asked_less(world.plain)
    officer = world.officer
    with act(actor=officer):
        advance(again(world.plain), Event.CLAIM, actor=approver(ONE), version=again(world.plain).version)
    assert "memo_unchanged" in again(world.plain).missing


def test_a_case_that_waited_unchanged_keeps_its_memo_and_signatures(world: World):
    case, holder = signed(world.plain, approver(ONE)), approver(TWO)
    with act(actor=holder):
        advance(case, Event.CLAIM, actor=holder, version=case.version)
    case = again(case)
    with act(actor=holder):
        advance(case, Event.ASK_BORROWER, actor=holder, version=case.version, text="Which customers?")
    case = again(case)
    with act(actor=world.officer):
        advance(case, Event.ANSWER_RECORDED, actor=world.officer, version=case.version, text="Three chains.")
    case = again(case)
    assert case.state == "approval"
    assert (live(case).number, standing_for(case).given) == (1, (ONE,))


def test_a_case_that_changed_while_it_waited_has_a_new_memo(world: World):
    case, holder = world.plain, approver(TWO)
    with act(actor=holder):
        advance(case, Event.CLAIM, actor=holder, version=case.version)
    case = again(case)
    with act(actor=holder):
        advance(case, Event.ASK_BORROWER, actor=holder, version=case.version, text="Which customers?")
    asked_less(case)
    case = again(case)
    with act(actor=world.officer):
        advance(case, Event.ANSWER_RECORDED, actor=world.officer, version=case.version, text="Three chains.")
    assert live(again(case)).number == 2
    assert live(again(case)).difference is not None


def test_a_case_keeps_the_policy_of_its_memo(world: World):
    before = live(world.plain).policy_id
    policy((50_000_000, (THREE,)))
    asked_less(world.plain)
    services.memo_refresh(actor=approver(ONE), case=world.plain)
    assert live(again(world.plain)).policy_id == before


def test_there_is_one_live_memo_a_case(world: World):
    asked_less(world.plain)
    services.memo_refresh(actor=approver(ONE), case=world.plain)
    assert DecisionMemo.objects.filter(case=world.plain, voided_at=None).count() == 1
    assert DecisionMemo.objects.filter(case=world.plain).count() == 2


def test_the_clock_freezes_changed_memos_anew_and_leaves_the_others(world: World):
    signed(world.plain, approver(ONE))
    asked_less(world.plain)
    clock_actor = Actor.system("clock")
    assert (services.offers_lapse(clock_actor), services.memos_refresh(clock_actor)) == (0, 1)
    assert (live(again(world.plain)).number, live(world.secured).number) == (2, 1)
    step = CaseStep.objects.filter(case=world.plain).order_by("-id").first()
    assert (step.event, step.actor_name, step.person_id) == ("void", "system:process", None)


# --- conditions ---


def codes(case: LoanCase) -> set[str]:
    return set(Condition.objects.filter(case=case, removed_at=None).values_list("code", flat=True))


def test_conditions_are_proposed_by_the_list_and_by_the_review(world: World):
    always = {"contract_in_force", "resolution", "account_verified", "review-1"}
    assert codes(world.plain) == always
    assert codes(world.secured) == always | {"mortgage_registered", "insurance_assigned", "guarantee_signed"}


def test_setting_a_condition_freezes_the_memo_anew(world: World):
    case, actor = signed(world.plain, approver(ONE)), approver(TWO)
    condition = services.condition_add(
        actor=actor, case=case, version=case.version, code="use_of_funds", detail="Invoices of Mr Wang"
    )
    case = again(case)
    assert (condition.kind, condition.due_days, condition.added_by_id) == ("subsequent", 90, actor.person_id)
    assert live(case).number == 2
    assert standing_for(case).given == ()
    assert conditions_open(actor, case) == {
        "review-1": "Accounts of the business kept with us",
        "use_of_funds": "Invoices of Mr Wang",
    }
    assert not any("Invoices of Mr Wang" in body for body in AuditEvent.objects.values_list("body", flat=True))


def test_removing_a_condition_freezes_the_memo_anew_and_it_stays_removed(world: World):
    case, actor = world.plain, approver(TWO)
    condition = Condition.objects.get(case=case, code="resolution")
    services.condition_remove(actor=actor, case=case, version=case.version, condition_id=condition.pk)
    assert "resolution" not in codes(case)
    asked_less(case)
    services.memo_refresh(actor=actor, case=case)
    assert "resolution" not in codes(case)
    assert live(again(case)).number == 3


@pytest.mark.parametrize(
    ("code", "detail", "field"),
    [
        ("", "", "code"),
        ("moon", "", "code"),
        ("resolution", "", "code"),
        ("equity_paid", "x" * 1001, "detail"),
        ("equity_paid", "\x00", "detail"),
    ],
)
def test_a_condition_that_cannot_be_set_is_named(world: World, code: str, detail: str, field: str):
    with pytest.raises(BadInput) as wrong:
        services.condition_add(
            actor=approver(ONE), case=world.plain, version=world.plain.version, code=code, detail=detail
        )
    assert list(wrong.value.errors) == [field]


@pytest.mark.parametrize("role", ["loan_officer", "credit_analyst", "head_of_credit"])
def test_only_approvers_set_conditions(world: World, role: str):
    with pytest.raises(Refused):
        services.condition_add(
            actor=borrowers.actor_of(role), case=world.plain, version=world.plain.version, code="equity_paid"
        )


def test_a_condition_of_another_case_is_not_removed(world: World):
    foreign = Condition.objects.filter(case=world.secured).first()
    with pytest.raises(NotVisible):
        services.condition_remove(
            actor=approver(ONE), case=world.plain, version=world.plain.version, condition_id=foreign.pk
        )


def test_a_stale_page_sets_no_condition(world: World):
    signed(world.plain, approver(ONE))
    with pytest.raises(Stale):
        services.condition_add(actor=approver(TWO), case=world.plain, version=world.plain.version, code="equity_paid")


def test_conditions_are_fixed_once_the_case_is_offered(world: World):
    case = signed(world.secured, approver(THREE))
    with pytest.raises(IllegalTransition):
        services.condition_add(actor=approver(THREE), case=case, version=case.version, code="equity_paid")


def test_a_template_out_of_use_is_not_proposed(world: World):
    with act(actor=people.SETUP):
        row = ConditionTemplate.objects.get(code="equity_paid")
        row.is_active = False
        row.save()
        record(Tag.CONDITION_SET, actor=people.SETUP, subject=row)
    with pytest.raises(BadInput):
        services.condition_add(actor=approver(ONE), case=world.plain, version=world.plain.version, code="equity_paid")


# --- policies ---


def test_a_policy_that_contradicts_itself_is_not_put_in_force():
    with pytest.raises(BadInput, match="fewer or lower"):
        policy((100, (TWO,)), (200, (ONE,)))


def test_a_limit_on_what_no_memo_measures_is_refused(world: World):
    with pytest.raises(BadInput, match="moon_phase"):
        policy(limits=[Limit("moon_phase", "max", Decimal(1))])


def test_policies_are_put_in_force_by_who_manages_them(world: World):
    with pytest.raises(Refused):
        services.policy_publish(actor=approver(THREE), draft=services.PolicyDraft("CNY", []), why="mine")


def test_the_first_policy_is_sound_and_laid_down_once(world: World):
    first = services.policy_seed(actor=people.SETUP, currency="CNY")
    assert services.policy_seed(actor=people.SETUP, currency="CNY").pk == first.pk
    assert set(LEVELS) >= {level for row in first.authorities.all() for level in row.signatures}


# --- what colleagues were asked ---


def asked(case: LoanCase, actor: Actor, text: str) -> LoanCase:
    """The case after its holder has asked a colleague."""
    with act(actor=actor):
        advance(again(case), "claim", actor=actor, version=again(case).version)
    case_step(actor=actor, case=case, event="ask_colleague", version=again(case).version, text=text)
    return again(case)


def answered(case: LoanCase, actor: Actor, text: str) -> LoanCase:
    """The case after a colleague has answered the last question."""
    question = Message.objects.filter(case=case, kind="question").latest("id")
    message_send(actor=actor, case=case, audience="colleague", body=text, reply_to=question)
    return again(case)


def test_questions_to_colleagues_and_their_answers_are_frozen_with_the_memo(world: World):
    reader, colleague = approver(ONE), approver(TWO)
    case = asked(world.plain, reader, "Who buys the bread in summer?")
    assert gathering.memo_differs(live(case), case)
    services.memo_refresh(actor=reader, case=case)
    case = answered(case, colleague, "Two hotels by the lake.")
    assert gathering.memo_differs(live(case), case), "an answer changes what is decided on"
    services.memo_refresh(actor=reader, case=case)
    question, answer = content_of(case)["extra"]["talk"]
    assert (question["kind"], question["by"], question["text"]) == (
        "question",
        reader.name,
        "Who buys the bread in summer?",
    )
    assert (answer["kind"], answer["answers"], answer["text"]) == (
        "answer",
        question["number"],
        "Two hotels by the lake.",
    )
    shown = memo_open(reader, case, live(case))
    assert [(each.is_answer, each.text) for each in shown.talk] == [
        (False, "Who buys the bread in summer?"),
        (True, "Two hotels by the lake."),
    ]
    assert not gathering.memo_differs(live(case), again(case))
    assert [(each.place, each.after) for each in shown.changes] == [
        ("Question or answer 2 · Text", "Two hotels by the lake.")
    ]


def test_a_note_and_what_the_borrower_says_change_no_memo(world: World):
    actor = approver(ONE)
    for audience in ("colleague", "borrower"):
        message_send(actor=actor, case=world.plain, audience=audience, body="Noted.")
    assert not gathering.memo_differs(live(world.plain), again(world.plain))


# --- looking once ---


def test_a_signature_looks_at_what_the_memo_binds_once(world: World, monkeypatch: pytest.MonkeyPatch):
    actor, case, looks = approver(ONE), again(world.plain), []
    _decision, challenge = sign_prepare(actor, case)
    gathered = gathering.memo_facts
    monkeypatch.setattr(gathering, "memo_facts", lambda asked: looks.append(asked.pk) or gathered(asked))
    services.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge)
    assert looks == [case.pk]


def test_freezing_anew_looks_twice_once_to_see_and_once_to_freeze(world: World, monkeypatch: pytest.MonkeyPatch):
    actor, looks = approver(ONE), []
    case = asked(world.plain, actor, "What about the oven?")
    gathered = gathering.memo_facts
    monkeypatch.setattr(gathering, "memo_facts", lambda asked: looks.append(asked.pk) or gathered(asked))
    assert services.memo_refresh(actor=actor, case=case)
    assert looks == [case.pk] * 2


def test_what_a_memo_binds_is_gathered_in_few_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
):
    case = again(world.secured)
    with django_assert_max_num_queries(18):
        gathering.memo_facts(case)


# --- in another currency, and by deputy ---


def test_a_policy_gives_no_authority_over_another_currency(world: World):
    facts, rules = gathering.memo_facts(world.plain), live(world.plain).policy.rules()
    assert signatures_for(facts, rules)[0] != ()
    assert signatures_for(dataclasses.replace(facts, currency="JPY"), rules) == ((), "")


def test_who_decided_by_deputy_before_a_reopening_is_one_of_those_who_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    steps = [
        SimpleNamespace(pk=1, event=Event.SIGN, person_id=1, on_behalf_of_id=2),
        SimpleNamespace(pk=2, event=Event.REOPEN, person_id=3, on_behalf_of_id=4),
        SimpleNamespace(pk=3, event=Event.SIGN, person_id=5, on_behalf_of_id=None),
    ]
    monkeypatch.setattr(memos, "rows", lambda *_what: steps)
    assert memos.decided_before_reopening(world.plain) == {1, 2}
