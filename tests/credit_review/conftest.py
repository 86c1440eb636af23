"""What every test of the review begins with: a case that was just accepted, and analysts of its branch."""

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
from tests.applications.factories import again, case_accepted
from tests.borrowers.factories import account_of
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """A case in credit review that nothing has been entered for, and two analysts of its branch."""

    case: LoanCase
    analyst: Account
    second: Account


def build() -> World:
    """The case is made by an officer of its own."""
    case = case_accepted()
    analysts = [account_of(Role.CREDIT_ANALYST, case.branch) for _each in range(2)]
    return World(case, *analysts)


world = once_a_module(build)


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    """The case as it stands now."""
    return again(world.case)


@pytest.fixture
def analyst(world: World, db: None) -> Actor:
    """An analyst of the case's branch."""
    return people.actor_for(world.analyst)


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
