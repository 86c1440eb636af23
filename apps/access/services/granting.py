"""Granting and revoking roles: by administrators with a fresh factor, for others than themselves.

Powerful roles (``roles.POWERFUL``) wait until all have agreed, see ``approving``; who asks is a row of ``administration``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.access import roles, selectors
from apps.access.administration import FEWEST_ADMINISTRATORS, RULES, Change, asking, role_change
from apps.access.models import RoleGrant
from apps.access.services.authority import authorize
from apps.accounts.models import Branch, Person
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission

LONGEST = dt.timedelta(days=366)
"""Time that a role may be given for."""
Held = tuple[str, int | None, dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role to grant over a branch and all below it, or everywhere (``branch`` empty), until ``ends`` if told.

    A ``bound`` one reaches what audit engagements of its person name, and nothing else. It begins now, unless ``starts``
    is later: a role that ends is given anew from its end on.
    """

    role: str
    branch: Branch | None = None
    ends: dt.datetime | None = None
    bound: bool = False
    starts: dt.datetime | None = None


def role_grant(
    *, actor: Actor, person: Person, role: str, branch: Branch | None, reason: str, ends: dt.datetime | None = None,
    bound: bool = False,
) -> RoleGrant:  # fmt: skip
    """Give a person one role; see ``roles_grant``."""
    return roles_grant(actor=actor, person=person, assignments=[Assignment(role, branch, ends, bound)], reason=reason)[
        0
    ]


@act
def roles_grant(*, actor: Actor, person: Person, assignments: Sequence[Assignment], reason: str) -> list[RoleGrant]:
    """Give a person roles from now on, all or none; an event for each. Powerful ones wait until others agree.

    Refuses one's own roles, the borrower's role, and roles that may not meet each other or those held ("who administers
    neither approves nor pays"). The person's sessions end, so the new roles begin with a new sign-in.
    """
    for change in sorted({role_change(_known(each.role)) for each in assignments}):
        may_change(actor, person, asking(change))
    _refuse_unfit(person, assignments)
    waits = [bool(RULES[role_change(each.role)].agree) for each in assignments]
    if not all(waits):
        sessions_end_of_person(actor=actor, person=person, reason="role_change")
    return [_grant(actor, person, each, reason, waits=wait) for each, wait in zip(assignments, waits, strict=True)]


@act
def role_found(
    *, actor: Actor, person: Person, role: str, branch: Branch | None, reason: str, bound: bool = False,
    ends: dt.datetime | None = None,
) -> RoleGrant:  # fmt: skip
    """Give a role that counts at once, whatever its power: the door of a first start and of a recovery, which have nobody to ask.

    Open to the system actors that hold ``ROLE_FOUND`` and to no role.
    """
    authorize(actor, Permission.ROLE_FOUND)
    wanted = Assignment(role, branch, ends, bound)
    _refuse_unfit(person, [wanted])
    return _grant(actor, person, wanted, reason, waits=False)


@act
def role_revoke(*, actor: Actor, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role grant now; the person's sessions end with it."""
    may_change(actor, grant.person, asking(Change.ROLE_END))
    return role_withdraw(actor=actor, grant=grant, reason=reason)


@act
def role_withdraw(*, actor: Actor, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role grant now, for a service that has asked who may: an administrator's, or the review of rights.

    The last two administrators stay, and the last of each kind that agrees to roles, whoever asks.
    """
    current = RoleGrant.objects.select_for_update(of=("self",)).select_related("person").get(pk=grant.pk)
    if current.is_waiting:
        raise BadInput(_("This role waits for others to agree, who can reject it."))
    if current.ends is not None and current.ends <= clock.now():
        raise BadInput(_("This role has already ended."))
    _keep_the_last(current)
    sessions_end_of_person(actor=actor, person=current.person, reason="role_change")
    current.ends = max(clock.now(), current.starts)
    current.save(update_fields=["ends"])
    record(Tag.ROLE_ENDED, actor=actor, subject=current, note={"role": current.role, "reason": reason})
    return current


def may_change(actor: Actor, person: Person, permission: Permission) -> None:
    """Raise unless the actor may change roles, proved a factor just now and means somebody else."""
    authorize(actor, permission)
    if actor.is_system:
        return
    if actor.person_id == person.pk:
        raise Refused("own_roles", _("Nobody changes their own roles. Ask another administrator."), subject=person)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=person, action=permission)


def _known(role: str) -> roles.Role:
    if role not in roles.Role.values or role == roles.Role.BORROWER:
        raise BadInput({"role": [_("Choose a role of the list.")]})
    return roles.Role(role)


def a_year() -> dt.datetime:
    """The end of a role that is given without a word about its end."""
    return clock.now() + LONGEST


def end_fit(ends: dt.datetime | None, name: str = "ends") -> dt.datetime | None:
    """Return an end that a role may be given for; raises ``BadInput`` by field for one that is past or too far."""
    if ends is not None and ends <= clock.now():
        raise BadInput({name: [_("The end must lie in the future.")]})
    if ends is not None and ends > clock.now() + LONGEST:
        raise BadInput({name: [_("Choose an end at most a year from now. Whoever needs it longer asks again.")]})
    return ends


def _refuse_unfit(person: Person, assignments: Sequence[Assignment]) -> None:
    """Look at what the person holds and waits for, under a lock: two grants at once must see each other."""
    Person.objects.select_for_update().get(pk=person.pk)
    held: list[Held] = list(selectors.grants_open(person.pk).values_list("role", "branch_id", "ends"))
    for each in assignments:
        _refuse_double(each, held)
        role = _known(each.role)
        _refuse_unbindable(each)
        held.append((role, each.branch.pk if each.branch else None, each.ends))
    refuse_incompatible(person, {role for role, _branch, _ends in held})


def _refuse_double(wanted: Assignment, held: Sequence[Held]) -> None:
    there, begins = (wanted.role, wanted.branch.pk if wanted.branch else None), wanted.starts or clock.now()
    if any(there == (role, branch) and (ends is None or ends > begins) for role, branch, ends in held):
        raise BadInput({"role": [_("This person already holds this role there, or others have still to agree.")]})


def _refuse_unbindable(wanted: Assignment) -> None:
    """What an engagement names says where such a role reaches: it has no branch of its own."""
    if wanted.bound and (wanted.role not in roles.BOUND or wanted.branch is not None):
        names = " · ".join(str(role.label) for role in sorted(roles.BOUND))
        words = _("Only these roles can be bound to engagements, over all branches: %(roles)s.")
        raise BadInput({"bound": [words % {"roles": names}]})


def refuse_incompatible(person: Person, held: set[str]) -> None:
    """Raise where one person would both administer and approve or pay."""
    pair = roles.incompatible(held)
    if pair:
        message = _(
            "“%(one)s” and “%(other)s” cannot be held by one person: who administers neither approves nor pays."
        )
        raise Refused("administers", message % {"one": pair[0].label, "other": pair[1].label}, subject=person)


def _grant(actor: Actor, person: Person, wanted: Assignment, reason: str, *, waits: bool) -> RoleGrant:
    grant = RoleGrant.objects.create(
        person=person, role=wanted.role, branch=wanted.branch, granted_by_id=actor.person_id, reason=reason,
        starts=wanted.starts or clock.now(), ends=end_fit(wanted.ends), until=wanted.ends, needs_second=waits,
        by_engagement=wanted.bound,
    )  # fmt: skip
    tag = Tag.ROLE_ASKED if waits else Tag.ROLE_GRANTED
    record(tag, actor=actor, subject=grant, note={"role": wanted.role, **({"bound": True} if wanted.bound else {})})
    return grant


def _keep_the_last(grant: RoleGrant) -> None:
    """Refuse to end a role without which nobody could be given a powerful one: two administrators stay, and one of each kind that agrees."""
    for permission in (asking(Change.POWERFUL_ROLE), *RULES[Change.POWERFUL_ROLE].agree):
        kind = roles.roles_with(permission)
        if grant.role not in kind:
            continue
        others = selectors.grants_live().filter(role__in=kind).exclude(person=grant.person)
        able = selectors.persons_able(permission)
        fewest = FEWEST_ADMINISTRATORS if grant.role == roles.Role.ADMINISTRATOR else 1
        if not others.exists() or (grant.person_id in able and len(able - {grant.person_id}) < fewest):
            raise Refused(_last(grant.role), _LAST[grant.role == roles.Role.ADMINISTRATOR], subject=grant)


def _last(role: str) -> str:
    return "last_administrator" if role == roles.Role.ADMINISTRATOR else "last_of_a_kind"


_LAST = {
    True: _("Two administrators who can sign in have to stay: give the role to another person first."),
    False: _("Nobody else could agree to powerful roles in this place: give the role to another person first."),
}
