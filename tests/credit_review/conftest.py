"""What every test of the review begins with: a case that was just accepted, and an analyst of its branch."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.applications.factories import case_accepted
from tests.credit_review import factories


@pytest.fixture
def case(db: None) -> LoanCase:
    """A case in credit review that nothing has been entered for."""
    return case_accepted()


@pytest.fixture
def analyst(case: LoanCase) -> Actor:
    """An analyst of the case's branch."""
    return factories.analyst(case)


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
