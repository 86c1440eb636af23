"""What the buttons of a page may lead to, by the roles of whoever looks: nobody is shown a way that is closed to them."""

from __future__ import annotations

from apps.access.administration import AGREEING
from apps.access.roles import permissions_held
from apps.core.actor import Actor
from apps.core.permissions import Permission


def abilities(actor: Actor, **asked: Permission) -> dict[str, bool]:
    """Say for each name whether the actor's roles hold the permission that stands for it."""
    held = permissions_held(actor.held)
    return {name: permission in held for name, permission in asked.items()}


def over_people(actor: Actor) -> dict[str, bool]:
    """What somebody who sees the people may do with them."""
    found = abilities(
        actor, may_invite=Permission.PEOPLE_INVITE, may_suspend=Permission.PEOPLE_SUSPEND, may_grant=Permission.ROLE_GRANT,
        may_see=Permission.PEOPLE_VIEW,
    )  # fmt: skip
    return {**found, "may_approve": bool(permissions_held(actor.held) & AGREEING)}
