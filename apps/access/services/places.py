"""Administration of branches: who may open and change them. The rows are made by accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.access.administration import RULES, Change
from apps.access.roles import Role
from apps.access.services.people import may_administer, may_manage
from apps.accounts.models import Branch, Institution
from apps.accounts.services import places
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission

AGREED_WITHIN = dt.timedelta(days=7)


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
    """Say which roles need a passkey; a borrower's is none of them, as borrowers have codes by mail.

    More of them need one administrator. One that is left out stays until another administrator, within a week, sends the same.
    """
    may_administer(actor, Change.PASSKEY_OFF)
    chosen = frozenset(roles)
    if not chosen <= {role.value for role in Role} - {Role.BORROWER.value}:
        raise BadInput({"roles": [_("Choose roles from the list.")]})
    current = Institution.objects.select_for_update().get()
    leaving = frozenset(current.passkey_roles) - chosen
    if leaving and not _asked_before(actor, current, leaving):
        return places.passkey_roles_set(actor=actor, roles=leaving | chosen, leaving=leaving)
    if leaving:
        for permission in RULES[Change.PASSKEY_OFF].agree:
            may_manage(actor, permission)
    return places.passkey_roles_set(actor=actor, roles=chosen)


def _asked_before(actor: Actor, current: Institution, leaving: frozenset[str]) -> bool:
    """Tell whether somebody else has asked to take away exactly these, not long ago."""
    at, by = current.passkey_leaving_at, current.passkey_leaving_by_id
    another = by is not None and actor.person_id is not None and by != actor.person_id
    in_time = at is not None and clock.now() - at <= AGREED_WITHIN
    return another and in_time and current.passkey_leaving == sorted(leaving)


@act
def registration_switch(*, actor: Actor, is_open: bool) -> Institution:
    """Let borrowers register by themselves, or by invitation only."""
    may_manage(actor, Permission.PORTAL_MANAGE)
    return places.registration_switch(actor=actor, is_open=is_open)
