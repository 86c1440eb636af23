"""The way into every service of the review: lock, permission, duties, freeze, state; and words taken as they are."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition
from apps.core.permissions import Permission
from apps.core.text import refuse_nul
from apps.workflow import process
from apps.workflow.checks import check_freeze, check_person
from apps.workflow.models import LoanCase
from apps.workflow.services import case_lock
from apps.workflow.states import State

REVIEWING = frozenset({State.CREDIT_REVIEW})
RETESTING = REVIEWING | {State.CONTRACTING, State.CONDITIONS, State.PAYOUT, State.ACTIVE}
"""Bureau reports are asked for anew before money goes out; what the approval was signed on stays as it is."""
ROW = next(row for row in process.TABLE if row.event == process.Event.RECOMMEND_UNSECURED)


def review_enter(
    case: LoanCase,
    *,
    actor: Actor,
    version: int | None,
    states: Collection[str] = REVIEWING,
    permission: Permission = Permission.CREDIT_EDIT,
) -> LoanCase:
    """Lock a case for a change of its review; who did another duty on it may not touch the figures either."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, permission, locked)
    for person_id in filter(None, (actor.person_id, actor.on_behalf_of)):
        check_person(locked, ROW, person_id)
    check_freeze(locked, ROW)
    reviewing = locked.state == State.WAITING and locked.came_from == State.CREDIT_REVIEW
    if locked.state not in states and not reviewing:
        raise IllegalTransition(str(State(locked.state).label), str(_("change the credit review")), subject=locked)
    return locked


def text_taken(field: str, value: str, *, most: int, required: bool = False) -> str:
    """A text without surrounding blanks; raises ``BadInput`` when it is missing, too long or cannot be stored."""
    text = value.strip()
    if required and not text:
        raise BadInput({field: [_("Write something here.")]})
    if len(text) > most:
        raise BadInput({field: [_("Use at most %(limit)s characters.") % {"limit": most}]})
    try:
        refuse_nul(text)
    except ValidationError as error:
        raise BadInput({field: error.messages}) from error
    return text
