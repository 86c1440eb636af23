"""The checks of ``advance()`` in their fixed order: permission, scope, duties, freshness of the factor, freeze, guards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access import duties, roles
from apps.access.administration import HANDING
from apps.access.selectors import accounts_who_can
from apps.access.services import authorize
from apps.accounts.selectors import institution
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused, StepUpNeeded
from apps.workflow import process, registry
from apps.workflow.dutybook import excluded_by, has_interest, is_blocked, kept_off
from apps.workflow.models import LoanCase

Data = Mapping[str, Any]
MOST_NAMED = 5


def check_row(case: LoanCase, row: process.Row, actor: Actor, facts: Data) -> None:
    """Raise the first refusal; silence means the event may happen."""
    check_actor(case, row, actor)
    if row.step_up and not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=case, action=row.event)
    if not row.while_frozen:
        check_freeze(case, row)
    check_guards(case, row, actor, facts)


def check_actor(case: LoanCase, row: process.Row, actor: Actor) -> None:
    """Permission, scope, conflict of interest and duties: may this actor do it at all."""
    if row.who is process.Who.SYSTEM:
        _system_only(case, row, actor)
    elif row.who is process.Who.BORROWER:
        _borrower_only(case, row, actor)
    else:
        _person(case, row, actor)


def _system_only(case: LoanCase, row: process.Row, actor: Actor) -> None:
    if not actor.is_system:
        raise Refused("permission", _("Only the system itself takes this step."), subject=case, action=row.event)
    authorize(actor, row.permission, case)


def _borrower_only(case: LoanCase, row: process.Row, actor: Actor) -> None:
    if not actor.is_borrower:
        raise Refused(
            "permission", _("Only the borrower takes this step, in the portal."), subject=case, action=row.event
        )
    if case.borrower_id not in actor.borrower_ids:
        raise NotVisible(subject=case, action=row.event)


def _person(case: LoanCase, row: process.Row, actor: Actor) -> None:
    if not actor.is_person:
        raise Refused("permission", _("This step is taken by a member of staff."), subject=case, action=row.event)
    authorize(actor, row.permission, case)
    for person_id in HANDING.checked(actor.person_id, actor.on_behalf_of):
        check_person(case, row, person_id)
    check_limit(case, row, actor)


def check_limit(case: LoanCase, row: process.Row, actor: Actor) -> None:
    """Refuse a deputy's approval above the amount that was handed over, whichever of asked and proposed is more.

    What was handed over is in the house's currency: it reaches no case in another.
    """
    if not actor.is_deputy or row.duty is not duties.Duty.APPROVES:
        return
    amount = max(case.amount_asked, case.amount_proposed or case.amount_asked)
    house = institution()
    reached = house is not None and case.currency == house.currency and actor.most is not None and amount <= actor.most
    if not reached:
        raise Refused(
            "limit",
            _("The right that was handed to you does not reach this amount."),
            subject=case,
            action=row.event,
            who_can=_who_else(case, row),
        )


def check_person(case: LoanCase, row: process.Row, person_id: int) -> None:
    """Blocks, own business and separation of duties of one person, whatever account acts."""
    if is_blocked(case.pk, person_id):
        raise NotVisible(subject=case, action=row.event)
    if has_interest(case, person_id):
        raise Refused(
            "own_business",
            _("This is your own business or a relative's: somebody else has to do it."),
            subject=case,
            action=row.event,
            who_can=_who_else(case, row),
        )
    if row.duty is None:
        return
    other = excluded_by(case, row.duty, person_id)
    if other is not None:
        raise Refused(
            "duty",
            _("You already took the duty “%(done)s” here; “%(asked)s” needs another person.")
            % {"done": duties.Duty(other).label, "asked": duties.Duty(row.duty).label},
            subject=case,
            action=row.event,
            who_can=_who_else(case, row),
        )


def _who_else(case: LoanCase, row: process.Row) -> str:
    """Roles and people here whom nothing keeps off; where there is nobody, the remedy is named, and nothing loosens by itself."""
    people = accounts_who_can(row.permission, case.branch_id).exclude(person_id__in=kept_off(case, row.duty))
    handles = list(people.values_list("handle", flat=True)[:MOST_NAMED])
    if not handles:
        return str(_("Nobody in this branch is eligible: ask another branch or head office."))
    return f"{roles.who_can(row.permission)} ({', '.join(handles)})"


def check_freeze(case: LoanCase, row: process.Row) -> None:
    """Refuse while the case, its borrower or the group is frozen."""
    group = case.borrower.group
    if case.is_frozen or case.borrower.frozen or (group is not None and group.frozen):
        raise Refused(
            "frozen",
            _("The case is frozen; nothing moves until another person lifts the freeze."),
            subject=case,
            action=row.event,
        )


def check_guards(case: LoanCase, row: process.Row, actor: Actor, facts: Data) -> None:
    """Refuse with everything that is missing; an event whose guard nobody registered is refused too."""
    failed: list[tuple[str, Any]] = []
    for name in row.guards:
        guard = registry.guards.get(name)
        lines = (
            [_("The check “%(name)s” is not available.") % {"name": name}]
            if guard is None
            else guard.check(case, actor, facts)
        )
        failed += [(name, line) for line in lines]
    if failed:
        raise Refused(
            failed[0][0], failed[0][1], reasons=[line for _name, line in failed], subject=case, action=row.event
        )
