"""Cases from contract to money, made through the services only; post-loan begins with ``case_paid``."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pypdf import PdfWriter

from apps.access.roles import Role
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import BankAccount, VerifiedHow
from apps.borrowers.rules import AccountData
from apps.borrowers.services import bank_account_add, bank_account_verify
from apps.core import clock
from apps.core.actor import Actor
from apps.disbursement import services
from apps.disbursement.models import Drawdown, PayingAccount
from apps.disbursement.selectors import conditions_standing, contract_live, signing_open
from apps.disbursement.selectors.paying import paying_account as live_account
from apps.disbursement.services import paying
from apps.disbursement.services.conditions import conditions_meet, evidence_decide, evidence_give
from apps.disbursement.services.contracts import Paper, contract_conclude, contract_make
from apps.disbursement.services.invoices import InvoiceGiven
from apps.disbursement.services.paying import PayingData
from apps.disbursement.services.preparing import Draw
from apps.disbursement.services.reading import paper_open
from apps.disbursement.services.signing import party_signed, signature_confirm
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import case_accepted_offer, paper
from tests.borrowers import factories as borrowers

BANK = Actor.system("payments", channel="test")
pages = itertools.count(1)


def who(role: str, case: LoanCase) -> Actor:
    """A new member of staff of a role at the case's branch, with a fresh factor."""
    return borrowers.actor_of(role, case.branch)


def scan() -> Paper:
    """A scanned page."""
    page = paper()
    return Paper(page.stream, page.name, page.content_type)


def contracted(officer: Actor, case: LoanCase) -> LoanCase:
    """The case with its contract drawn up and signed by every party."""
    contract_make(actor=officer, case=case, version=again(case).version)
    witness = who(Role.LOAN_OFFICER, case)
    contract = contract_live(case)
    assert contract is not None
    for line in signing_open(contract):
        party_signed(
            actor=officer, case=case, version=again(case).version, line=line, signed_on=clock.today(), paper=scan(),
            second_witness_id=witness.person_id or 0,
        )  # fmt: skip
        signature_confirm(actor=witness, case=case, version=again(case).version, line=line)
    return again(case)


def case_contracted(*, officer: Actor | None = None, **kw: Any) -> LoanCase:
    """A case with conditions to be met: its contract is concluded by a lead."""
    actor = officer or borrowers.officer(kw.get("branch"))
    case = contracted(actor, case_accepted_offer(officer=actor, **kw))
    contract_conclude(actor=who(Role.TEAM_LEAD, case), case=case, version=case.version)
    return again(case)


def settled(officer: Actor, reviewer: Actor, case: LoanCase) -> LoanCase:
    """The case with evidence given and accepted for each condition before payout."""
    for each in [one for one in conditions_standing(case) if one.keeps_money_back]:
        given = evidence_give(
            actor=officer,
            case=case,
            version=again(case).version,
            condition=each.condition.uuid,
            note="Seen.",
            paper=scan(),
        )
        paper_open(actor=reviewer, case=case, row=given)
        evidence_decide(actor=reviewer, case=case, version=again(case).version, evidence=given, accepted=True)
    return again(case)


def paying_account(currency: str = "CNY", number: str = "3700160880805012") -> PayingAccount:
    """The institution's account in a currency, entered by one administrator and confirmed by another; made once."""
    found = live_account(currency)
    if found is not None:
        return found
    first, second = (people.actor_for(people.staff(Role.ADMINISTRATOR)) for _each in range(2))
    entered = paying.paying_account_enter(actor=first, data=PayingData(currency, number, "Songhua Bank, Jinan"))
    return paying.paying_account_confirm(actor=second, account=entered, number=number)


def invoice(
    supplier: str, total: Decimal = Decimal(200_000), *, number: str = "INV-2026-0017", **given: Any
) -> InvoiceGiven:
    """What stands on a supplier's invoice; each has a page of its own."""
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=500 + next(pages), height=842)
    writer.write(stream)
    stream.seek(0)
    facts: dict[str, Any] = {"currency": "CNY", "paper": Paper(stream, "invoice.pdf", "application/pdf")}
    return InvoiceGiven(supplier, number, total, **{**facts, **given})


@contextlib.contextmanager
def without(account: PayingAccount | None) -> Iterator[None]:
    """Leave the institution without this account inside the block."""
    assert account is not None
    for moment in (clock.now(), None):
        with act(actor=people.SETUP):
            account.ended_at = moment
            account.save(update_fields=["ended_at"])
            record(Tag.BRANCH_CHANGED, actor=people.SETUP)
        if moment is not None:
            yield


def case_in_payout(*, officer: Actor | None = None, reviewer: Actor | None = None, **kw: Any) -> LoanCase:
    """A case ready for payment."""
    actor = officer or borrowers.officer(kw.get("branch"))
    case = case_contracted(officer=actor, **kw)
    checker = reviewer or who(Role.DISBURSEMENT_REVIEWER, case)
    case = settled(actor, checker, case)
    conditions_meet(actor=checker, case=case, version=case.version)
    paying_account(case.currency)
    return again(case)


def account_verified(case: LoanCase, *, supplier: bool = False, number: str = "6222021234567894419") -> BankAccount:
    """An account of the borrower, entered by one officer and verified by another."""
    data = AccountData(holder=case.borrower.legal_name, number=number, bank_name="Bank of Jinan", is_supplier=supplier)
    account = bank_account_add(actor=who(Role.LOAN_OFFICER, case), borrower=case.borrower, data=data)
    return bank_account_verify(actor=who(Role.LOAN_OFFICER, case), account=account, how=VerifiedHow.values[0])


def prepared(maker: Actor, case: LoanCase, amount: Decimal | None = None, payee: BankAccount | None = None) -> Drawdown:
    """A payment of the first facility, of all that is approved unless said otherwise."""
    facility = case.facilities.order_by("position").first()
    assert facility is not None
    draw = Draw(facility, amount or facility.approved_amount or Decimal(0), payee or account_verified(case), "Flour")
    return services.payment_prepare(actor=maker, case=case, version=again(case).version, draw=draw)


def released(maker: Actor, checker: Actor, case: LoanCase, **kw: Any) -> Drawdown:
    """A payment prepared by one and released by another."""
    drawdown = prepared(maker, case, **kw)
    return services.payment_release(actor=checker, drawdown=drawdown, version=again(case).version)


def paid(case: LoanCase, *, value_on: dt.date | None = None, **kw: Any) -> Drawdown:
    """A payment that the bank confirmed."""
    drawdown = released(who(Role.PAYMENT_MAKER, case), who(Role.PAYMENT_CHECKER, case), case, **kw)
    services.order_send(actor=BANK, order=drawdown.order)
    return services.payment_confirm(
        actor=BANK, drawdown=drawdown, value_on=value_on or clock.today(), bank_reference=f"B-{drawdown.pk}"
    )


def case_paid(**kw: Any) -> LoanCase:
    """An active case: its first payment is confirmed."""
    case = case_in_payout(**kw)
    paid(case)
    return again(case)
