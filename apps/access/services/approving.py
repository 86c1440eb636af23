"""Those who agree to a powerful role that an administrator has asked for, or reject it.

Who has to is a row of ``administration.RULES``: another administrator, somebody who leads, somebody from compliance or security.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access import selectors
from apps.access.administration import RULES, role_change
from apps.access.models import RoleConsent, RoleGrant
from apps.access.roles import permissions_by, who_can
from apps.access.services.authority import can
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
    """Agree to a role that waits. With the last agreement it counts (and from its person's enrolment on); their sessions end.

    Refused to who asked for it, to whom it is for and to who has agreed already: all who stand behind it are different.
    """
    may_agree(actor, grant)
    current = _waiting(grant)
    _refuse_again(actor, current)
    permission = _agreeing_by(actor, current)
    refuse_incompatible(current.person, set(selectors.grants_open(current.person_id).values_list("role", flat=True)))
    RoleConsent.objects.create(grant=current, person_id=actor.person_id or 0, permission=permission)
    if permission is Permission.ROLE_APPROVE:
        current.approved_by_id = actor.person_id
        current.save(update_fields=["approved_by"])
    missing = selectors.consents_missing(current)
    note = {"role": current.role, "permission": permission.value}
    if missing:
        record(
            Tag.ROLE_AGREED, actor=actor, subject=current, note={**note, "missing": [each.value for each in missing]}
        )
        return current
    sessions_end_of_person(actor=actor, person=current.person, reason="role_change")
    current.approved_at = clock.now()
    current.save(update_fields=["approved_at"])
    record(Tag.ROLE_APPROVED, actor=actor, subject=current, note=note)
    return current


@act
def grant_reject(*, actor: Actor, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role that waits, before it ever counted; who asked for it may take it back this way too."""
    may_agree(actor, grant)
    current = _waiting(grant)
    current.ends = max(clock.now(), current.starts)
    current.save(update_fields=["ends"])
    record(Tag.ROLE_REJECTED, actor=actor, subject=current, note={"role": current.role, "reason": reason})
    return current


def may_agree(actor: Actor, grant: RoleGrant) -> None:
    """Raise unless the actor is one of those who agree to roles, proved a factor just now and means somebody else."""
    held = [each for each in RULES[role_change(grant.role)].agree if can(actor, each)]
    may_change(actor, grant.person, held[0] if held else Permission.ROLE_APPROVE)


def _refuse_again(actor: Actor, grant: RoleGrant) -> None:
    if not RULES[role_change(grant.role)].apart:
        return
    if grant.granted_by_id == actor.person_id:
        message = _("You asked for this role yourself. Another administrator must approve it.")
        raise Refused("second_administrator", message, subject=grant, action=Permission.ROLE_APPROVE)
    if grant.consents.filter(person_id=actor.person_id or 0).exists():
        raise BadInput(_("You have agreed to this role already. The others are still to come."))


def _agreeing_by(actor: Actor, grant: RoleGrant) -> Permission:
    """Permission by which the actor's agreement is still wanted; raises ``Refused`` with who is waited for."""
    missing = selectors.consents_missing(grant)
    for permission in missing:
        if agrees_there(actor, permission, grant.branch_id):
            return permission
    waited = " · ".join(who_can(each) for each in missing)
    message = _("Your agreement is not the one this role waits for.")
    raise Refused("agreement", message, who_can=waited, subject=grant, action=Permission.ROLE_APPROVE)


def agrees_there(actor: Actor, permission: Permission, branch_id: int | None) -> bool:
    """Tell whether a role of the actor's agrees by a permission over a branch: leads agree where they lead."""
    holders = [held for held in actor.held if permission in permissions_by(held)]
    return any(held.covers(branch_id) for held in holders)


def _waiting(grant: RoleGrant) -> RoleGrant:
    """Lock the person, as granting does, and look again."""
    Person.objects.select_for_update().get(pk=grant.person_id)
    current = selectors.grants_waiting().select_related("person", "branch").filter(pk=grant.pk).first()
    if current is None:
        raise BadInput(_("This role no longer waits."))
    return current
