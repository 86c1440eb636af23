"""A colleague goes on leave: the right is handed over, agreed to, used under a banner and laid down, each in a browser."""

from __future__ import annotations

import datetime as dt

from apps.access.roles import Role
from apps.audit.tags import Tag
from apps.core import clock
from tests.journeys.loglines import acts_of, verified
from tests.journeys.people import Office


def test_an_approver_on_leave_is_stood_in_for(office: Office) -> None:
    lead, away = office.person(Role.TEAM_LEAD, "lead-1"), office.person(Role.APPROVER_1, "approver-1")
    stand_in = office.person(Role.CREDIT_ANALYST, "analyst-1")
    ends = (clock.now() + dt.timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    away.go("console:delegation_new")
    away.fill(deputy="analyst-1", role={"value": "approver_1"}, most="500000", ends=ends, reason="On leave.").send()

    lead.go("console:delegations")
    lead.page.locator('a[href*="/agree/"]').click()
    lead.send("form.card")

    stand_in.go("console:delegations")
    stand_in.page.locator('a[href*="/act/"]').click()
    stand_in.send("form.card")
    stand_in.go("console:delegations")
    assert "You act for approver-1" in stand_in.words()
    stand_in.page.get_by_role("button", name="Act in my own name").click()
    assert "You act for approver-1" not in stand_in.words()

    assert Tag.DELEGATION_ASKED in acts_of("approver-1")
    assert Tag.DELEGATION_AGREED in acts_of("lead-1")
    assert Tag.DELEGATION_TAKEN_UP in acts_of("analyst-1")
    assert "The log is intact." in verified()
    assert office.said() == []
