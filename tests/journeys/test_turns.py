"""Turns that a case takes beside the straight way: returned by an approver, secured, and taken over from an older system."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from django.core.management import call_command

from apps.access.roles import Role
from apps.applications.services import application_accept
from apps.approval import services as approving
from apps.approval.rules import AuthorityRow
from apps.approval.services import PolicyDraft
from apps.audit.tags import Tag
from apps.credit_review.services import recommend
from apps.disbursement.services.conditions import conditions_meet
from apps.disbursement.services.contracts import contract_conclude
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.approval import factories as approval
from tests.credit_review import factories as credit
from tests.disbursement import factories as payments
from tests.journeys import stages
from tests.journeys.loglines import SIGNED_IN, acts_of, in_the_log, verified, who_did
from tests.journeys.people import Office

T = Tag
RECOMMENDED = (T.NARRATIVE_WRITTEN, T.MEMO_FROZEN, T.CASE_RECOMMENDED)
QUESTION, ANSWER = "Who signs for the second shop?", "Her brother, by a power of attorney."
BETWEEN = (
    T.DOCUMENT_ACCEPTED, T.IDENTITY_CHECKED, T.VISIT_CONFIRMED, T.CASE_ACCEPTED, T.STATEMENT_ENTERED, T.NARRATIVE_WRITTEN, T.CASE_RECOMMENDED,
    T.CASE_SIGNED, T.OFFER_ACCEPTED, T.CONTRACT_SIGNED, T.CONDITION_VERIFIED, T.CONDITIONS_MET, T.ORDER_SENT, T.PAYMENT_CONFIRMED,
    T.LOAN_OPENED,
)  # fmt: skip
"""What was done beside the acts of those whose lists are compared."""


def test_an_approver_returns_a_case_which_is_answered_recommended_again_and_signed(office: Office) -> None:
    applications.reason("unclear", "return")
    officer, analyst = (
        office.person(role, handle)
        for role, handle in ((Role.LOAN_OFFICER, "officer-1"), (Role.CREDIT_ANALYST, "analyst-1"))
    )
    approver = office.person(Role.APPROVER_1, "approver-1")
    case = approval.case_needing(
        approval.ONE,
        branch=office.branch,
        officer=people.actor_for(officer.account),
        actor=people.actor_for(analyst.account),
    )
    stages.returned(approver, case, "unclear", QUESTION)
    assert stages.state(case) == "credit_review"
    stages.answered(analyst, officer, case, QUESTION, ANSWER)
    analyst.open(case.get_absolute_url())
    assert ANSWER in analyst.words()
    stages.recommended(analyst, case)
    assert stages.state(case) == "approval"
    stages.signed(approver, case, fresh=True)
    assert stages.state(case) == "offered"

    logged = in_the_log()
    assert (logged[T.CASE_RECOMMENDED], logged[T.MEMO_FROZEN], logged[T.CASE_SIGNED]) == (2, 2, 1)
    assert acts_of("approver-1") == [
        *SIGNED_IN, T.FACTOR_PROVED, T.CASE_SENT_BACK, T.NONCE_SPENT, T.DECISION_SIGNED, T.OFFER_MADE, T.LETTER_ISSUED,
        T.LETTER_ISSUED, T.CASE_SIGNED,
    ]  # fmt: skip
    assert acts_of("analyst-1")[len(SIGNED_IN) :] == [
        T.STATEMENT_ENTERED, T.BUREAU_REPORT_ENTERED, *RECOMMENDED, T.CASE_CLAIMED, T.COLLEAGUE_ASKED, *RECOMMENDED,
    ]  # fmt: skip
    assert acts_of("officer-1")[-1] == T.MESSAGE_SENT
    assert "The log is intact." in verified()
    assert office.said() == []


def test_the_collateral_of_a_secured_case_is_checked_and_confirmed(office: Office) -> None:
    case = credit.case_recommended(branch=office.branch, secured=True)
    appraiser = office.person(Role.APPRAISER, "appraiser-1")
    stages.asset_entered(appraiser, case)
    stages.collateral_confirmed(appraiser, case)
    assert stages.state(case) == "approval"

    assert acts_of("appraiser-1") == [
        *SIGNED_IN, T.ASSET_ADDED, T.TITLE_CHECKED, T.LIEN_ENTERED, T.INSURANCE_ENTERED, T.COLLATERAL_VALUED, T.MEMO_FROZEN,
        T.COLLATERAL_CONFIRMED,
    ]  # fmt: skip
    assert "The log is intact." in verified()
    assert office.said() == []


def in_dollars() -> None:
    """A product, a paying account and a policy in the currency of the older system's loans."""
    applications.product(currency="USD")
    payments.paying_account("USD")
    row = AuthorityRow(approval.ANY_GRADE, Decimal(100_000), (approval.ONE,), None, "")
    approving.policy_publish(
        actor=approval.head_of_credit(), draft=PolicyDraft("USD", [row], ()), why="Loans taken over are in dollars"
    )


def led_to_payout(office: Office, case: LoanCase) -> LoanCase:
    """What the bank does between submitting and payout, by its services."""
    officer, reviewer = (
        people.actor_for(people.staff(role, office.branch)) for role in (Role.LOAN_OFFICER, Role.DISBURSEMENT_REVIEWER)
    )
    applications.visited(officer, applications.checked(officer, case))
    application_accept(actor=officer, case=case, version=applications.again(case).version)
    analyst = credit.analyst(case)
    case = credit.proposed(analyst, credit.reviewed(analyst, applications.again(case)))
    recommend(actor=analyst, case=case, version=case.version)
    case = approval.signed(case, approval.approver(approval.ONE, office.branch))
    approving.offer_accept_recorded(actor=officer, case=case, version=case.version, paper=approval.paper())
    case = payments.contracted(officer, applications.again(case))
    contract_conclude(actor=payments.who(Role.TEAM_LEAD, case), case=case, version=case.version)
    case = payments.settled(officer, reviewer, case)
    conditions_meet(actor=reviewer, case=case, version=case.version)
    return applications.again(case)


def test_a_loan_of_an_older_system_is_completed_and_paid_out(office: Office, shared: Path, tmp_path: Path) -> None:
    in_dollars()
    call_command(
        "import_applications", str(shared / "data/sba/sba7a_natural_to_2003.csv.gz"), mapping="sba7a", branch="JN",
        limit=1, rejects=tmp_path / "rejects.csv",
    )  # fmt: skip
    case = LoanCase.objects.get(source="sba7a")
    officer, second = (office.person(Role.LOAN_OFFICER, f"officer-{number}") for number in (1, 2))
    stages.import_completed(officer, case)
    stages.application_submitted(officer, case)
    assert stages.state(case) == "intake"
    case = led_to_payout(office, applications.again(case))
    assert case.state == "payout"

    stages.account_verified(officer, second, case)
    maker, checker = office.person(Role.PAYMENT_MAKER, "maker-1"), office.person(Role.PAYMENT_CHECKER, "checker-1")
    keeper = office.person(Role.POST_LOAN_OFFICER, "keeper-1")
    stages.paid(maker, checker, keeper, case, amount=int(case.amount_asked))
    assert stages.state(case) == "active"

    logged = in_the_log()
    assert [tag.value for tag in BETWEEN if not logged[tag]] == []
    assert who_did(Tag.CASE_IMPORTED) == {"system:imports"}
    assert acts_of("officer-1") == [
        *SIGNED_IN, T.BORROWER_CHANGED, T.APPLICATION_EDITED, T.APPLICATION_EDITED, T.PARTY_ADDED, T.DOCUMENT_ADDED,
        *[T.CONSENT_GIVEN] * 3, T.APPLICATION_EDITED, T.DOCUMENT_ADDED, T.DECLARATION_SIGNED, T.CASE_SUBMITTED, T.BANK_ACCOUNT_ADDED,
    ]  # fmt: skip
    assert acts_of("officer-2") == [*SIGNED_IN, T.BANK_ACCOUNT_VERIFIED]
    assert acts_of("maker-1") == [*SIGNED_IN, T.PAYMENT_PREPARED, T.ORDER_PREPARED]
    assert acts_of("checker-1") == [
        *SIGNED_IN, T.FACTOR_PROVED, T.NONCE_SPENT, T.PAYMENT_RELEASED, T.DECISION_SIGNED, T.ORDER_RELEASED,
    ]  # fmt: skip
    assert "The log is intact." in verified()
    assert office.said() == []
