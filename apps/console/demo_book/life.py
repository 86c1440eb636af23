"""What a life knows while it goes on: its case, who does what in it, and its own seeded chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random  # noqa: TID251 - the demo's seeded chance

from apps.accounts.models import Branch
from apps.borrowers.models import BankAccount, Borrower, Party
from apps.console.demo_book.cast import Cast
from apps.console.demo_book.names import Firm
from apps.core.actor import Actor
from apps.workflow.models import Facility, LoanCase, Product


@dataclass(slots=True)
class Plan:
    """How far a life goes: ``until`` is the state it stops in; the rest says what is special about it."""

    until: str
    secured: bool = False
    amounts: tuple[Decimal, ...] = (Decimal(500_000),)
    term: int = 24
    kind: str = "new"
    strength: Decimal = Decimal(1)
    months_late: int = 0
    draws: int = 1
    settle_early: bool = False
    ends: str = ""
    signatures_missing: int = 0
    urgent: bool = False


@dataclass(slots=True)
class Life:
    """One case on its way."""

    plan: Plan
    firm: Firm
    branch: Branch
    cast: Cast
    product: Product
    random: Random
    serial: int
    replaces: Facility | None = None
    borrower: Borrower | None = None
    payee: BankAccount | None = None
    number: str = ""
    notes: dict[str, object] = field(default_factory=dict)

    @property
    def case(self) -> LoanCase:
        """The case as it stands now."""
        return LoanCase.objects.get(number=self.number)

    @property
    def signer(self) -> Party:
        """Who signs for the business."""
        return Party.objects.get(borrower_id=self.case.borrower_id, interests__kind="signer", interests__ended_on=None)

    def who(self, role: str, at: int | None = None) -> Actor:
        """The actor of this life's person of a role."""
        return self.cast.act(self.branch.code, role, self.serial if at is None else at)
