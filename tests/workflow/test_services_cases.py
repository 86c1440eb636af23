"""A case's row is locked within an act, and nowhere else."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.errors import NotVisible
from apps.workflow.services.cases import case_lock
from tests.accounts import factories as people
from tests.workflow import factories


@pytest.mark.parametrize("times", [1, 2])
def test_a_lock_outside_a_transaction_is_refused_also_when_the_question_was_spelled_before(
    committed_db: str, times: int
) -> None:
    case = factories.case()
    with transaction.atomic():
        assert case_lock(case, actor=people.SETUP, version=None) == case
    for _time in range(times):
        with pytest.raises(transaction.TransactionManagementError):
            case_lock(case, actor=people.SETUP, version=None)


@pytest.mark.django_db
def test_the_row_is_locked_and_none_of_those_beside_it() -> None:
    case = factories.case()
    with CaptureQueriesContext(connection) as asked:
        case_lock(case.number, actor=people.SETUP, version=None)
    [question] = asked.captured_queries
    assert connection.vendor == "sqlite" or question["sql"].endswith('FOR UPDATE OF "workflow_loancase"')


@pytest.mark.django_db
def test_a_number_of_no_case_is_not_visible() -> None:
    with pytest.raises(NotVisible):
        case_lock("LF-1999-000001", actor=people.SETUP, version=None)
