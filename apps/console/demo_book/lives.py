"""The order of acts in a life. Each ``yield`` says how long to wait; the scheduler moves the clock and goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from apps.access.roles import Role
from apps.approval import services as approval
from apps.approval.services import Paper as OfferPaper
from apps.approval.services.asking import AskedTerms
from apps.console.demo_book import papers, steps_early, steps_late
from apps.console.demo_book.life import Life
from apps.core import clock
from apps.credit_review import services as review
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.services.steps import case_step
from apps.workflow.states import State

Wait = dt.timedelta
HOUR, DAY = Wait(hours=1), Wait(days=1)


class Stop(Exception):
    """The life has come as far as its plan."""


def live(life: Life) -> Iterator[Wait]:
    """A whole life, as far as its plan goes."""
    stages = (intake, credit_review, collateral_check, approving, offered, contracting, conditions, payout, active)
    try:
        for stage in stages:
            yield from stage(life)
    except Stop:
        return


def here(life: Life, state: str) -> None:
    """Stop in a state if the plan ends there."""
    if life.plan.until == state:
        raise Stop


def pause(life: Life, low: float, high: float) -> Wait:
    """A wait between so many days."""
    return Wait(seconds=int(life.random.uniform(low, high) * 86400))


def intake(life: Life) -> Iterator[Wait]:
    """From nothing to an application ready for review."""
    steps_early.apply(life)
    here(life, State.DRAFT)
    yield pause(life, 0.1, 1)
    steps_early.promise(life)
    yield HOUR
    steps_early.submit(life)
    here(life, State.INTAKE)
    yield pause(life, 0.1, 0.6)
    steps_early.claim(life, Role.LOAN_OFFICER)
    steps_early.check(life)
    if life.plan.ends == "waiting":
        yield from asked(life)
    yield pause(life, 0.2, 1)
    steps_early.visit(life)
    yield HOUR
    steps_early.accept(life)


QUESTION = (
    "贵企业去年近一半收入来自同一客户：该合同明年是否续签？\n"
    "About half of your takings last year came from one customer: does their contract run on next year?"
)
"""Nothing that is among the papers already, in both languages."""


def asked(life: Life) -> Iterator[Wait]:
    """The officer asks the borrower, who has not answered yet."""
    case, due = life.case, clock.today() + dt.timedelta(days=14)
    case_step(actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version, event="ask_borrower", data={"due_on": due},
              text=QUESTION)  # fmt: skip
    here(life, State.WAITING)
    yield DAY


def credit_review(life: Life) -> Iterator[Wait]:
    """Figures, bureau, score, recommendation, or a no."""
    yield pause(life, 0.1, 0.8)
    if life.plan.until != State.CREDIT_REVIEW or life.serial % 2:
        steps_early.claim(life, Role.CREDIT_ANALYST)
        steps_early.enter_figures(life)
    here(life, State.CREDIT_REVIEW)
    if life.plan.ends == "declined_review":
        case = life.case
        review.decline(
            actor=life.who(Role.CREDIT_ANALYST), case=case, version=case.version, reasons=["weak-cover"], text=""
        )
        raise Stop
    if life.plan.ends == "withdrawn":
        case = life.case
        case_step(
            actor=life.who(Role.LOAN_OFFICER),
            case=case,
            version=case.version,
            event="withdraw_recorded",
            reasons=["other-bank"],
        )
        raise Stop
    yield pause(life, 0.5, 2)
    steps_early.recommend(life)


def collateral_check(life: Life) -> Iterator[Wait]:
    """The appraiser's part, where the loan is secured."""
    if not life.plan.secured:
        return
    here(life, State.COLLATERAL_CHECK)
    yield pause(life, 0.3, 2)
    steps_early.claim(life, Role.APPRAISER)
    steps_early.value(life)
    yield pause(life, 0.1, 0.5)
    steps_early.confirm(life)


def approving(life: Life) -> Iterator[Wait]:
    """Signatures, or a no."""
    if life.plan.until == State.APPROVAL and not life.plan.signatures_missing:
        raise Stop
    missing = steps_early.slots(life)
    for at, level in enumerate(missing):
        yield pause(life, 0.1, 0.9)
        if life.plan.ends == "declined_approval" and at == len(missing) - 1:
            decline(life, level)
            raise Stop
        if life.plan.until == State.APPROVAL and len(missing) - at <= life.plan.signatures_missing:
            raise Stop
        steps_early.sign(life, level, life.serial + at)


def decline(life: Life, level: str) -> None:
    """An approver declines."""
    case = life.case
    approval.approval_decline(
        actor=life.who(steps_early.LEVEL_ROLES[level], life.serial + 1), case=case, version=case.version, reasons=["weak-cover"], dissent="Cover too thin for this line of trade.",
    )  # fmt: skip


def offered(life: Life) -> Iterator[Wait]:
    """The borrower takes the offer, asks for other terms, or lets it lapse."""
    here(life, State.OFFERED)
    if life.plan.ends == "lapsed":
        yield Wait(days=life.product.offer_days + 2)
        approval.offers_lapse(steps_late.CLOCK)
        raise Stop
    yield pause(life, 0.5, 3)
    if life.plan.ends == "countered":
        case = life.case
        asked_terms = [AskedTerms(position=1, term=min(life.plan.term + 12, life.product.max_term))]
        paper = OfferPaper(papers.page("counter-offer"), "counter-offer.png", "image/png")
        approval.offer_negotiate_recorded(
            actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version, asked=asked_terms, paper=paper
        )
        raise Stop
    steps_late.offer_accept(life)


def contracting(life: Life) -> Iterator[Wait]:
    """Contract drawn up, signed, concluded."""
    yield HOUR
    steps_late.contract(life)
    here(life, State.CONTRACTING)
    yield pause(life, 0.3, 1.5)
    steps_late.contract_sign(life)
    yield HOUR
    steps_late.conclude(life)


def conditions(life: Life) -> Iterator[Wait]:
    """Evidence and its verification."""
    yield pause(life, 0.1, 1)
    if life.plan.until != State.CONDITIONS or life.serial % 2:
        steps_late.evidence(life)
    here(life, State.CONDITIONS)
    yield pause(life, 0.1, 1)
    steps_late.verify(life)


def payout(life: Life) -> Iterator[Wait]:
    """The first payment of every facility."""
    yield HOUR
    if life.plan.until == State.PAYOUT and life.serial % 2:
        raise Stop
    for position, amount in enumerate(life.plan.amounts, start=1):
        first = amount / life.plan.draws
        drawdown = steps_late.prepare(life, position, first.quantize(Decimal("0.01")))
        here(life, State.PAYOUT)
        yield HOUR
        steps_late.release(life, drawdown)
        yield HOUR * 3
        life.notes[f"loan{position}"] = steps_late.confirm_payment(life, drawdown)


def active(life: Life) -> Iterator[Wait]:
    """Repayments until today, further draws of a limit, settlement."""
    loans: list[Loan] = [life.notes[f"loan{position}"] for position in range(1, len(life.plan.amounts) + 1)]  # type: ignore[misc]
    for _draw in range(1, life.plan.draws):
        yield pause(life, 6, 9)
        part = (life.plan.amounts[0] / life.plan.draws).quantize(Decimal("0.01"))
        drawdown = steps_late.prepare(life, 1, part)
        yield HOUR
        steps_late.release(life, drawdown)
        yield HOUR
        loans.append(steps_late.confirm_payment(life, drawdown))
    yield from repaying(life, loans)


def repaying(life: Life, loans: list[Loan]) -> Iterator[Wait]:
    """Instalments on their day; who is late stops paying, who settles early pays the quote."""
    rows = sorted((row for loan in loans for row in loan.schedule.all()), key=lambda row: (row.due_on, row.pk))
    stop_on = life.notes.get("stops_paying_on")
    for at, row in enumerate(rows):
        yield steps_late.days_to(row)
        if life.plan.settle_early and at >= 3:
            for loan in loans:
                steps_late.settle(life, loan)
            return
        if isinstance(stop_on, dt.date) and row.due_on >= stop_on:
            return
        loan = Loan.objects.get(pk=row.loan_id)
        if loan.state != LoanState.RUNNING:  # a renewal has settled it
            return
        steps_late.repay(life, loan, row)
