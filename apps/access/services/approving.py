"""The second administrator: approves or rejects a powerful role that another administrator has asked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access import selectors
from apps.access.models import RoleGrant
from apps.access.services.granting import may_change, refuse_incompatible
from apps.accounts.models import Person
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission


@act
def grant_approve(*, actor: Actor, grant: RoleGrant) -> RoleGrant:
    """Let a role that waits count from now on (and from its person's enrolment on); their sessions end.

    Refused to who asked for it and to whom it is for: three people stand behind every powerful role.
    """
    may_change(actor, grant.person, Permission.ROLE_APPROVE)
    current = _waiting(grant)
    if current.granted_by_id == actor.person_id:
        message = _("You asked for this role yourself. Another administrator must approve it.")
        raise Refused("second_administrator", message, subject=current, action=Permission.ROLE_APPROVE)
    refuse_incompatible(current.person, set(selectors.grants_open(current.person_id).values_list("role", flat=True)))
    sessions_end_of_person(actor=actor, person=current.person, reason="role_change")
    current.approved_by_id, current.approved_at = actor.person_id, clock.now()
    current.save(update_fields=["approved_by", "approved_at"])
    record(Tag.ROLE_APPROVED, actor=actor, subject=current, note={"role": current.role})
    return current


@act
def grant_reject(*, actor: Actor, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role that waits, before it ever counted; who asked for it may take it back this way too."""
    may_change(actor, grant.person, Permission.ROLE_APPROVE)
    current = _waiting(grant)
    current.ends = max(clock.now(), current.starts)
    current.save(update_fields=["ends"])
    record(Tag.ROLE_REJECTED, actor=actor, subject=current, note={"role": current.role, "reason": reason})
    return current


def _waiting(grant: RoleGrant) -> RoleGrant:
    """Lock the person, as granting does, and look again."""
    Person.objects.select_for_update().get(pk=grant.person_id)
    current = selectors.grants_waiting().select_related("person").filter(pk=grant.pk).first()
    if current is None:
        raise BadInput(_("This role no longer waits for approval."))
    return current
