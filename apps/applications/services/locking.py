"""How every service of intake begins: authorise on the case, lock it, see that it stands where this may happen."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.access.services import authorize
from apps.applications.models import Application
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.workflow import process
from apps.workflow.checks import check_person
from apps.workflow.models import LoanCase
from apps.workflow.services import case_lock
from apps.workflow.services.cases import duty_write
from apps.workflow.states import OPEN, State

DRAFT_ONLY = frozenset({State.DRAFT})
STILL_OPEN = frozenset(OPEN)
UNSETTLED = STILL_OPEN | {State.DECLINED, State.EXPIRED, State.WITHDRAWN}
"""An ended case takes what intake asks for too: it is reopened with all of it."""


def case_locked(
    case: LoanCase, *, actor: Actor, permission: Permission, version: int | None = None,
    states: Collection[str] | None = STILL_OPEN,
) -> LoanCase:  # fmt: skip
    """Return the case locked; raises ``NotVisible``, ``Refused``, or ``Stale`` when a version is given and differs.

    ``states`` are those in which this may happen; ``None`` leaves that to the process table.
    """
    authorize(actor, permission, case)
    locked = case_lock(case, actor=actor, version=version)
    if locked.is_frozen or locked.borrower.is_frozen:
        raise Refused("frozen", _("The case is frozen; nothing changes until another person lifts the freeze."),
                      subject=locked)  # fmt: skip
    if states is not None and locked.state not in states:
        sentence = _("In the state “%(state)s” this cannot be changed any more.")
        if State.DRAFT in states and locked.is_open:
            sentence = _("The application was submitted (state “%(state)s”): correct it instead.")
        raise Refused("state", sentence % {"state": State(locked.state).label}, subject=locked)
    return locked


def take_part(case: LoanCase, actor: Actor) -> None:
    """Lay the duty of preparing on who works on the application: refused to who already has another duty here."""
    if not actor.is_person:
        return
    row = process.find(State.DRAFT, process.Event.SUBMIT)
    for person_id in filter(None, (actor.person_id, actor.on_behalf_of)):
        if row is not None:
            check_person(case, row, person_id)
        duty_write(case, person_id, Duty.PREPARES, "edit")


def application_for(case: LoanCase) -> Application:
    """The case's application, made when the case has none (drafts that were opened elsewhere)."""
    found = Application.objects.select_related("key_owner").filter(case=case).first()
    return found or Application.objects.create(case=case, key_owner_id=case.borrower.key_owner_id)


def revise(case: LoanCase) -> Application:
    """Count a change of what a declaration speaks of: what was declared before has to be declared again."""
    application = application_for(case)
    application.revision += 1
    application.save(update_fields=["revision"])
    return application
