"""Scores, recommendations and declines: what each rests on, what each is refused for, where each leads."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from apps.access.duties import Duty
from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, Refused, Stale
from apps.credit_review import services
from apps.credit_review.models import Recommendation, ScoreRun
from apps.credit_review.scorecard import SCORECARD
from apps.credit_review.selectors import credit_outcome, newest_score, recommendation_standing
from apps.credit_review.services.proposals import FacilityProposal
from apps.workflow.models import LoanCase
from apps.workflow.selectors import person_did
from tests.applications.factories import again, case_accepted, case_in_intake, desk, reason
from tests.borrowers.factories import actor_of
from tests.credit_review import factories
from tests.credit_review.factories import case_recommended, proposal, proposed, recommended, reviewed


def test_a_score_says_what_it_was_made_from(case: LoanCase, analyst: Actor, last_event: Any):
    case = reviewed(analyst, case)
    made = services.score_run(actor=analyst, case=case, version=case.version)
    assert made.total == SCORECARD.start + sum(each["points"] for each in made.points)
    assert (made.inputs["years_in_business"], made.inputs["enquiries"]) == ("8", "1")
    assert Decimal(made.inputs["dscr"]) > 1
    event = last_event()
    assert (event["action"], event["model"], event["note"]["grade"]) == ("credit_review.scored", "sme-1", made.grade)
    assert again(case).grade == made.grade
    assert services.score_run(actor=analyst, case=again(case), version=again(case).version) == made
    assert ScoreRun.objects.filter(case=case).count() == 1


def test_there_is_no_score_without_figures(case: LoanCase, analyst: Actor):
    for step in (lambda: None, lambda: factories.statements(analyst, again(case))):
        step()
        with pytest.raises(BadInput, match="bureau report"):
            services.score_run(actor=analyst, case=case, version=again(case).version)


def test_a_score_is_out_of_date_once_figures_change(case: LoanCase, analyst: Actor):
    case = proposed(analyst, reviewed(analyst, case))
    assert case.missing == []
    case = factories.statements(analyst, case, factories.three_years(3))
    assert case.missing == ["scored"]
    services.score_run(actor=analyst, case=case, version=case.version)
    assert again(case).missing == []
    assert ScoreRun.objects.filter(case=case).count() == 2


def test_a_recommendation_is_kept_secret_scored_and_superseded(case: LoanCase, analyst: Actor):
    case = reviewed(analyst, case)
    written = services.recommendation_save(actor=analyst, case=case, version=case.version, proposal=proposal(case))
    case = again(case)
    assert (case.amount_proposed, case.is_secured, case.grade) == (written.amount, False, newest_score(case).grade)
    assert not AuditEvent.objects.filter(body__contains="bakery").exists()
    second = services.recommendation_save(
        actor=analyst,
        case=case,
        version=case.version,
        proposal=proposal(case, assumed_collateral_value=Decimal(100_000)),
    )
    assert again(case).is_secured
    assert recommendation_standing(case) == second
    assert Recommendation.objects.get(pk=written.pk).superseded_at is not None
    assert credit_outcome(case) is None


def test_a_recommendation_may_be_written_before_there_is_anything_to_score(case: LoanCase, analyst: Actor):
    services.recommendation_save(actor=analyst, case=case, version=case.version, proposal=proposal(case))
    assert again(case).missing == ["scored", "ratios_in", "bureau_fresh"]


def test_terms_outside_what_was_asked_or_the_product_are_refused_by_field(case: LoanCase, analyst: Actor):
    facility = case.facilities.get()

    def changed(**given: Any) -> list[FacilityProposal]:
        facts = {
            "facility_id": facility.pk,
            "amount": Decimal(500_000),
            "term_months": 24,
            "rate": Decimal(5),
            "repayment": "equal_instalment",
        }
        return [FacilityProposal(**(facts | given))]

    for terms, field in (
        (changed(amount=Decimal(900_000)), f"amount_{facility.pk}"),
        (changed(amount=Decimal(0)), f"amount_{facility.pk}"),
        (changed(amount=Decimal("100000.001")), f"amount_{facility.pk}"),
        (changed(amount=Decimal(9_000)), f"amount_{facility.pk}"),
        (changed(term_months=61), f"term_months_{facility.pk}"),
        (changed(rate=Decimal("9.01")), f"rate_{facility.pk}"),
        (changed(repayment="when able"), f"repayment_{facility.pk}"),
        (changed(facility_id=facility.pk + 1), ""),
        ([], ""),
    ):
        with pytest.raises(BadInput) as refused:
            services.recommendation_save(
                actor=analyst, case=case, version=case.version, proposal=proposal(case, facilities=terms)
            )
        assert set(refused.value.errors) == {field}
    for given, field in (
        ({"narrative": " "}, "narrative"), ({"risks": "x" * 4001}, "risks"), ({"mitigants": "\x00"}, "mitigants"),
        ({"conditions": [str(number) for number in range(21)]}, "conditions"), ({"conditions": ["x" * 301]}, "conditions"),
        ({"assumed_collateral_value": Decimal(-1)}, "assumed_collateral_value"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            services.recommendation_save(
                actor=analyst, case=case, version=case.version, proposal=proposal(case, **given)
            )
        assert set(refused.value.errors) == {field}
    assert not Recommendation.objects.filter(case=case).exists()


def test_a_secured_product_needs_collateral_to_count_on(db: None):
    case = case_accepted(secured=True)
    analyst = factories.analyst(case)
    with pytest.raises(BadInput, match="lending value"):
        services.recommendation_save(
            actor=analyst, case=case, version=case.version, proposal=proposal(case, assumed_collateral_value=Decimal(0))
        )


def test_conditions_are_kept_without_blanks_and_doubles(case: LoanCase, analyst: Actor):
    lines = [" Mortgage registered ", "", "Mortgage registered", "Own funds paid in"]
    written = services.recommendation_save(
        actor=analyst, case=case, version=case.version, proposal=proposal(case, conditions=lines)
    )
    assert written.conditions.reveal() == ["Mortgage registered", "Own funds paid in"]


def test_the_outcome_tells_later_stages_what_was_recommended(case: LoanCase, analyst: Actor):
    case = recommended(analyst, case, guaranteed=True)
    outcome = credit_outcome(case)
    assert case.state == "approval"
    assert (outcome.recommended_amount, outcome.recommended_term, outcome.recommended_rate) == (
        Decimal(800_000),
        24,
        Decimal("5.35"),
    )
    assert (outcome.grade, outcome.points, outcome.pd) == (case.grade, newest_score(case).total, newest_score(case).pd)
    assert outcome.dscr == Decimal(newest_score(case).inputs["dscr"])
    assert (outcome.is_secured, outcome.assumed_collateral_value) == (False, 0)
    assert (outcome.bureau_date, len(outcome.years)) == (clock.today(), 3)
    assert outcome.conditions == ("Accounts of the business kept with us",)
    assert outcome.ratios["current_ratio"] == Decimal("1.6429")
    assert [each.amount for each in outcome.guarantees] == [Decimal(800_000)]
    assert [abs(each.points) for each in outcome.reasons] == sorted(
        (abs(each.points) for each in outcome.reasons), reverse=True
    )
    assert Duty.REVIEWS in person_did(case, outcome.analyst_id)


def test_a_secured_recommendation_goes_to_the_collateral_check(db: None):
    case = case_recommended(secured=True)
    assert case.state == "collateral_check"
    assert credit_outcome(case).assumed_collateral_value == Decimal(800_000)


def test_written_and_sent_in_one_act(case: LoanCase, analyst: Actor):
    factories.policy_seed(actor=factories.SETUP, currency=case.currency)
    case = reviewed(analyst, case)
    services.recommend(actor=analyst, case=case, version=case.version, proposal=proposal(case))
    assert again(case).state == "approval"


def test_nothing_is_sent_while_anything_is_missing(case: LoanCase, analyst: Actor, last_event: Any):
    with pytest.raises(Refused) as refused:
        services.recommend(actor=analyst, case=case, version=case.version)
    assert refused.value.guard == "recommendation_given"
    said = " ".join(str(line) for line in refused.value.reasons)
    for words in ("recommendation", "Score", "3 years", "bureau report"):
        assert words in said
    event = last_event()
    assert (event["outcome"], event["guard"], event["subject"]["ref"]) == (
        "refused",
        "recommendation_given",
        case.number,
    )
    assert again(case).version == case.version


def test_reports_alerts_and_guarantors_can_stop_a_recommendation(case: LoanCase, analyst: Actor):
    case = proposed(analyst, reviewed(analyst, case, guaranteed=True))
    services.alert_note(actor=analyst, case=case, version=case.version, note="Look here")
    case = again(case)
    with clock.at(clock.now() + dt.timedelta(days=40)), pytest.raises(Refused) as refused:
        services.recommend(actor=analyst, case=case, version=case.version)
    said = " ".join(str(line) for line in refused.value.reasons)
    for words in ("older than 30 days", "Explain the alert", "guarantors are too old"):
        assert words in said


def test_old_statements_stop_a_recommendation(case: LoanCase, analyst: Actor):
    last = clock.today().year - 3
    old = [factories.year(last - 2), factories.year(last - 1), factories.year(last)]
    case = proposed(analyst, factories.bureau(analyst, factories.statements(analyst, case, old)))
    assert case.missing == ["ratios_in"]


def test_a_recommendation_does_not_outlive_what_was_asked(case: LoanCase, analyst: Actor):
    case = proposed(analyst, reviewed(analyst, case))
    with act(actor=analyst):
        facility = case.facilities.get()
        facility.amount = Decimal(700_000)
        facility.save(update_fields=["amount"])
        record(Tag.CASE_CORRECTED, actor=analyst, subject=case)
    with pytest.raises(Refused, match="changed since the recommendation"):
        services.recommend(actor=analyst, case=case, version=case.version)


def test_who_prepared_may_not_recommend_and_two_analysts_do_not_overwrite_each_other(case: LoanCase, analyst: Actor):
    case = proposed(analyst, reviewed(analyst, case))
    with pytest.raises(Stale):
        services.recommend(actor=factories.analyst(case), case=case, version=case.version - 1)
    for role in (Role.LOAN_OFFICER, Role.APPRAISER, Role.APPROVER_2):
        with pytest.raises(Refused) as refused:
            services.recommend(actor=actor_of(role, case.branch), case=case, version=case.version)
        assert refused.value.guard == "permission"


def test_a_sent_recommendation_cannot_be_changed(case: LoanCase, analyst: Actor):
    case = recommended(analyst, case)
    with pytest.raises(IllegalTransition):
        services.recommendation_save(actor=analyst, case=case, version=case.version, proposal=proposal(case))
    with pytest.raises(IllegalTransition):
        factories.bureau(analyst, case)


def test_a_decline_needs_reasons_of_the_list_and_ends_the_case(case: LoanCase, analyst: Actor, last_event: Any):
    reason("cover_too_low", "decline")
    for reasons in ((), ("no_such_reason",)):
        with pytest.raises(Refused) as refused:
            services.decline(actor=analyst, case=case, version=case.version, reasons=reasons)
        assert refused.value.guard == "reasons_given"
    services.decline(
        actor=analyst, case=case, version=case.version, reasons=["cover_too_low"], text="Come back next year."
    )
    assert again(case).state == "declined"
    assert "next year" not in json.dumps(last_event())


def test_the_analyst_may_decline_at_intake_too(db: None):
    reason("cover_too_low", "decline")
    case = case_in_intake(desk().officer)
    analyst = factories.analyst(case)
    services.decline(actor=analyst, case=case, version=case.version, reasons=["cover_too_low"])
    assert again(case).state == "declined"
