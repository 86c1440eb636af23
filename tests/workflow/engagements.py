"""Auditors bound to engagements, and engagements in force, for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from apps.access.roles import Role
from apps.access.services import role_found
from apps.accounts.models import Account
from apps.core import clock
from apps.workflow.models import Engagement
from apps.workflow.services.engaging import Plan, engagement_agree, engagement_ask
from tests.accounts import factories as people


def bound_auditor(handle: str | None = None) -> Account:
    """An enrolled auditor whose role is bound to engagements."""
    made = people.account(handle=handle)
    role_found(actor=people.SETUP, person=made.person, role=Role.AUDITOR, branch=None, reason="test", bound=True)
    return made


def asked(auditor: Account, **bounds: Any) -> Engagement:
    """An engagement that waits for a second person, for a month unless told."""
    given = {"purpose": "Yearly audit by Li & Partners", "ends": clock.today() + dt.timedelta(days=30), **bounds}
    maker = people.actor_for(people.staff(Role.AUDITOR))
    return engagement_ask(actor=maker, plan=Plan(auditors=[auditor.handle], **given))


def engaged(auditor: Account, **bounds: Any) -> Engagement:
    """An engagement in force."""
    second = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    return engagement_agree(actor=second, engagement=asked(auditor, **bounds))
