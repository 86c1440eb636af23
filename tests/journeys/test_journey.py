"""One case from application to first repayment, and one that is declined: every step by its own person in a browser.

People, branch, product, reasons and policy are made by services beforehand. Everything after that is done on the pages,
except the sending of the released order, which a worker does without a browser: here its task is called in place.
"""

from __future__ import annotations

import pytest

from apps.access.roles import Role
from apps.audit.tags import Tag
from tests.applications.factories import reason
from tests.journeys import stages
from tests.journeys.loglines import in_the_log, verified, who_did
from tests.journeys.people import DESK, PHONE, Office

T = Tag
WALKED = (
    T.CASE_OPENED, T.PARTY_ADDED, T.CONSENT_GIVEN, T.DECLARATION_SIGNED, T.CASE_SUBMITTED, T.DOCUMENT_ADDED, T.DOCUMENT_OPENED,
    T.DOCUMENT_ACCEPTED, T.IDENTITY_CHECKED, T.VISIT_REPORTED, T.VISIT_CONFIRMED, T.CASE_ACCEPTED, T.STATEMENT_ENTERED,
    T.BUREAU_REPORT_ENTERED, T.CASE_SCORED, T.NARRATIVE_WRITTEN, T.CASE_RECOMMENDED, T.MEMO_FROZEN, T.CASE_SIGNED, T.OFFER_MADE,
    T.OFFER_ACCEPTED, T.CONTRACT_DRAWN_UP, T.CONTRACT_PARTY_SIGNED, T.CONTRACT_SIGNED, T.CONDITION_EVIDENCED,
    T.CONDITION_VERIFIED, T.CONDITIONS_MET, T.BANK_ACCOUNT_ADDED, T.BANK_ACCOUNT_VERIFIED, T.PAYMENT_PREPARED,
    T.PAYMENT_RELEASED, T.ORDER_SENT, T.PAYMENT_CONFIRMED, T.LOAN_OPENED, T.REPAYMENT_ENTERED, T.REPAYMENT_POSTED,
)  # fmt: skip


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "office",
    [pytest.param(DESK, marks=pytest.mark.every), pytest.param(PHONE, marks=pytest.mark.once)],
    ids=str,
    indirect=True,
)
def test_a_case_goes_from_application_to_its_first_repayment(office: Office) -> None:
    officer = office.person(Role.LOAN_OFFICER, "officer-1")
    second = office.person(Role.LOAN_OFFICER, "officer-2")
    case = stages.application_drafted(officer)
    stages.application_submitted(officer, case)
    assert stages.state(case) == "intake"
    stages.intake_checked(officer, case)
    stages.visit_reported(officer, second, case)
    stages.application_accepted(officer, case)
    assert stages.state(case) == "credit_review"

    analyst = office.person(Role.CREDIT_ANALYST, "analyst-1")
    stages.figures_entered(analyst, case)
    stages.recommended(analyst, case)
    assert stages.state(case) == "approval"

    approver = office.person(Role.APPROVER_1, "approver-1")
    stages.signed(approver, case)
    assert stages.state(case) == "offered"
    stages.offer_accepted(officer, case)
    assert stages.state(case) == "contracting"

    lead = office.person(Role.TEAM_LEAD, "lead-1")
    stages.contract_signed(officer, second, lead, case)
    assert stages.state(case) == "conditions"
    reviewer = office.person(Role.DISBURSEMENT_REVIEWER, "reviewer-1")
    stages.conditions_settled(officer, reviewer, case)
    assert stages.state(case) == "payout"

    stages.account_verified(officer, second, case)
    maker, checker = office.person(Role.PAYMENT_MAKER, "maker-1"), office.person(Role.PAYMENT_CHECKER, "checker-1")
    keeper = office.person(Role.POST_LOAN_OFFICER, "keeper-1")
    stages.paid(maker, checker, keeper, case)
    assert stages.state(case) == "active"
    loan = stages.first_repayment(keeper, lead, case)
    assert [each.state for each in loan.repayments.all()] == ["posted"]

    logged = in_the_log()
    assert [tag.value for tag in WALKED if not logged[tag]] == []
    hands = {tag: who_did(tag) for tag in (T.CASE_RECOMMENDED, T.CASE_SIGNED, T.PAYMENT_PREPARED, T.PAYMENT_RELEASED)}
    assert list(hands.values()) == [{"analyst-1"}, {"approver-1"}, {"maker-1"}, {"checker-1"}]
    assert logged[T.SIGNED_IN] == 9
    assert logged[T.FACTOR_PROVED] > logged[T.SIGNED_IN]
    assert "The log is intact." in verified()
    assert office.said() == []


def test_a_case_is_declined_by_the_analyst(office: Office) -> None:
    reason("cover_too_low", "decline")
    officer = office.person(Role.LOAN_OFFICER, "officer-1")
    case = stages.application_drafted(officer)
    stages.application_submitted(officer, case)
    stages.intake_checked(officer, case)
    stages.application_accepted(officer, case)

    analyst = office.person(Role.CREDIT_ANALYST, "analyst-1")
    stages.declined(analyst, case, "cover_too_low")
    assert stages.state(case) == "declined"
    officer.open(case.get_absolute_url())
    assert "Declined" in officer.page.locator(".page-header").inner_text()

    assert in_the_log()[T.CASE_DECLINED] == 1
    assert "The log is intact." in verified()
    assert office.said() == []
