"""What forms offer: facilities with room, verified accounts, colleagues who may witness; and who is told of what nobody holds."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.access.selectors import accounts_who_can
from apps.borrowers.models import BankAccount
from apps.core.permissions import Permission
from apps.workflow.models import Facility, FacilityState, LoanCase


def facilities_open(case: LoanCase) -> QuerySet[Facility]:
    """Facilities of a case that are approved and not closed."""
    return Facility.objects.filter(case=case, state__in=[FacilityState.APPROVED, FacilityState.ACTIVE]).order_by(
        "position"
    )


def payees_open(case: LoanCase) -> QuerySet[BankAccount]:
    """The borrower's verified accounts that are in use."""
    accounts = BankAccount.objects.select_related("key_owner").filter(borrower_id=case.borrower_id, closed_at=None)
    return accounts.filter(verified_at__isnull=False).order_by("id")


def witnesses(case: LoanCase, without: int | None) -> list[tuple[int, str]]:
    """Colleagues of the branch who may compare papers, as choices by person."""
    people = accounts_who_can(Permission.CASE_MESSAGE, case.branch_id).exclude(person_id=without or 0)
    return [(account.person_id, account.handle) for account in people[:200]]


def keepers_of(case: LoanCase) -> list[int]:
    """Persons who look after loans at the case's branch: they are told what nobody holds."""
    accounts = accounts_who_can(Permission.REPAYMENT_POST, case.branch_id)
    return sorted(set(accounts.values_list("person_id", flat=True)))
