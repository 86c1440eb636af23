"""Cases on their way through intake with the officer who works on them; built once a module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.services.steps import case_step
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.borrowers import factories as borrowers


@dataclass(frozen=True)
class World:
    """An officer and the officer's cases by their station."""

    account: Account
    cases: dict[str, LoanCase]

    @property
    def officer(self) -> Actor:
        """The officer, with a fresh factor."""
        return people.actor_for(self.account)

    def case(self, station: str) -> LoanCase:
        """The case of a station as it stands now."""
        return f.again(self.cases[station])


def _peopled(actor: Actor) -> LoanCase:
    """A draft with its people, nothing consented to."""
    made = f.draft(actor)
    borrowers.whole_people(actor, made.borrower)
    return made


def _held(actor: Actor) -> LoanCase:
    """A case in intake that the officer holds."""
    case = f.case_in_intake(actor)
    return case_step(actor=actor, case=case, event="claim", version=case.version)


def _young(actor: Actor) -> LoanCase:
    """A case in intake to whose business a knock-out applies, and another does not."""
    f.reason("too_young", "knock_out")
    f.reason("industry_excluded", "knock_out")
    return f.case_in_intake(actor, founded_on=clock.today() - dt.timedelta(days=90))


MAKERS: dict[str, Callable[[Actor], LoanCase]] = {
    "new": f.draft,
    "peopled": _peopled,
    "ready": f.ready_draft,
    "intake": f.case_in_intake,
    "held": _held,
    "young": _young,
    "accepted": lambda actor: f.case_accepted(officer=actor),
}


def stations(*names: str) -> World:
    """One case for each station that is named, made in this order."""
    account = borrowers.account_of(Role.LOAN_OFFICER)
    actor = people.actor_for(account)
    return World(account, {name: MAKERS[name](actor) for name in names})
