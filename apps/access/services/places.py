"""Administration of branches: who may open and change them. The rows are made by accounts."""

from __future__ import annotations

from apps.access.administration import Change
from apps.access.services.people import may_administer, may_manage
from apps.accounts.models import Branch, Institution
from apps.accounts.services import places
from apps.audit.services import act
from apps.core.actor import Actor
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
def registration_switch(*, actor: Actor, is_open: bool) -> Institution:
    """Let borrowers register by themselves, or by invitation only."""
    may_manage(actor, Permission.PORTAL_MANAGE)
    return places.registration_switch(actor=actor, is_open=is_open)
