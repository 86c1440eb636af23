"""Assets, titles, liens, insurance and valuations: taken whole, refused in sentences, kept secret, recorded."""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.collateral import services
from apps.collateral.classes import class_of
from apps.collateral.models import Asset, Insurance, LienCheck, Valuation, ValuationState
from apps.collateral.selectors import assets_known, collateral_file, collateral_outcome, valuations_are_fresh
from apps.collateral.services import AssetData, LienFound
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale
from apps.credit_review.selectors import credit_outcome
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again, case_in_intake, desk, signer_of
from tests.borrowers import factories as borrowers
from tests.collateral import factories
from tests.credit_review.factories import case_recommended

TODAY = clock.today("Asia/Shanghai")


def refused_fields(service: Callable[..., Any], **given: Any) -> set[str]:
    with pytest.raises(BadInput) as refused:
        service(**given)
    return set(refused.value.errors)


def test_an_asset_is_kept_with_its_title_and_address_encrypted(case: LoanCase, appraiser: Actor, last_event: Any):
    one = factories.asset(appraiser, case, owner=signer_of(case))
    kept = Asset.objects.get(pk=one.pk)
    assert (kept.borrower_id, kept.added_by_id, kept.owner) == (case.borrower_id, appraiser.person_id, signer_of(case))
    assert (str(kept.title_no), str(kept.address)) == ("•••• 0123", "••••")
    event = last_event()
    assert (event["action"], event["case"], event["stage"]) == ("collateral.asset_added", case.number, "collateral")
    assert not AuditEvent.objects.filter(body__contains="Jingshi").exists()
    shown = collateral_file(appraiser, case)
    assert (shown[0].title_no, shown[0].address) == ("37010000123", "12 Jingshi Road")
    event = last_event()
    assert (event["action"], event["kind"]) == ("collateral.file_opened", "read")
    assert one.reference in event["note"]["fields"]


def test_what_is_no_asset_is_refused(case: LoanCase, appraiser: Actor):
    stranger = borrowers.party(borrowers.officer(case.branch), borrowers.borrower(branch=case.branch))
    for given, field in (
        ({"asset_class": "yacht"}, "asset_class"), ({"description": " "}, "description"), ({"description": "x" * 301}, "description"),
        ({"title_no": ""}, "title_no"), ({"address": "\x00"}, "address"), ({"owner": stranger}, "owner"),
    ):  # fmt: skip
        facts = {"asset_class": "equipment", "description": "Oven", "title_no": "1"} | given
        data = AssetData(**facts)
        assert refused_fields(services.asset_add, actor=appraiser, case=case, version=case.version, data=data) == {
            field
        }
    assert not Asset.objects.filter(case=case).exists()


def test_the_check_lists_what_each_asset_lacks_until_nothing_is_missing(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    assert again(case).missing == [
        "title_in",
        "liens_in",
        "insured",
        "valuation_fresh",
        "ltv_known",
        "value_as_assumed",
    ]
    case = factories.titled(appraiser, case, one)
    assert "title_in" not in case.missing
    case = factories.looked_up(appraiser, case, one)
    assert "liens_in" not in case.missing
    case = factories.insured(appraiser, case, one, Decimal(1_200_000))
    case = factories.valued(appraiser, case, one, Decimal(1_600_000))
    assert case.missing == []
    assert factories.valued(appraiser, case, one, Decimal(2_000_000)).missing == ["insured"]


def test_a_title_says_who_saw_it_where(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    case = factories.titled(appraiser, case, one)
    kept = Asset.objects.get(pk=one.pk)
    assert (kept.title_verified_by_id, kept.title_source) == (appraiser.person_id, factories.REGISTER)
    given = {"actor": appraiser, "case": case, "version": case.version, "asset_id": one.pk}
    assert refused_fields(services.title_verify, source="", **given) == {"source"}


def test_a_look_into_the_register_replaces_the_last_one(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    bank = LienFound("Bank of Jinan", 1, Decimal(400_000))
    factories.looked_up(appraiser, case, one, bank, LienFound("Zhang San", 2, Decimal(100_000)), days_ago=2)
    (known,) = assets_known(case)
    assert known.facts.prior == 500_000
    assert "Zhang" not in str(known.liens[1].holder)
    assert not AuditEvent.objects.filter(body__contains="Zhang").exists()
    factories.looked_up(appraiser, case, one)
    (known,) = assets_known(case)
    assert (known.facts.prior, known.look.checked_on) == (0, TODAY)
    assert LienCheck.objects.filter(asset=one).count() == 2


def test_liens_that_cannot_be_are_refused(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    case = again(case)
    given = {"actor": appraiser, "case": case, "version": case.version, "asset_id": one.pk}
    good = {"checked_on": TODAY, "register": "Register"}
    ours = LienFound("us", 1, Decimal(1), is_ours=True)
    for wrong, fields in (
        ({"checked_on": TODAY + dt.timedelta(days=1)}, {"checked_on"}),
        ({"register": ""}, {"register"}),
        ({"liens": [LienFound("", 1, Decimal(1))]}, {"holder_0"}),
        ({"liens": [LienFound("a", 0, Decimal(1))]}, {"rank_0"}),
        ({"liens": [LienFound("a", 1, Decimal(-1))]}, {"amount_0"}),
        ({"liens": [ours, ours]}, {""}),
        ({"liens": [LienFound("a", 1, Decimal(1))] * 21}, {""}),
    ):
        assert refused_fields(services.lien_record, **given, **(good | wrong)) == fields
    assert not LienCheck.objects.filter(asset=one).exists()


def test_insurances_that_cannot_count_are_refused_or_do_not_count(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    case = again(case)
    given = {"actor": appraiser, "case": case, "version": case.version, "asset_id": one.pk}
    good = {"insurer": "T", "policy_no": "1", "insured_amount": Decimal(1), "valid_until": TODAY, "is_assigned": True}
    for wrong, field in (
        ({"insurer": " "}, "insurer"), ({"policy_no": ""}, "policy_no"), ({"insured_amount": Decimal(0)}, "insured_amount"),
        ({"insured_amount": Decimal("1.001")}, "insured_amount"), ({"valid_until": TODAY - dt.timedelta(days=1)}, "valid_until"),
    ):  # fmt: skip
        assert refused_fields(services.insurance_record, **given, **(good | wrong)) == {field}
    assert not Insurance.objects.filter(asset=one).exists()
    case = factories.insured(appraiser, case, one, assigned=False)
    assert "insured" in case.missing


def test_a_valuation_is_ordered_at_intake_and_received_later(db: None):
    case = case_in_intake(desk().officer)
    appraiser = factories.appraiser(case)
    one = factories.asset(appraiser, case)
    ordered = services.valuation_order(
        actor=appraiser,
        case=case,
        version=again(case).version,
        asset_id=one.pk,
        source="external",
        valuer="Qilu",
        due_on=TODAY,
    )
    assert assets_known(case)[0].ordered == [ordered]
    factories.valued(appraiser, case, one, Decimal(1_000_000))
    kept = Valuation.objects.get(asset=one)
    assert (kept.pk, kept.state, kept.ordered_by_id) == (ordered.pk, ValuationState.RECEIVED, appraiser.person_id)
    assert (kept.haircut, kept.lending_value, str(kept.valuer)) == (Decimal("0.3"), Decimal(700_000), "Q••••")


def test_an_order_is_taken_back(case: LoanCase, appraiser: Actor, last_event: Any):
    one = factories.asset(appraiser, case)
    services.valuation_order(
        actor=appraiser, case=case, version=again(case).version, asset_id=one.pk, source="internal", valuer="Li"
    )
    services.valuation_cancel(actor=appraiser, case=case, version=again(case).version, asset_id=one.pk)
    assert assets_known(case)[0].ordered == []
    assert last_event()["note"] == {"cancelled": True}


def test_valuations_that_cannot_be_are_refused(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    case = again(case)
    given = {"actor": appraiser, "case": case, "version": case.version, "asset_id": one.pk}
    good = {"valued_on": TODAY, "amount": Decimal(1), "source": "external", "valuer": "Qilu"}
    for wrong, field in (
        ({"valued_on": TODAY + dt.timedelta(days=1)}, "valued_on"), ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(10) ** 15}, "amount"), ({"source": "oracle"}, "source"), ({"valuer": ""}, "valuer"),
        ({"haircut": Decimal("0.29")}, "haircut"), ({"haircut": Decimal(1)}, "haircut"),
    ):  # fmt: skip
        assert refused_fields(services.valuation_record, **given, **(good | wrong)) == {field}
    past = TODAY - dt.timedelta(days=1)
    assert refused_fields(services.valuation_order, source="external", valuer="Q", due_on=past, **given) == {"due_on"}
    assert not Valuation.objects.filter(asset=one).exists()


def test_a_larger_haircut_is_taken_and_an_old_valuation_is_not_fresh(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    factories.valued(appraiser, case, one, Decimal(1_000_000), haircut=Decimal("0.45"))
    assert assets_known(case)[0].facts.lending_value("CNY") == Decimal(550_000)
    assert valuations_are_fresh(case)
    with clock.at(clock.now() + dt.timedelta(days=366)):
        assert not valuations_are_fresh(case)


def test_confirming_leads_to_approval_and_keeps_what_was_confirmed(case: LoanCase, appraiser: Actor):
    one = factories.whole_asset(appraiser, case, Decimal(1_500_000))
    assert not collateral_outcome(case).is_confirmed
    services.collateral_confirm(actor=appraiser, case=case, version=again(case).version, text="Seen on site.")
    case = again(case)
    outcome = collateral_outcome(case)
    assert case.state == "approval"
    assert (outcome.total_value, outcome.lending_value, outcome.loan) == (1_500_000, 1_050_000, 800_000)
    assert (outcome.ltv, outcome.cover) == (Decimal("0.5333"), Decimal("1.3125"))
    assert outcome.oldest_valuation_on == TODAY - dt.timedelta(days=1)
    assert (outcome.appraiser_id, outcome.assets[0]["asset"]) == (appraiser.person_id, one.pk)
    with pytest.raises(IllegalTransition):
        factories.valued(appraiser, case, one, Decimal(1))


def test_collateral_worth_less_than_assumed_sends_the_case_back(case: LoanCase, appraiser: Actor, last_event: Any):
    factories.whole_asset(appraiser, case, Decimal(1_000_000))
    assert again(case).missing == ["value_as_assumed"]
    services.collateral_confirm(actor=appraiser, case=case, version=again(case).version)
    case = again(case)
    assert (case.state, credit_outcome(case)) == ("credit_review", None)
    assert not collateral_outcome(case).is_confirmed
    assert last_event()["action"] == "workflow.collateral_short"


def test_nothing_is_confirmed_while_anything_is_missing(case: LoanCase, appraiser: Actor, last_event: Any):
    one = factories.asset(appraiser, case)
    factories.looked_up(appraiser, case, one, days_ago=31)
    case = again(case)
    with pytest.raises(Refused) as refused:
        services.collateral_confirm(actor=appraiser, case=case, version=case.version)
    said = " ".join(str(line) for line in refused.value.reasons)
    for words in ("title", "register", "insurance", "valuation", "loan to value"):
        assert words in said
    assert last_event()["outcome"] == "refused"
    assert again(case).state == "collateral_check"


def test_an_asset_taken_off_weighs_nothing(case: LoanCase, appraiser: Actor):
    one = factories.whole_asset(appraiser, case)
    services.asset_remove(actor=appraiser, case=case, version=again(case).version, asset_id=one.pk)
    assert assets_known(case) == []
    assert again(case).missing == ["title_in", "ltv_known", "value_as_assumed"]
    with pytest.raises(NotVisible):
        factories.titled(appraiser, case, one)


def test_who_may_not_touch_collateral_is_refused(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    case = again(case)
    calls: list[Callable[..., Any]] = [services.asset_remove, services.valuation_cancel]
    for actor, error, guard in (
        (borrowers.actor_of(Role.CREDIT_ANALYST, case.branch), Refused, "permission"),
        (borrowers.actor_of(Role.APPRAISER, people.branch("OTHER")), NotVisible, "scope"),
    ):
        for service in calls:
            with pytest.raises(error) as refused:
                service(actor=actor, case=case, version=case.version, asset_id=one.pk)
            assert refused.value.guard == guard
    for service in calls:
        with pytest.raises(Stale):
            service(actor=appraiser, case=case, version=case.version - 1, asset_id=one.pk)


def test_who_reviewed_a_case_may_not_value_its_collateral(db: None):
    both = people.actor_for(people.staff([Role.CREDIT_ANALYST, Role.APPRAISER], people.branch()))
    case = case_recommended(secured=True, actor=both)
    with pytest.raises(Refused) as refused:
        factories.asset(both, case)
    assert refused.value.guard == "duty"


def test_an_unsecured_case_has_an_outcome_of_nothing(db: None):
    case = factories.case_confirmed()
    outcome = collateral_outcome(case)
    assert case.state == "approval"
    assert (outcome.is_confirmed, outcome.total_value, outcome.ltv, outcome.assets) == (False, 0, None, ())
    assert json.dumps(list(outcome.assets)) == "[]"


def test_a_class_that_the_pack_no_longer_knows_is_lent_nothing_against(db: None):
    people.institution()
    gone = class_of("gone")
    assert (gone.haircut, gone.valuation_days) == (Decimal("0.99"), 0)
    assert class_of("real_estate").valuation_days == 365
