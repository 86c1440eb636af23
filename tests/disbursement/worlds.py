"""Cases at the stations of this app with the people who work on them; built once a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.borrowers.models import BankAccount
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.borrowers import factories as borrowers
from tests.disbursement import factories

ROLES = {
    "officer": Role.LOAN_OFFICER,
    "lead": Role.TEAM_LEAD,
    "reviewer": Role.DISBURSEMENT_REVIEWER,
    "maker": Role.PAYMENT_MAKER,
    "checker": Role.PAYMENT_CHECKER,
    "keeper": Role.POST_LOAN_OFFICER,
    "auditor": Role.AUDITOR,
}


@dataclass(frozen=True)
class World:
    """A case, its borrower's verified account where payments come near, and an account of each role at its branch."""

    at: LoanCase
    accounts: dict[str, Account]
    payee: BankAccount | None = None

    @property
    def case(self) -> LoanCase:
        """The case as it stands now."""
        return again(self.at)

    def actor(self, who: str) -> Actor:
        """The actor of a member of staff, with a fresh factor."""
        return people.actor_for(self.accounts[who])

    def other(self, who: str) -> Actor:
        """Another person of the same role."""
        return borrowers.actor_of(ROLES[who], self.at.branch)


def _world(make: Callable[..., LoanCase], **kw: Any) -> World:
    branch = people.branch()
    accounts = {name: people.staff(role, branch) for name, role in ROLES.items()}
    case = make(officer=people.actor_for(accounts["officer"]), branch=branch, **kw)
    return World(case, accounts)


def contracting(**kw: Any) -> World:
    """The offer is accepted, no contract drawn up."""
    return _world(factories.case_accepted_offer, **kw)


def conditions() -> World:
    """The contract is concluded, no condition settled."""
    return _world(factories.case_contracted)


def payout(**kw: Any) -> World:
    """Ready for payment, with one verified account."""
    world = _world(factories.case_in_payout, **kw)
    return World(world.at, world.accounts, factories.account_verified(world.at))
