"""What the business of a case and its group owe, and how they have repaid so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from apps.approval.gathering import RUNNING
from apps.core import clock
from apps.post_loan.conduct import Conduct, Payment, conduct_of
from apps.post_loan.models import Loan, Repayment, RepaymentState, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.rules import Due
from apps.workflow.dutybook import group_filter
from apps.workflow.models import Facility, LoanCase

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Owed:
    """Sums in the case's currency: what running facilities allow besides this case, what running loans owe."""

    approved: Decimal = ZERO
    owed: Decimal = ZERO
    loans: int = 0

    def __add__(self, other: Owed) -> Owed:
        """Both together."""
        return Owed(self.approved + other.approved, self.owed + other.owed, self.loans + other.loans)


@dataclass(frozen=True, slots=True)
class Standing:
    """The business itself and the rest of its group; ``conduct`` is over all loans of both, settled ones too."""

    own: Owed
    others: Owed
    in_group: bool
    settled: int
    conduct: Conduct

    @property
    def together(self) -> Owed:
        """The whole group."""
        return self.own + self.others

    @property
    def is_known(self) -> bool:
        """Tell whether there is anything to say."""
        return bool(self.together.loans or self.together.approved or self.settled)


def standing_of(case: LoanCase) -> Standing:
    """Exposure and conduct of the case's business and its group; four queries, however many loans."""
    loans = list(Loan.objects.filter(group_filter(case), currency=case.currency))
    approved = _approved(case)
    running = [loan for loan in loans if loan.state == LoanState.RUNNING]
    own = [loan for loan in running if loan.borrower_id == case.borrower_id]
    others = [loan for loan in running if loan.borrower_id != case.borrower_id]
    return Standing(
        _owed(own, approved.pop(case.borrower_id, ZERO)), _owed(others, sum(approved.values(), ZERO)),
        case.borrower.group_id is not None, len(loans) - len(running), _conduct(loans),
    )  # fmt: skip


def _owed(loans: Sequence[Loan], approved: Decimal) -> Owed:
    return Owed(approved, sum((loan.balance for loan in loans), ZERO), len(loans))


def _approved(case: LoanCase) -> dict[int, Decimal]:
    """Approved amounts of running facilities by borrower, without the case's own."""
    rows = Facility.objects.filter(group_filter(case), state__in=RUNNING, currency=case.currency).exclude(case=case)
    sums = rows.values_list("borrower_id").annotate(total=Sum("approved_amount")).order_by("borrower_id")
    return {borrower: total or ZERO for borrower, total in sums}


def _conduct(loans: Sequence[Loan]) -> Conduct:
    if not loans:
        return Conduct()
    dues: dict[int, list[Due]] = defaultdict(list)
    paid: dict[int, list[Payment]] = defaultdict(list)
    for row in ScheduleRow.objects.filter(loan__in=loans):
        dues[row.loan_id].append(row.as_due())
    posted = Repayment.objects.filter(loan__in=loans, state=RepaymentState.POSTED)
    for loan, day, parts in posted.values_list("loan_id", "value_on", "allocation"):
        paid[loan].append((day, parts))
    today = clock.today()
    return sum((conduct_of(dues[loan.pk], paid[loan.pk], today) for loan in loans), Conduct())
