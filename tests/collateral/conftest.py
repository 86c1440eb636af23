"""What tests of collateral begin with: a secured case in the collateral check, and an appraiser of its branch."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.collateral import factories
from tests.credit_review.factories import case_recommended


@pytest.fixture
def case(db: None) -> LoanCase:
    """A case of 800,000 in the collateral check that counts on a lending value of as much; it has no asset yet."""
    return case_recommended(secured=True)


@pytest.fixture
def appraiser(case: LoanCase) -> Actor:
    """An appraiser of the case's branch."""
    return factories.appraiser(case)


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
