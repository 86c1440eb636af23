"""Lists of loans: a union of legs by branch with keyset paging, as for cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from apps.access.services import can
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page, encode
from apps.core.permissions import Permission
from apps.disbursement.selectors.scopes import legs, newest_ids, without_excluded
from apps.post_loan.models import Loan, Repayment
from apps.post_loan.models.money import RepaymentState


@dataclass(frozen=True, slots=True)
class LoanFilter:
    """What a list asks for; empty fields ask for everything."""

    state: str = ""
    overdue: bool = False
    entered: bool = False
    borrower_id: int | None = None
    case_id: int | None = None

    def apply(self, loans: QuerySet[Loan]) -> QuerySet[Loan]:
        """Narrow a queryset."""
        wanted: dict[str, Any] = {"state": self.state, "borrower_id": self.borrower_id, "case_id": self.case_id}
        loans = loans.filter(**{key: value for key, value in wanted.items() if value})
        if self.entered:
            waiting = Repayment.objects.filter(loan=OuterRef("pk"), state=RepaymentState.ENTERED)
            loans = loans.filter(Exists(waiting))
        return loans.filter(next_due_on__lt=clock.today()) if self.overdue else loans


def loans_visible_to(actor: Actor, filters: LoanFilter | None = None, cursor: str = "", limit: int = 50) -> Page[Loan]:
    """One page of the loans an actor may see, newest first."""
    base = without_excluded(actor, (filters or LoanFilter()).apply(Loan.objects.all()), borrower="borrower_id")
    ids = newest_ids(
        base, legs(actor, Permission.LOAN_VIEW, branch="branch_id", borrower="borrower_id"), cursor, limit + 1
    )
    found = Loan.objects.select_related("borrower", "case", "branch").in_bulk(ids[:limit])
    return Page([found[pk] for pk in ids[:limit]], encode([ids[limit - 1]]) if len(ids) > limit else "", not cursor)


def loan_get(actor: Actor, number: str, permission: Permission = Permission.LOAN_VIEW) -> Loan:
    """The loan of a number, if the actor may see it; raises ``NotVisible`` (404) else."""
    loan = Loan.objects.select_related("borrower__group", "case", "facility", "branch").filter(number=number).first()
    if loan is None or not can(actor, permission, loan).allowed:
        raise NotVisible(subject=loan, action=permission)
    return loan


def days_late(loan: Loan) -> int:
    """Days past due today, by the oldest unpaid due date."""
    late = loan.next_due_on is not None and loan.next_due_on < clock.today()
    return (clock.today() - loan.next_due_on).days if late and loan.next_due_on else 0


def repayment_of(loan: Loan, pk: int) -> Repayment:
    """A repayment of the loan; raises ``NotVisible`` for another's."""
    found = Repayment.objects.select_related("loan").filter(loan=loan, pk=pk).first()
    if found is None:
        raise NotVisible(subject=loan, action="repayment")
    return found
