"""Bureau reports, guarantors and alerts: consent first, credit seen, every alert explained; nothing readable in the log."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from apps.access.roles import Role
from apps.applications.models import Consent
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, Stale
from apps.credit_review import services
from apps.credit_review.alerting import AlertKind
from apps.credit_review.facts import BureauFigures
from apps.credit_review.models import Alert, BureauReport, Guarantor
from apps.credit_review.selectors import alert_of, credit_file, newest_report, open_alerts
from apps.workflow.models import LoanCase
from tests.applications.factories import again, case_accepted, signer_of
from tests.borrowers import factories as borrowers
from tests.credit_review import factories

BAD = BureauFigures(
    score=410, open_loans=6, total_debt=Decimal(912_345), overdue_now=Decimal(34_567), worst_dpd=61, enquiries=7
)


def enter(actor: Actor, case: LoanCase, **given: Any) -> BureauReport:
    facts = {"bureau": "PBOC", "report_date": clock.today(), "figures": BAD} | given
    return services.bureau_report_enter(actor=actor, case=case, version=case.version, **facts)


def test_a_report_is_kept_encrypted_with_its_consent(case: LoanCase, analyst: Actor, last_event: Any):
    report = enter(analyst, case)
    consent = Consent.objects.get(case=case, kind="bureau")
    assert (report.consent_id, report.consent_on) == (consent.pk, consent.given_on)
    assert (report.party, report.entered_by_id) == (None, analyst.person_id)
    kept = BureauReport.objects.get(pk=report.pk)
    assert BureauFigures.from_json(kept.figures.reveal()) == BAD
    assert "912345" not in str(kept.figures)
    event = last_event()
    assert (event["action"], event["note"]["consent"]) == ("credit_review.bureau_report_entered", consent.pk)
    assert "912345" not in json.dumps(event)


def test_figures_survive_the_way_into_the_column_and_back():
    for figures in (BAD, BureauFigures(), BureauFigures(total_debt=Decimal("0.01"))):
        assert BureauFigures.from_json(json.loads(json.dumps(figures.as_json()))) == figures


def test_a_bad_report_raises_alerts_and_a_better_one_ends_them(case: LoanCase, analyst: Actor):
    enter(analyst, case)
    raised = {alert.kind for alert in open_alerts(case)}
    assert raised == {AlertKind.OVERDUE_NOW, AlertKind.LONG_DELAY, AlertKind.MANY_ENQUIRIES}
    case = again(case)
    assert "alerts_explained" in case.missing
    factories.bureau(analyst, case)
    assert not open_alerts(case).exists()
    assert Alert.objects.filter(case=case, ended_at__isnull=False).count() == 3


def test_what_may_not_be_entered_is_refused(case: LoanCase, analyst: Actor):
    stranger = borrowers.party(borrowers.officer(case.branch), borrowers.borrower(branch=case.branch))
    today = clock.today()
    for given, field in (
        ({"report_date": today + dt.timedelta(days=1)}, "report_date"),
        ({"report_date": today - dt.timedelta(days=1)}, "report_date"),  # the consent is of today
        ({"party": stranger}, "party"),
        ({"bureau": "  "}, "bureau"),
        ({"bureau": "x" * 81}, "bureau"),
        ({"bureau": "PBOC\x00"}, "bureau"),
        ({"figures": BureauFigures(open_loans=-1)}, "open_loans"),
        ({"figures": BureauFigures(overdue_now=Decimal(2), total_debt=Decimal(1))}, "overdue_now"),
    ):
        with pytest.raises(BadInput) as refused:
            enter(analyst, case, **given)
        assert set(refused.value.errors) == {field}
    assert newest_report(case) is None


def test_without_consent_nobody_asks_the_bureau(case: LoanCase, analyst: Actor):
    another = borrowers.party(borrowers.officer(case.branch), case.borrower)
    with pytest.raises(BadInput, match="consent"):
        enter(analyst, case, party=another)
    with act(actor=analyst):
        for consent in Consent.objects.filter(case=case, kind="bureau"):
            consent.withdrawn_at = clock.now()
            consent.save(update_fields=["withdrawn_at"])
        record(Tag.CONSENT_WITHDRAWN, actor=analyst, case=case)
    with pytest.raises(BadInput, match="consent"):
        enter(analyst, case)


def test_the_database_itself_refuses_a_report_older_than_its_consent(case: LoanCase, analyst: Actor):
    report = enter(analyst, case)
    report.consent_on = report.report_date + dt.timedelta(days=1)
    with pytest.raises(IntegrityError), act(actor=analyst):
        report.save(update_fields=["consent_on"])


def test_a_guarantor_is_added_seen_and_taken_off(case: LoanCase, analyst: Actor, last_event: Any):
    party = signer_of(case)
    made = services.guarantor_add(
        actor=analyst,
        case=case,
        version=case.version,
        party=party,
        kind="joint",
        amount=Decimal(500_000),
        net_worth=Decimal(1_234_567),
    )
    assert "1234567" not in str(Guarantor.objects.get(pk=made.pk).net_worth)
    assert "1234567" not in json.dumps(last_event())
    case = again(case)
    assert "guarantors_seen" in case.missing
    case = factories.bureau(analyst, case, party=party)
    seen = services.guarantor_credit_seen(actor=analyst, case=case, version=case.version, guarantor_id=made.pk)
    assert (seen.report, seen.seen_by_id) == (newest_report(case, party), analyst.person_id)
    case = again(case)
    assert "guarantors_seen" not in case.missing
    services.guarantor_end(actor=analyst, case=case, version=case.version, guarantor_id=made.pk)
    assert last_event()["action"] == "credit_review.guarantor_ended"
    assert not credit_file(analyst, again(case)).guarantors


def test_a_guarantors_credit_is_not_seen_before_there_is_a_fresh_report(case: LoanCase, analyst: Actor):
    made = services.guarantor_add(
        actor=analyst, case=case, version=case.version, party=signer_of(case), kind="general", amount=Decimal(1)
    )
    with pytest.raises(BadInput, match="bureau report"):
        services.guarantor_credit_seen(actor=analyst, case=case, version=again(case).version, guarantor_id=made.pk)
    case = factories.bureau(analyst, again(case), party=signer_of(case))
    with clock.at(clock.now() + dt.timedelta(days=31)), pytest.raises(BadInput, match="30 days"):
        services.guarantor_credit_seen(actor=analyst, case=case, version=case.version, guarantor_id=made.pk)


def test_who_cannot_stand_in_is_refused(case: LoanCase, analyst: Actor):
    case = factories.guarantor(analyst, case, seen=False)
    stranger = borrowers.party(borrowers.officer(case.branch), borrowers.borrower(branch=case.branch))
    for given, fields in (
        ({"party": signer_of(case)}, {"party"}),
        ({"party": stranger}, {"party"}),
        ({"party": stranger, "kind": "moral", "amount": Decimal(0)}, {"party", "kind", "amount"}),
    ):
        facts = {"kind": "joint", "amount": Decimal(1)} | given
        with pytest.raises(BadInput) as refused:
            services.guarantor_add(actor=analyst, case=case, version=case.version, **facts)
        assert set(refused.value.errors) == fields
    other = case_accepted()
    other_analyst = factories.analyst(other)
    for service in (services.guarantor_end, services.guarantor_credit_seen):
        mine = Guarantor.objects.get(case=case)
        with pytest.raises(NotVisible):
            service(actor=other_analyst, case=other, version=other.version, guarantor_id=mine.pk)


def test_an_explanation_is_kept_until_the_figures_say_something_else(case: LoanCase, analyst: Actor):
    enter(analyst, case)
    case = factories.explained(analyst, again(case))
    assert "alerts_explained" not in case.missing
    worse = BureauFigures(
        **{**BAD.as_json(), "total_debt": BAD.total_debt, "overdue_now": BAD.overdue_now, "worst_dpd": 95}
    )
    case = factories.bureau(analyst, case, worse)
    assert [alert.kind for alert in open_alerts(case).filter(explained_at=None)] == [AlertKind.LONG_DELAY]
    assert open_alerts(case).count() == 3


def test_a_person_raises_and_explains_an_alert_in_words_that_stay_secret(case: LoanCase, analyst: Actor):
    alert = services.alert_note(
        actor=analyst, case=case, version=case.version, note="The owner's cousin Li audits the books"
    )
    case = again(case)
    services.alert_explain(
        actor=analyst, case=case, version=case.version, alert_id=alert.pk, explanation="Li left in May"
    )
    shown = alert_of(analyst, case, alert.pk)
    assert (shown.note, shown.explanation) == ("The owner's cousin Li audits the books", "Li left in May")
    assert not AuditEvent.objects.filter(body__contains="Li ").exists()
    services.alerts_raise(actor=analyst, case=case, version=again(case).version)
    assert open_alerts(case).filter(kind=AlertKind.OTHER).count() == 1


def test_alerts_are_not_explained_with_nothing_nor_on_another_case(case: LoanCase, analyst: Actor):
    alert = services.alert_note(actor=analyst, case=case, version=case.version, note="Look here")
    case = again(case)
    for words in ("", "   ", "x" * 2001, "a\x00b"):
        with pytest.raises(BadInput) as refused:
            services.alert_explain(actor=analyst, case=case, version=case.version, alert_id=alert.pk, explanation=words)
        assert set(refused.value.errors) == {"explanation"}
    with pytest.raises(NotVisible):
        services.alert_explain(actor=analyst, case=case, version=case.version, alert_id=alert.pk + 1, explanation="x")
    with pytest.raises(NotVisible):
        alert_of(analyst, case, alert.pk + 1)
    with pytest.raises(Stale):
        services.alert_explain(actor=analyst, case=case, version=case.version - 1, alert_id=alert.pk, explanation="x")
    officer = borrowers.actor_of(Role.LOAN_OFFICER, case.branch)
    for act_of in (services.alerts_raise, services.score_run):
        with pytest.raises(Refused) as denied:
            act_of(actor=officer, case=case, version=case.version)
        assert denied.value.guard == "permission"


def test_a_phone_shared_with_another_file_is_an_alert_from_the_start(db: None):
    phone = borrowers.phone_number()
    borrowers.borrower(phone=phone)
    case = factories.case_accepted()
    analyst = factories.analyst(case)
    assert not open_alerts(case).exists()
    late = borrowers.borrower(branch=case.branch, phone=case.borrower.phone.reveal())
    services.alerts_raise(actor=analyst, case=case, version=case.version)
    (alert,) = open_alerts(case)
    assert (alert.kind, alert.topic) == (AlertKind.SHARED, "phone")
    assert f"borrower {late.pk}" in alert.text


def test_a_look_into_the_file_is_recorded_and_an_empty_file_is_none(case: LoanCase, analyst: Actor, last_event: Any):
    before = AuditEvent.objects.count()
    credit_file(analyst, case)
    assert AuditEvent.objects.count() == before
    report = enter(analyst, case)
    opened = credit_file(analyst, again(case))
    event = last_event()
    assert (event["action"], event["kind"]) == ("credit_review.file_opened", "read")
    assert report.reference in event["note"]["fields"]
    assert (opened.reports[0].figures, len(opened.alerts)) == (BAD, 3)
    with pytest.raises(Refused):
        credit_file(borrowers.actor_of(Role.ADMINISTRATOR, case.branch), case)
