"""Submitting, accepting, declining on policy and correcting: each guard refuses with what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.access.duties import Duty
from apps.access.roles import Role
from apps.applications import services
from apps.applications.facts import consent_kinds
from apps.applications.models import Application, ApplicationVersion, Declaration, Document
from apps.applications.selectors import application_outcome
from apps.applications.services import Confirmation, Correction, Words
from apps.applications.services.versions import differences_between
from apps.applications.uploads import inspect
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.borrowers.services import access_give, borrower_update
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale
from apps.workflow import process, registry
from apps.workflow.models import DutyDone, LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import guards
from apps.workflow.services import FacilityAsk, advance, check_event
from apps.workflow.services.cases import duty_write
from apps.workflow.services.steps import case_step
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("ready", "intake", "held", "young", "accepted"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def ready(world: World, db: None) -> LoanCase:
    """A draft with nothing missing."""
    return world.case("ready")


@pytest.fixture
def sent(world: World, db: None) -> LoanCase:
    """A case in intake, unchecked."""
    return world.case("intake")


@pytest.fixture
def accepted(world: World, db: None) -> LoanCase:
    """A case in credit review."""
    return world.case("accepted")


def reasons_of(refused: Any) -> str:
    return " ".join(str(line) for line in refused.value.reasons)


# -- submit


def test_empty_draft_is_told_everything_at_once(officer: Actor) -> None:
    case = f.draft(officer, words=Words())
    with pytest.raises(Refused) as refused:
        services.application_submit(actor=officer, case=case, version=case.version)
    said = reasons_of(refused)
    for words in ("owners", "signs for the business", "for", "repaid from", "Consent is missing", "declared"):
        assert words in said
    assert not ApplicationVersion.objects.filter(case=case).exists()
    assert AuditEvent.objects.order_by("-id")[0].outcome == "refused"


def test_submitted_application_is_kept_whole(officer: Actor, sent: LoanCase) -> None:
    (version,) = ApplicationVersion.objects.filter(case=sent)
    content = version.content.reveal()
    assert (version.number, version.why, version.made_by_id) == (1, "submitted", officer.person_id)
    assert content["words"]["purpose"] == f.WORDS.purpose
    assert content["facilities"]["1"]["amount"] == "800000"
    assert content["business"]["identifier"] == sent.borrower.identifier.reveal()
    (person,) = content["people"].values()
    assert set(person["parts"]) == {"owner", "beneficial_owner", "legal_representative", "signer"}
    assert sent.submitted_at is not None


def test_borrower_submits_in_the_portal(officer: Actor, ready: LoanCase) -> None:
    account = people.borrower_account()
    access_give(actor=officer, borrower=ready.borrower, account=account)
    services.application_submit(actor=people.actor_for(account), case=ready, version=ready.version)
    assert f.again(ready).state == "intake"
    assert (
        ApplicationVersion.objects.get(case=ready).made_by is None
        or not DutyDone.objects.filter(case=ready, event="submit_online").exists()
    )


def test_application_is_submitted_once(officer: Actor, ready: LoanCase) -> None:
    services.application_submit(actor=officer, case=ready, version=ready.version)
    with pytest.raises(Stale):
        services.application_submit(actor=officer, case=ready, version=ready.version)
    with pytest.raises(IllegalTransition):
        services.application_submit(actor=officer, case=f.again(ready), version=f.again(ready).version)
    assert ApplicationVersion.objects.filter(case=ready).count() == 1


def test_stranger_submits_nothing(officer: Actor, ready: LoanCase) -> None:
    with pytest.raises(NotVisible):
        services.application_submit(actor=b.officer(people.branch("B2")), case=ready, version=ready.version)


# -- accept


def test_unchecked_case_is_not_accepted(officer: Actor, sent: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.application_accept(actor=officer, case=sent, version=sent.version)
    said = reasons_of(refused)
    assert refused.value.guard == "checklist_complete"
    assert "Add the document: Business licence." in said
    assert "a valid number alone proves nothing" in said


def test_accepted_case_goes_to_review_without_a_holder(officer: Actor, accepted: LoanCase) -> None:
    assert (accepted.state, accepted.holder_id) == ("credit_review", None)
    assert set(DutyDone.objects.filter(case=accepted).values_list("person_id", "duty")) == {
        (officer.person_id, "prepares")
    }


def test_factories_take_what_later_stages_need(officer: Actor) -> None:
    case = f.case_accepted(officer=officer, amount=Decimal(123_456), secured=True, term=36)
    assert (case.amount_asked, case.is_secured, case.facilities.get().term_months) == (123_456, True, 36)
    assert case.checklist.filter(code="title").exists()


# -- knock-out


@pytest.fixture
def young(world: World, db: None) -> LoanCase:
    """A case in intake whose business is too young."""
    return world.case("young")


def test_officer_declines_on_a_knock_out_that_applies(officer: Actor, young: LoanCase) -> None:
    services.knock_out(actor=officer, case=young, version=young.version, reasons=["too_young"])
    assert f.again(young).state == "declined"


@pytest.mark.parametrize("reasons", [["industry_excluded"], ["too_young", "industry_excluded"]])
def test_officer_gives_only_knock_outs_that_apply(reasons: list[str], officer: Actor, young: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.knock_out(actor=officer, case=young, version=young.version, reasons=reasons)
    assert refused.value.guard == "knock_out_found"


def test_officer_declines_on_nothing_else(officer: Actor, sent: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.knock_out(actor=officer, case=sent, version=sent.version, reasons=["too_young"])
    assert "Only the credit analyst" in str(refused.value)


def test_knock_out_needs_a_reason(officer: Actor, young: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.knock_out(actor=officer, case=young, version=young.version, reasons=[])
    assert refused.value.guard == "knock_out_reasons"


def test_analyst_does_not_knock_out(young: LoanCase) -> None:
    with pytest.raises(Refused):
        services.knock_out(
            actor=b.actor_of(Role.CREDIT_ANALYST), case=young, version=young.version, reasons=["too_young"]
        )


# -- correct


@pytest.fixture
def held(world: World, db: None) -> LoanCase:
    """A case in intake that the officer holds."""
    return world.case("held")


def confirmation(actor: Actor, case: LoanCase, **given: Any) -> Confirmation:
    facts: dict[str, Any] = {"party": f.signer_of(case), "confirmed_on": clock.today()}
    paper = {"document": f.document(actor, case, "confirmation")} if "document" not in given else {}
    return Confirmation(**{**facts, **paper, **given})


def correct(actor: Actor, case: LoanCase, correction: Correction | None = None, **given: Any) -> LoanCase:
    """Correct the case as its reader sees it once the paper is there."""
    confirmed = confirmation(actor, case, **given)
    return services.application_correct(
        actor=actor,
        case=case,
        version=f.again(case).version,
        correction=correction or CORRECTION,
        confirmation=confirmed,
    )


CORRECTION = Correction(
    words=Words(purpose="New ovens", repayment_source="Sales"), business={"industry": "Mill"},
    facilities={1: FacilityAsk(Decimal(900_000), 30)},
)  # fmt: skip


def test_correction_keeps_both_versions(officer: Actor, held: LoanCase) -> None:
    before = Application.objects.get(case=held).revision
    correct(officer, held)
    versions = list(ApplicationVersion.objects.filter(case=held).order_by("number"))
    assert [row.why for row in versions] == ["submitted", "corrected"]
    changed = differences_between(*(row.content.reveal() for row in versions))
    assert changed == [
        "business.industry", "facilities.1.amount", "facilities.1.term_months", "words.narrative", "words.purpose",
        "words.repayment_source",
    ]  # fmt: skip
    assert versions[1].confirmed_by == f.signer_of(held)
    case = f.again(held)
    assert (case.amount_asked, case.state, case.borrower.industry) == (900_000, "intake", "Mill")
    assert Application.objects.get(case=held).revision > before


def test_corrected_application_is_declared_as_it_stands(officer: Actor, held: LoanCase) -> None:
    correct(officer, held)
    assert guards["declaration_signed"].check(f.again(held), officer, {}) == []
    assert Declaration.objects.filter(case=held).count() == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"party": None}, "which signer"),
        ({"document": None}, "signed paper"),
        ({"confirmed_on": None}, "when the borrower"),
        ({"confirmed_on": dt.date(2999, 1, 1)}, "when the borrower"),
    ],
)
def test_correction_needs_the_borrower(given: dict[str, Any], words: str, officer: Actor, held: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        correct(officer, held, **given)
    assert refused.value.guard == "borrower_reconfirmed"
    assert words in reasons_of(refused)
    assert Borrower.objects.get(pk=held.borrower_id).industry != "Mill"


def test_only_the_holder_corrects(officer: Actor, held: LoanCase) -> None:
    colleague = b.officer()
    with pytest.raises(Refused) as refused:
        correct(colleague, held)
    assert refused.value.guard == "holder"


def test_correction_that_changes_nothing_is_none(officer: Actor, held: LoanCase) -> None:
    same = Correction(business={"industry": held.borrower.industry})
    with pytest.raises(BadInput):
        correct(officer, held, same)
    assert ApplicationVersion.objects.filter(case=held).count() == 1


def test_correction_with_bad_figures_writes_nothing(officer: Actor, held: LoanCase) -> None:
    bad = Correction(business={"industry": "Mill", "phone": "nonsense"})
    with pytest.raises(BadInput):
        correct(officer, held, bad)
    assert Borrower.objects.get(pk=held.borrower_id).industry != "Mill"


def test_new_scan_is_taken_in_with_the_correction(officer: Actor, held: LoanCase) -> None:
    scan = (f.png(), inspect(f.png(), name="confirmed.png"))
    confirmed = Confirmation(party=f.signer_of(held), confirmed_on=clock.today(), scan=scan)
    services.application_correct(
        actor=officer, case=held, version=held.version, correction=CORRECTION, confirmation=confirmed
    )
    paper = held.documents.get(code="confirmation")
    assert ApplicationVersion.objects.get(case=held, why="corrected").document == paper


def test_stale_correction_is_not_written(officer: Actor, held: LoanCase) -> None:
    services.duplicates_scan(actor=officer, case=held)
    with pytest.raises(Stale):
        services.application_correct(
            actor=officer, case=held, version=held.version, correction=CORRECTION,
            confirmation=Confirmation(party=f.signer_of(held), confirmed_on=clock.today()),
        )  # fmt: skip


def test_draft_is_not_corrected(officer: Actor, ready: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        services.application_correct(
            actor=officer, case=ready, version=ready.version, correction=CORRECTION,
            confirmation=Confirmation(party=f.signer_of(ready), confirmed_on=clock.today()),
        )  # fmt: skip
    assert refused.value.guard == "state"


def test_change_from_elsewhere_is_kept_as_a_version_before_the_correction(officer: Actor, held: LoanCase) -> None:
    from_elsewhere = b.party(officer, held.borrower)
    correct(officer, held)
    whys = list(ApplicationVersion.objects.filter(case=held).order_by("number").values_list("why", flat=True))
    assert whys == ["submitted", "before", "corrected"]
    assert from_elsewhere.pk


# -- guards of other stages, and the outcome


def test_visit_guard_counts_confirmed_visits_only(officer: Actor) -> None:
    case = f.case_accepted(officer=officer, visit=False)
    assert guards["visit_fresh"].check(case, officer, {}) != []
    f.visited(officer, case)
    assert guards["visit_fresh"].check(case, officer, {}) == []
    with clock.at(clock.now() + dt.timedelta(days=91)):
        assert guards["visit_fresh"].check(case, officer, {}) != []


def test_reopening_needs_consents_given_since_the_end(officer: Actor, young: LoanCase) -> None:
    services.knock_out(actor=officer, case=young, version=young.version, reasons=["too_young"])
    case = f.again(young)
    assert len(guards["consent_fresh"].check(case, officer, {})) == 3
    for kind in ("bureau", "processing", "sensitive"):
        services.consent_give(
            actor=officer, case=case, kind=kind, party=f.signer_of(case), given_on=clock.today(),
            document=case.documents.filter(code="consent").first(),
        )  # fmt: skip
    assert guards["consent_fresh"].check(f.again(case), officer, {}) == []


def test_outcome_is_frozen_and_prints_no_words(officer: Actor, accepted: LoanCase) -> None:
    outcome = application_outcome(accepted)
    assert (outcome.number, outcome.amount_asked, outcome.currency) == (accepted.number, 800_000, "CNY")
    assert outcome.purpose == f.WORDS.purpose
    assert f.WORDS.purpose not in repr(outcome)
    assert outcome.visit is not None
    assert outcome.visit.narrative not in repr(outcome)
    (person,) = outcome.people
    assert person.identity_checked_on == clock.today()
    assert outcome.with_part("signer") == (person,)
    assert outcome.consent("bureau") is not None
    assert outcome.consent("marketing") is None
    assert (outcome.documents_accepted, outcome.knock_outs, outcome.duplicates) == (5, (), ())
    assert outcome.facilities[0].term_months == 24
    assert (outcome.months_in_business or 0) > 12


def test_outcome_of_an_import_says_what_it_does_not_know() -> None:
    people.branch()
    case = f.draft(Actor.system("imports", channel="test"), words=Words(), founded_on=None)
    outcome = application_outcome(case)
    assert (outcome.months_in_business, outcome.visit, outcome.people, outcome.purpose) == (None, None, (), "")


# -- correct in later stages, and reopen


def test_who_corrects_has_prepared_and_reviews_no_more(officer: Actor, accepted: LoanCase) -> None:
    analyst = b.actor_of(Role.CREDIT_ANALYST)
    case = accepted
    case = case_step(actor=analyst, case=case, event="claim", version=f.again(case).version)
    correct(analyst, case)
    with pytest.raises(Refused) as refused:
        check_event(f.again(case), Event.RECOMMEND_UNSECURED, actor=analyst)
    assert refused.value.guard == "duty"


def test_a_correction_from_the_collateral_check_on_leads_back_to_credit_review(
    officer: Actor, monkeypatch: pytest.MonkeyPatch, accepted: LoanCase
) -> None:
    case = accepted
    appraiser = b.actor_of(Role.APPRAISER)
    stand_in(case, State.COLLATERAL_CHECK, monkeypatch)
    case = case_step(actor=appraiser, case=case, event="claim", version=f.again(case).version)
    corrected = correct(appraiser, case)
    assert (corrected.state, corrected.holder_id) == (State.CREDIT_REVIEW, None)
    assert ApplicationVersion.objects.filter(case=case, why="corrected").exists()


def test_who_reviewed_does_not_correct(officer: Actor, monkeypatch: pytest.MonkeyPatch, accepted: LoanCase) -> None:
    analyst = b.actor_of(Role.CREDIT_ANALYST)
    case = accepted
    case = case_step(actor=analyst, case=case, event="claim", version=f.again(case).version)
    reviewed_by(actor=analyst, case=case)
    with pytest.raises(Refused) as refused:
        correct(analyst, case)
    assert refused.value.guard == "duty"


@act
def reviewed_by(*, actor: Actor, case: LoanCase) -> None:
    """Let the actor have reviewed a case."""
    duty_write(case, actor.person_id or 0, Duty.REVIEWS, "test")
    record(Tag.CASE_CLAIMED, actor=actor, subject=case, case=case)


def stand_in(case: LoanCase, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a case into a later stage without the stages between."""
    monkeypatch.setattr(registry, "handoffs", {})
    short = replace(process.find(State.CREDIT_REVIEW, Event.RECOMMEND_SECURED), target=state, guards=())
    monkeypatch.setattr(process, "TABLE", (short, *(row for row in process.TABLE if row.event != short.event)))
    analyst = b.actor_of(Role.CREDIT_ANALYST)
    with act(actor=analyst):
        advance(case, short.event, actor=analyst, version=f.again(case).version)


@pytest.fixture
def lead() -> Actor:
    return b.actor_of(Role.TEAM_LEAD)


def reopen(lead: Actor, case: LoanCase) -> LoanCase:
    return case_step(actor=lead, case=case, event="reopen", version=f.again(case).version, text="They came back.")


def test_a_withdrawn_draft_is_not_reopened_past_intake(officer: Actor, lead: Actor, ready: LoanCase) -> None:
    case = ready
    case = case_step(actor=officer, case=case, event="withdraw_recorded", version=f.again(case).version, text="No.")
    with pytest.raises(Refused) as refused:
        reopen(lead, case)
    words = reasons_of(refused)
    for missing in ("Add the document", "Check the identity", "Consent is missing"):
        assert missing in words, words
    assert f.again(case).state == State.WITHDRAWN


def test_an_ended_case_takes_what_it_is_reopened_with(officer: Actor, lead: Actor, ready: LoanCase) -> None:
    case = ready
    case = case_step(actor=officer, case=case, event="withdraw_recorded", version=f.again(case).version, text="No.")
    with clock.at(clock.now() + dt.timedelta(minutes=1)):
        f.checked(officer, f.again(case))
        sheet = f.document(officer, f.again(case), "consent")
        services.consents_give(
            actor=officer, case=f.again(case), kinds=list(consent_kinds()), party=f.signer_of(case),
            given_on=clock.today(), document=sheet,
        )  # fmt: skip
        papers_judged(officer, case)
        assert reopen(lead, f.again(case)).state == State.CREDIT_REVIEW


def papers_judged(officer: Actor, case: LoanCase) -> None:
    """Accept what waits to be judged."""
    for paper in Document.objects.filter(case=case, verified_at=None, rejected_at=None):
        services.document_verify(actor=officer, document=f.opened(officer, paper))


def test_a_change_of_the_business_asks_an_ended_case_for_a_new_declaration(officer: Actor, ready: LoanCase) -> None:
    case = ready
    case = case_step(actor=officer, case=case, event="withdraw_recorded", version=f.again(case).version, text="No.")
    assert guards["declaration_signed"].check(f.again(case), officer, {}) == []
    borrower_update(actor=officer, borrower=case.borrower, changes={"industry": "Mill"})
    assert guards["declaration_signed"].check(f.again(case), officer, {}) != []
    declared = services.declaration_sign(
        actor=officer, case=f.again(case), version=None, party=f.signer_of(case), signed_on=clock.today(),
        document=f.document(officer, f.again(case), "declaration"),
    )  # fmt: skip
    assert declared.case_id == case.pk
    assert guards["declaration_signed"].check(f.again(case), officer, {}) == []


def test_a_knock_out_takes_only_reasons_of_its_kind(officer: Actor, young: LoanCase) -> None:
    f.reason("weak_cover", "decline")
    with pytest.raises(Refused) as refused:
        services.knock_out(actor=officer, case=young, version=young.version, reasons=["weak_cover"])
    assert "Choose at least one reason from the list." in reasons_of(refused)
