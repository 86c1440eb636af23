"""Administration of branches: who may open and change them. The rows are made by accounts."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.access.administration import Change
from apps.access.roles import Role
from apps.access.services.people import may_administer, may_manage
from apps.accounts.models import Branch, Institution
from apps.accounts.services import places
from apps.audit.services import act
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission


@act
def branch_open(*, actor: Actor, code: str, name: str, parent: Branch | None = None) -> Branch:
    """Open a branch."""
    may_administer(actor, Change.BRANCH)
    return places.branch_add(actor=actor, code=code, name=name, parent=parent)


@act
def branch_rename(*, actor: Actor, branch: Branch, name: str, parent: Branch | None) -> Branch:
    """Rename a branch or hang it below another."""
    may_administer(actor, Change.BRANCH)
    return places.branch_change(actor=actor, branch=branch, name=name, parent=parent)


@act
def passkey_roles_set(*, actor: Actor, roles: Iterable[str]) -> Institution:
    """Say which roles need a passkey; a borrower's is none of them, as borrowers have codes by mail."""
    may_manage(actor, Permission.PEOPLE_INVITE)
    chosen = frozenset(roles)
    if not chosen <= {role.value for role in Role} - {Role.BORROWER.value}:
        raise BadInput({"roles": [_("Choose roles from the list.")]})
    return places.passkey_roles_set(actor=actor, roles=chosen)


@act
def registration_switch(*, actor: Actor, is_open: bool) -> Institution:
    """Let borrowers register by themselves, or by invitation only."""
    may_manage(actor, Permission.PORTAL_MANAGE)
    return places.registration_switch(actor=actor, is_open=is_open)
