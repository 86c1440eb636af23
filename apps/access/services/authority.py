"""``can()``: the one answer to who may do what, on which object."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.access import duties, roles, selectors
from apps.access.decision import ALLOWED, Decision
from apps.access.policies import EXCLUSIONS, POLICIES, borrower_of, branch_of, case_of
from apps.audit.services import act
from apps.core import clock, times
from apps.core.actor import Actor, Factor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission

OUTSIDE = _("This is done from the institution's own networks only. Your session goes on; do it from there.")
NOT_YET = _(
    "Your factors were replaced after a loss a short time ago: you sign and release again from %(when)s on, and pay, export or"
    " administer nothing until then."
)
PROVE_FIRST = _(
    "A recovery code opened this session: it signs, pays, exports and administers nothing. Prove a second factor of yours, or"
    " set up a new one."
)


def can(actor: Actor | None, permission: Permission, obj: Any = None) -> Decision:
    """Decide whether an actor may use a permission, on an object if one is given.

    Checks in this order: role, administering apart from approving and paying, exclusion from the object, scope,
    policy. An unknown permission raises ``ValueError``; a missing actor, and a permission without a policy, deny.
    """
    wanted = Permission(permission)
    refusal = _by_role(actor, wanted)
    if refusal is None and obj is not None and actor is not None:
        refusal = _on_object(actor, wanted, obj)
    return ALLOWED if refusal is None else refusal


def _on_object(actor: Actor, permission: Permission, obj: Any) -> Decision | None:
    """First refusal on an object; a refusal is false itself, so ``or`` would pass it by."""
    refusal = _by_exclusion(actor, obj)
    if refusal is None:
        refusal = _by_scope(actor, permission, obj)
    return _by_policy(actor, permission, obj) if refusal is None else refusal


def authorize(actor: Actor | None, permission: Permission, obj: Any = None) -> None:
    """Raise ``Refused`` where ``can()`` denies, ``NotVisible`` (a page of 404) where the object is out of scope."""
    decision = can(actor, permission, obj)
    if decision.allowed:
        return
    if decision.guard in {"scope", *EXCLUSIONS}:
        raise NotVisible(subject=obj, action=permission)
    raise Refused(decision.guard, decision.message, who_can=decision.who_can, subject=obj, action=permission)


@act
def page_refuse(*, actor: Actor, refusal: Refused) -> None:
    """Put a page's refusal on record by raising it inside an act."""
    raise refusal


def _deny(guard: str, message: Any, permission: Permission) -> Decision:
    return Decision(False, guard, message, roles.who_can(permission))


def _by_role(actor: Actor | None, permission: Permission) -> Decision | None:
    if actor is None or not (actor.is_system or actor.is_person or actor.is_borrower):
        return _deny("signed_out", _("Sign in first."), permission)
    if actor.is_system:
        allowed = permission in roles.SYSTEM_TABLE.get(actor.name, frozenset())
    else:
        allowed = permission in roles.permissions_held(actor.held)
    if not allowed:
        return _deny("permission", _("Your role does not include this step."), permission)
    if permission in roles.HELD_BACK and (held := held_back(actor)):
        return _deny(*held, permission)
    if permission in roles.FROM_INSIDE and not actor.is_system and not is_inside(actor.address):
        return _deny("network", OUTSIDE, permission)
    touchy = roles.ADMINISTERING | roles.APPROVING_OR_PAYING
    if permission in touchy and not actor.is_system and roles.incompatible(actor.role_names):
        return _deny("administers", _("Who administers people or policies neither approves nor pays."), permission)
    return None


def held_back(actor: Actor) -> tuple[str, Any] | None:
    """Guard and words that keep somebody from what ``HELD_BACK`` names after a lost factor; ``None`` where nothing does.

    A session that only a recovery code has opened is held back as well: else nobody who found one would set up a factor first.
    """
    if actor.factor is Factor.RECOVERY:
        return "recovery", PROVE_FIRST
    if actor.signs_from is not None and clock.now() < actor.signs_from:
        return "factor_reset", NOT_YET % {"when": times.exact(actor.signs_from)}
    return None


def is_inside(address: str) -> bool:
    """Tell whether administration may come from an address: one of ``LOANFLOW_ADMIN_NETWORKS``, or any where none is named."""
    allowed = settings.LOANFLOW_ADMIN_NETWORKS
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return not allowed
    names = (found, getattr(found, "ipv4_mapped", None) or found)  # a socket that listens for both kinds maps IPv4
    return not allowed or any(name in network for network in allowed for name in names)


def _by_exclusion(actor: Actor, obj: Any) -> Decision | None:
    borrower_id = borrower_of(obj)
    if borrower_id is not None and duties.own_business({borrower_id}, actor.tied_borrower_ids):
        return Decision(False, "own_business", _("This is your own business or that of a relative."))
    for guard, check in EXCLUSIONS.items():
        message = check(actor, obj)
        if message:
            return Decision(False, guard, message)
    return None


def _by_scope(actor: Actor, permission: Permission, obj: Any) -> Decision | None:
    if actor.is_system:
        return None
    borrower_id, branch_id = borrower_of(obj), branch_of(obj)
    if actor.is_borrower:
        seen = borrower_id is not None and borrower_id in actor.borrower_ids
    elif branch_id is None:
        seen = True  # objects of the institution itself; their policy decides
    else:
        seen = _reached(actor, permission, obj)
    return None if seen else _deny("scope", _("There is nothing here for you."), permission)


def _reached(actor: Actor, permission: Permission, obj: Any) -> bool:
    """Tell whether a role reaches an object by its branch or by name, or a share widens one that is bound to no engagement."""
    holders = [held for held in actor.held if permission in roles.permissions_by(held)]
    branch_id, case_id, borrower_id = branch_of(obj), case_of(obj), borrower_of(obj)
    if any(held.covers(branch_id) or held.names(case_id, borrower_id) for held in holders):
        return True
    return not selectors.are_engaged(holders) and selectors.has_object_grant(actor, permission, obj)


def _by_policy(actor: Actor, permission: Permission, obj: Any) -> Decision | None:
    predicate = POLICIES.get(permission)
    if predicate is None:
        return _deny("policy", _("Nobody may do this to such an object."), permission)
    if not predicate(actor, obj):
        return _deny("policy", _("This step is not yours on this object."), permission)
    return None
