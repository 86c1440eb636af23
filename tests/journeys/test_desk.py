"""What a journey does behind the back of its browsers."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.access.roles import Role
from apps.accounts import rules
from apps.accounts.models import SessionRecord
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.journeys.desk import aged

pytestmark = pytest.mark.django_db


def test_time_passes_for_one_persons_factor_and_for_nobody_elses() -> None:
    one, other = factories.staff(Role.APPROVER_1), factories.staff(Role.APPROVER_1)
    mine, theirs = factories.signed_in(Client(), one), factories.signed_in(Client(), other)
    aged(actor=SETUP, account=one)
    then = {row.pk: row.factor_at for row in SessionRecord.objects.all()}
    assert then == {mine.pk: mine.factor_at - rules.QUARTER, theirs.pk: theirs.factor_at}
