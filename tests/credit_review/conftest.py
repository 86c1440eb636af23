"""What every test of the review begins with: a case that was just accepted, and an analyst of its branch."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.applications.factories import again, case_accepted
from tests.credit_review import factories
from tests.worlds import once_a_module


def _begin() -> tuple[LoanCase, Actor]:
    case = case_accepted()
    return case, factories.analyst(case)


begun = once_a_module(_begin)


@pytest.fixture
def case(begun: tuple[LoanCase, Actor], db: None) -> LoanCase:
    """A case in credit review that nothing has been entered for."""
    return again(begun[0])


@pytest.fixture
def analyst(begun: tuple[LoanCase, Actor]) -> Actor:
    """An analyst of the case's branch."""
    return begun[1]


@pytest.fixture
def last_event(db: None) -> Callable[[], dict[str, Any]]:
    """Body of the newest event of the log."""
    return lambda: json.loads(AuditEvent.objects.order_by("-id").values_list("body", flat=True)[0])
