"""Repayments: one person enters, another checks and posts; every posting moves schedule, ledger and balance together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.selectors import last_act_on
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock, figures, money
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, Refused, Stale
from apps.core.references import WHAT_TO_DO, is_reference
from apps.disbursement.selectors.payments import netting_of
from apps.disbursement.services.locking import refuse_frozen
from apps.post_loan import process, rules
from apps.post_loan.models import LedgerEntry, LedgerKind, Loan, Repayment, RepaymentState, ScheduleRow
from apps.post_loan.process import LoanEvent, LoanState
from apps.post_loan.services.settling import quote, settle_rows


def overtaken(loan: Loan) -> Stale:
    """What is told to whoever saw an earlier version of a loan: the log knows who was faster."""
    last = last_act_on(loan)
    by, at = (last.actor, last.at) if last is not None else (str(_("a colleague")), clock.now())
    return Stale(by=by, at=at, subject=loan)


def loan_lock(loan: Loan, *, event: str, actor: Actor, version: int | None = None) -> Loan:
    """Lock a loan, compare the version the user saw and look the event up in the loan's table."""
    locked = (
        Loan.objects.select_for_update(of=("self",))
        .select_related("case", "facility", "borrower__group")
        .get(pk=loan.pk)
    )
    if version is not None and locked.version != version:
        raise overtaken(locked)
    row = process.find(locked.state, event)
    if row is None:
        raise IllegalTransition(str(LoanState(locked.state).label), str(LoanEvent(event).label), subject=locked)
    if row.permission is not None:
        authorize(actor, row.permission, locked)
    refuse_frozen(locked.case)
    return locked


@act
def repayment_enter(
    *,
    actor: Actor,
    loan: Loan,
    version: int | None,
    amount: Decimal,
    value_on: dt.date,
    reference: str,
    settles: bool = False,
) -> Repayment:
    """Enter money received; it moves nothing until a second person posts it. Raises ``BadInput`` by field."""
    locked = loan_lock(loan, event=LoanEvent.ENTER, actor=actor, version=version)
    _check(locked, amount, value_on, reference)
    repayment = Repayment.objects.create(
        loan=locked,
        amount=amount,
        value_on=value_on,
        reference_text=reference.strip(),
        settles=settles,
        entered_by_id=actor.person_id,
    )
    record(
        Tag.REPAYMENT_ENTERED,
        actor=actor,
        subject=repayment,
        case=locked.case,
        note={"amount": str(amount), "loan": locked.number},
    )
    return repayment


def _check(loan: Loan, amount: Decimal, value_on: dt.date, reference: str) -> None:
    errors: dict[str, list[object]] = {}
    if amount <= 0 or not money.is_exact(amount, loan.currency):
        errors["amount"] = [_("Enter an amount above zero, in whole minor units.")]
    if not loan.paid_out_on <= value_on <= clock.today():
        errors["value_on"] = [_("The value date lies between the payout and today.")]
    elif amount > (most := owed_at_most(loan, value_on)):
        most_words = figures.amount(most, loan.currency)
        errors["amount"] = [
            _("That is more than is owed: %(most)s settle the whole loan on that day.") % {"most": most_words}
        ]
    if not reference.strip():
        errors["reference"] = [_("Enter the bank's reference: it keeps a payment from being posted twice.")]
    elif not is_reference(reference.strip()):
        errors["reference"] = [WHAT_TO_DO]
    elif loan.repayments.exclude(state=RepaymentState.REJECTED).filter(reference_text=reference.strip()).exists():
        errors["reference"] = [_("A repayment with this reference has been entered already.")]
    if errors:
        raise BadInput(errors)


def owed_at_most(loan: Loan, on: dt.date) -> Decimal:
    """What a repayment of a day can be at most: all instalments as planned, or what settles the loan, whichever is more."""
    rows = list(loan.schedule.all())
    planned = sum((due.open_total for due in (row.as_due() for row in rows)), Decimal(0))
    return max(planned, quote(loan, rows, on).total)


@act
def repayment_post(*, actor: Actor, repayment: Repayment) -> Repayment:
    """Check and post a repayment that another person entered: oldest instalment first, interest before principal."""
    loan = loan_lock(repayment.loan, event=LoanEvent.POST, actor=actor)
    if netting_of(loan.facility).filter(order__released_at__isnull=False).exists():
        raise Refused(
            "netting", _("A payment on its way settles this loan: wait for the bank's answer to it."), subject=loan
        )
    current = _to_check(repayment, actor)
    rows = list(ScheduleRow.objects.select_for_update().filter(loan=loan))
    if current.settles:
        settle_rows(loan, current, rows)
    else:
        _allocate(loan, current, rows)
    _mark(current, actor, RepaymentState.POSTED)
    loan_written(loan, current, actor, settled=loan_copy(loan, rows, current.value_on))
    return current


def _to_check(repayment: Repayment, actor: Actor) -> Repayment:
    current = Repayment.objects.select_for_update(of=("self",)).get(pk=repayment.pk)
    if current.state != RepaymentState.ENTERED:
        raise Refused("state", _("This repayment has been dealt with already."), subject=current)
    if current.entered_by_id == actor.person_id:
        raise Refused(
            "another_person", _("You entered this repayment yourself: another person has to check it."), subject=current
        )
    return current


def _allocate(loan: Loan, repayment: Repayment, rows: Sequence[ScheduleRow]) -> None:
    parts, left = rules.allocate(repayment.amount, [row.as_due() for row in rows])
    if left:
        raise BadInput(
            {
                "amount": [
                    _("The repayment is %(left)s more than the whole loan needs. Settle it early instead.")
                    % {"left": figures.amount(left, loan.currency)}
                ]
            }
        )
    by_number = {row.number: row for row in rows}
    for part in parts:
        row = by_number[part.number]
        row.paid_interest += part.interest
        row.paid_principal += part.principal
        row.save(update_fields=["paid_interest", "paid_principal"])
    repayment.allocation = [
        {"number": part.number, "interest": str(part.interest), "principal": str(part.principal)} for part in parts
    ]
    ledger_write(
        loan,
        repayment,
        interest=sum((p.interest for p in parts), Decimal(0)),
        principal=sum((p.principal for p in parts), Decimal(0)),
    )


def ledger_write(loan: Loan, repayment: Repayment, *, interest: Decimal, principal: Decimal) -> None:
    """Write the movements of a repayment; ``loan.balance`` is still the balance before it."""
    after = loan.balance - principal
    for kind, amount, balance in (
        (LedgerKind.INTEREST, interest, loan.balance),
        (LedgerKind.PRINCIPAL, principal, after),
    ):
        if amount:
            LedgerEntry.objects.create(
                loan=loan, repayment=repayment, kind=kind, amount=amount, value_on=repayment.value_on, balance=balance
            )


def _mark(repayment: Repayment, actor: Actor, state: str) -> None:
    repayment.state, repayment.checked_by_id, repayment.checked_at = state, actor.person_id, clock.now()
    repayment.save()


def balance_copy(loan: Loan, rows: Sequence[ScheduleRow]) -> None:
    """Copy balance, next due date and the oldest arrears from the schedule to the loan."""
    dues = [row.as_due() for row in rows]
    following = rules.next_due(dues)
    loan.balance = rules.outstanding_principal(dues)
    loan.next_due_on = following.due_on if following else None
    loan.arrears_since = following.due_on if following and following.due_on < clock.today() else None


def loan_copy(loan: Loan, rows: Sequence[ScheduleRow], on: dt.date) -> bool:
    """Bring the loan's copies up to date; tells whether nothing is left, so that it is settled ``on`` that day."""
    balance_copy(loan, rows)
    settled = loan.next_due_on is None
    if settled:
        loan.state, loan.settled_on = LoanState.SETTLED, on
    loan.version += 1
    loan.save()
    return settled


def loan_written(loan: Loan, repayment: Repayment, actor: Actor, *, settled: bool) -> None:
    """Record a posting, and the settlement that came of it."""
    record(
        Tag.REPAYMENT_POSTED,
        actor=actor,
        subject=repayment,
        case=loan.case,
        note={"amount": str(repayment.amount), "loan": loan.number},
    )
    if settled:
        record(Tag.LOAN_SETTLED, actor=actor, subject=loan, case=loan.case)


@act
def repayment_reject(*, actor: Actor, repayment: Repayment) -> Repayment:
    """Refuse an entered repayment; it never moved anything."""
    loan_lock(repayment.loan, event=LoanEvent.REJECT, actor=actor)
    current = _to_check(repayment, actor)
    _mark(current, actor, RepaymentState.REJECTED)
    record(
        Tag.REPAYMENT_REJECTED,
        actor=actor,
        subject=current,
        case=repayment.loan.case,
        note={"loan": repayment.loan.number},
    )
    return current
