"""Moves an application: submitted, accepted, or declined on a knock-out of the policy."""

from __future__ import annotations

from collections.abc import Sequence

from apps.applications.services.locking import application_for, case_locked
from apps.applications.services.versions import version_write
from apps.audit.services import act
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance


@act
def application_submit(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """Submit a complete draft; the application as submitted is kept. Refused with all that is missing."""
    permission = Permission.APPLICATION_EDIT if actor.is_borrower else Permission.APPLICATION_SUBMIT
    locked = case_locked(case, actor=actor, permission=permission, version=version, states=None)
    version_write(locked, application_for(locked), why="submitted", made_by_id=actor.person_id)
    event = Event.SUBMIT_ONLINE if actor.is_borrower else Event.SUBMIT
    return advance(locked, event, actor=actor, version=version)


@act
def application_accept(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """Accept a checked application for review."""
    return advance(case, Event.ACCEPT, actor=actor, version=version)


@act
def knock_out(*, actor: Actor, case: LoanCase, version: int, reasons: Sequence[str], text: str = "") -> LoanCase:
    """Decline on knock-outs that the policy's rules find; ``reasons`` are their codes."""
    return advance(case, Event.KNOCK_OUT, actor=actor, version=version, reasons=reasons, text=text)
