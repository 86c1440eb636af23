"""The institution and its branches. Who may call these is decided a floor above, in ``access.services.places``."""

from __future__ import annotations

import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Branch, Institution
from apps.accounts.models.places import BRANCH_CODE
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.packs import pack_for

PATH_LIMIT = 255


@act
def institution_create(*, actor: Actor, name: str, pack: str) -> Institution:
    """Make the one institution of this installation with its pack's currency, time zone and language."""
    if Institution.objects.exists():
        raise BadInput(_("This installation has an institution already."))
    if not name.strip():
        raise BadInput({"name": [_("Name the institution.")]})
    chosen = pack_for(pack)
    zoneinfo.ZoneInfo(chosen.time_zone)
    institution = Institution.objects.create(
        name=name.strip(), pack=chosen.code, currency=chosen.currency, time_zone=chosen.time_zone,
        language=chosen.language,
    )  # fmt: skip
    record(Tag.INSTITUTION_CREATED, actor=actor, subject=institution)
    return institution


@act
def registration_switch(*, actor: Actor, is_open: bool) -> Institution:
    """Let borrowers register by themselves, or by invitation only; links already sent close with it."""
    current = Institution.objects.select_for_update().get()
    current.self_registration = is_open
    current.save(update_fields=["self_registration"])
    record(Tag.INSTITUTION_CHANGED, actor=actor, subject=current)
    return current


@act
def passkey_roles_set(*, actor: Actor, roles: frozenset[str], leaving: frozenset[str] = frozenset()) -> Institution:
    """Set the roles whose holders step up and sign with a passkey only; it counts from each one's next request.

    ``leaving`` are those that the actor asks to take away, which another has to agree to.
    """
    current = Institution.objects.select_for_update().get()
    before, current.passkey_roles = current.passkey_roles, sorted(roles)
    current.passkey_leaving = sorted(leaving)
    current.passkey_leaving_by_id = actor.person_id if leaving else None
    current.passkey_leaving_at = clock.now() if leaving else None
    current.save(update_fields=["passkey_roles", "passkey_leaving", "passkey_leaving_by", "passkey_leaving_at"])
    changes = {"passkey_roles": (before, current.passkey_roles)}
    record(Tag.INSTITUTION_CHANGED, actor=actor, subject=current, changes=changes)
    return current


@act
def branch_add(*, actor: Actor, code: str, name: str, parent: Branch | None = None) -> Branch:
    """Open a branch below ``parent``, or at the top."""
    branch = Branch(code=_code(code), name=_name(name), parent=parent)
    branch.path = _fitting(branch.path_below(parent))
    branch.save()
    record(Tag.BRANCH_CREATED, actor=actor, subject=branch)
    return branch


@act
def branch_change(*, actor: Actor, branch: Branch, name: str, parent: Branch | None) -> Branch:
    """Rename a branch or hang it elsewhere; the branches below move with it. The code never changes."""
    rows = {row.pk: row for row in Branch.objects.select_for_update().order_by("path")}
    current = rows[branch.pk]
    above = rows[parent.pk] if parent is not None else None
    if above is not None and above.path.startswith(current.path):
        raise BadInput({"parent": [_("A branch cannot stand below itself.")]})
    current.name, current.parent = _name(name), above
    old, new = current.path, _fitting(current.path_below(above))
    current.path = new
    current.save(update_fields=["name", "parent", "path"])
    for row in rows.values() if new != old else ():
        if row.path.startswith(old):
            row.path = _fitting(new + row.path.removeprefix(old))
            row.save(update_fields=["path"])
    record(Tag.BRANCH_CHANGED, actor=actor, subject=current)
    return current


def _code(typed: str) -> str:
    try:
        BRANCH_CODE(typed)
    except ValidationError as error:
        raise BadInput({"code": error.messages}) from error
    if Branch.objects.filter(code=typed).exists():
        raise BadInput({"code": [_("A branch with this code exists already.")]})
    return typed


def _name(typed: str) -> str:
    if not typed.strip():
        raise BadInput({"name": [_("Name the branch.")]})
    return typed.strip()


def _fitting(path: str) -> str:
    if len(path) > PATH_LIMIT:
        raise BadInput({"parent": [_("Branches are nested too deep here.")]})
    return path
