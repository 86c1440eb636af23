"""What tests of collateral begin with: a secured case in the collateral check, and appraisers of its branch."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.borrowers.factories import account_of
from tests.credit_review.factories import case_recommended
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """A case of 800,000 in the collateral check that counts on a lending value of as much, and two appraisers of its branch."""

    case: LoanCase
    appraiser: Account
    second: Account


def build() -> World:
    """The case has no asset yet."""
    case = case_recommended(secured=True)
    return World(case, account_of(Role.APPRAISER, case.branch), account_of(Role.APPRAISER, case.branch))


world = once_a_module(build)


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    """The case as it stands now."""
    return again(world.case)


@pytest.fixture
def appraiser(world: World, db: None) -> Actor:
    """An appraiser of the case's branch."""
    return people.actor_for(world.appraiser)


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
