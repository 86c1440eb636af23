"""From contract to money."""

from __future__ import annotations

import pytest

from apps.post_loan.models import Loan
from tests.disbursement import factories

pytestmark = pytest.mark.django_db


def test_a_paid_drawdown_makes_the_case_active_and_opens_its_loan() -> None:
    case = factories.case_paid()
    loan = Loan.objects.get(case=case)
    assert case.state == "active"
    assert loan.principal == case.facilities.get().approved_amount
