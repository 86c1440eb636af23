"""One act each, from the offer to closing; the lives put them in order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from stdnum import luhn

from apps.access.roles import Role
from apps.approval import services as approval
from apps.approval.services import Paper as OfferPaper
from apps.borrowers.models import BankAccount, VerifiedHow
from apps.borrowers.rules import AccountData
from apps.borrowers.services import bank_account_add, bank_account_verify
from apps.collateral import services as collateral
from apps.collateral.models import Asset
from apps.console.demo_book import papers
from apps.console.demo_book.life import Life
from apps.console.demo_book.steps_early import ask_bureau
from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review.rules import BUREAU_DAYS, is_stale
from apps.credit_review.selectors import newest_report
from apps.disbursement import services as payments
from apps.disbursement.models import Drawdown
from apps.disbursement.selectors import conditions_standing, contract_live, signing_open
from apps.disbursement.services.conditions import conditions_meet, evidence_decide, evidence_give
from apps.disbursement.services.contracts import Paper, contract_conclude, contract_make
from apps.disbursement.services.preparing import Draw
from apps.disbursement.services.reading import paper_open
from apps.disbursement.services.signing import party_signed, signature_confirm
from apps.post_loan import services as post_loan
from apps.post_loan.models import Loan, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.services.settling import quote

BANK = Actor.system("bank", channel="task")
CLOCK = Actor.system("clock", channel="task")
RELEASE_WITHIN = dt.timedelta(days=4)  # of a payment that is prepared: a weekend lies between at the most


def offer_accept(life: Life) -> None:
    """The borrower accepts on paper."""
    case = life.case
    paper = OfferPaper(papers.page("acceptance"), "acceptance.png", "image/png")
    approval.offer_accept_recorded(actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version, paper=paper)


def contract(life: Life) -> None:
    """Draw the contract up."""
    case = life.case
    contract_make(actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version)


def contract_sign(life: Life) -> None:
    """Every party signs before two witnesses."""
    found, witness = contract_live(life.case), life.who(Role.LOAN_OFFICER, life.serial + 1)
    for line in signing_open(found) if found else ():
        party_signed(
            actor=life.who(Role.LOAN_OFFICER), case=life.case, version=life.case.version, line=line, signed_on=clock.today(),
            paper=Paper(papers.page("signature"), "signature.png", "image/png"), second_witness_id=witness.person_id or 0,
        )  # fmt: skip
        signature_confirm(actor=witness, case=life.case, version=life.case.version, line=line)


def conclude(life: Life) -> None:
    """The lead signs for the bank."""
    case = life.case
    contract_conclude(actor=life.who(Role.TEAM_LEAD), case=case, version=case.version)


def evidence(life: Life) -> None:
    """Evidence for every condition before payout."""
    for each in [one for one in conditions_standing(life.case) if one.keeps_money_back and one.evidence is None]:
        evidence_give(
            actor=life.who(Role.LOAN_OFFICER), case=life.case, version=life.case.version, condition=each.condition.uuid,
            note="Registered; extract attached.", paper=Paper(papers.page("evidence"), "evidence.png", "image/png"),
        )  # fmt: skip


def verify(life: Life) -> None:
    """The reviewer accepts each and sends the case to payout."""
    actor = life.who(Role.DISBURSEMENT_REVIEWER)
    for each in [one for one in conditions_standing(life.case) if one.evidence is not None and one.keeps_money_back]:
        paper_open(actor=actor, case=life.case, row=each.evidence)  # type: ignore[arg-type]
        evidence_decide(actor=actor, case=life.case, version=life.case.version, evidence=each.evidence, accepted=True)  # type: ignore[arg-type]
    conditions_meet(actor=actor, case=life.case, version=life.case.version)


def card(serial: int) -> str:
    """A number that passes its check, as those of bank cards do."""
    base = f"6222{serial:011d}"
    return base + luhn.calc_check_digit(base)


def account(life: Life) -> BankAccount:
    """The borrower's account, entered by one officer and verified by another; once a borrower."""
    if life.payee is None:
        data = AccountData(holder=life.firm.legal_name, number=card(life.serial), bank_name="Bank of Shandong")
        borrower = life.case.borrower
        entered = bank_account_add(actor=life.who(Role.LOAN_OFFICER), borrower=borrower, data=data)
        life.payee = bank_account_verify(
            actor=life.who(Role.LOAN_OFFICER, life.serial + 1), account=entered, how=VerifiedHow.values[0]
        )
    return life.payee


def retest(life: Life) -> None:
    """Ask the bureau anew where its report would not last until the payment's release: a limit is drawn for weeks."""
    report = newest_report(life.case)
    if report is not None and is_stale(report.report_date, clock.today() + RELEASE_WITHIN, BUREAU_DAYS):
        ask_bureau(life)


def prepare(life: Life, position: int, amount: Decimal) -> Drawdown:
    """The maker prepares a payment."""
    retest(life)
    payee, case = account(life), life.case
    facility = case.facilities.get(position=position)
    draw = Draw(facility, amount, payee, facility.purpose.words or "Working capital")
    return payments.payment_prepare(actor=life.who(Role.PAYMENT_MAKER), case=case, version=case.version, draw=draw)


def release(life: Life, drawdown: Drawdown) -> None:
    """The checker releases, and the worker sends."""
    case = life.case
    released = payments.payment_release(actor=life.who(Role.PAYMENT_CHECKER), drawdown=drawdown, version=case.version)
    payments.order_send(actor=BANK, order=released.order)


def confirm_payment(life: Life, drawdown: Drawdown) -> Loan:
    """The bank confirms; the loan opens."""
    payments.payment_confirm(
        actor=BANK, drawdown=drawdown, value_on=clock.today(), bank_reference=f"SDB{drawdown.pk:07d}"
    )
    return Loan.objects.get(drawdown_uuid=drawdown.uuid)


def repay(life: Life, loan: Loan, row: ScheduleRow) -> None:
    """One instalment, entered by a post-loan officer and posted by the lead."""
    entered = post_loan.repayment_enter(
        actor=life.who(Role.POST_LOAN_OFFICER), loan=loan, version=None, amount=row.principal + row.interest, value_on=clock.today(),
        reference=f"RP-{loan.number}-{row.number}",
    )  # fmt: skip
    post_loan.repayment_post(actor=life.who(Role.TEAM_LEAD), repayment=entered)


def settle(life: Life, loan: Loan) -> None:
    """Settle a loan early at today's quote, then close it."""
    loan = Loan.objects.get(pk=loan.pk)
    if loan.state == LoanState.RUNNING:
        needed = quote(loan, list(loan.schedule.all()), clock.today())
        entered = post_loan.repayment_enter(
            actor=life.who(Role.POST_LOAN_OFFICER), loan=loan, version=None, amount=needed.total, value_on=clock.today(),
            reference=f"ST-{loan.number}", settles=True,
        )  # fmt: skip
        post_loan.repayment_post(actor=life.who(Role.TEAM_LEAD), repayment=entered)
    close(life, loan)


def close(life: Life, loan: Loan) -> None:
    """Release the collateral by two people, then close the loan and with the last one the case."""
    for asset in Asset.objects.filter(case=life.case, released_at=None):
        collateral.release_ask(
            actor=life.who(Role.APPRAISER), case=life.case, version=life.case.version, asset_id=asset.pk
        )
        collateral.release_confirm(
            actor=life.who(Role.APPRAISER, life.serial + 1),
            case=life.case,
            version=life.case.version,
            asset_id=asset.pk,
        )
    post_loan.loan_close(actor=life.who(Role.POST_LOAN_OFFICER), loan=Loan.objects.get(pk=loan.pk), version=None)


def days_to(row: ScheduleRow) -> dt.timedelta:
    """How long until an instalment is due."""
    return dt.timedelta(days=max((row.due_on - clock.today()).days, 0))
