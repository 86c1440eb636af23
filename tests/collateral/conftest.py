"""What tests of collateral begin with: a secured case in the collateral check, and an appraiser of its branch."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.applications.factories import again
from tests.collateral import factories
from tests.credit_review.factories import case_recommended
from tests.worlds import once_a_module


def _begin() -> tuple[LoanCase, Actor]:
    case = case_recommended(secured=True)
    return case, factories.appraiser(case)


begun = once_a_module(_begin)


@pytest.fixture
def case(begun: tuple[LoanCase, Actor], db: None) -> LoanCase:
    """A case of 800,000 in the collateral check that counts on a lending value of as much; it has no asset yet."""
    return again(begun[0])


@pytest.fixture
def appraiser(begun: tuple[LoanCase, Actor]) -> Actor:
    """An appraiser of the case's branch."""
    return begun[1]


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
