"""Reads of contracts."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.core.gathered import rows
from apps.disbursement.models import Contract, ContractParty
from apps.workflow.models import LoanCase


def contract_live(case: LoanCase) -> Contract | None:
    """The contract that stands for a case, or ``None``."""
    return next((row for row in rows(case, Contract, "file_en", "file_zh") if row.voided_at is None), None)


def parties_of(contract: Contract) -> QuerySet[ContractParty]:
    """The signing list, in the order it was drawn up."""
    return contract.parties.select_related("party", "witness_one", "witness_two").order_by("id")


def signing_open(contract: Contract) -> QuerySet[ContractParty]:
    """Names on the signing list whose signature is missing."""
    return parties_of(contract).filter(signed_on=None)


def witness_open(contract: Contract) -> QuerySet[ContractParty]:
    """Names whose signature is recorded but not yet confirmed by the second witness."""
    return parties_of(contract).filter(signed_on__isnull=False, witnessed_at=None)
