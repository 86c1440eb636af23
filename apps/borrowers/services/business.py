"""Businesses and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Branch
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import writing
from apps.borrowers.models import Borrower, BorrowerGroup
from apps.borrowers.rules import BusinessData
from apps.borrowers.services.locking import ask_before, lock_for_change, tell_after
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission


@act
def borrower_create(*, actor: Actor, branch: Branch, data: BusinessData, label: str = "") -> Borrower:
    """Enter a business at a branch, with a key of its own. Raises ``BadInput`` by field."""
    authorize(actor, Permission.BORROWER_EDIT, branch)
    borrower = writing.business_write_new(branch, data, label)
    record(Tag.BORROWER_CREATED, actor=actor, subject=borrower)
    return borrower


@act
def borrower_update(*, actor: Actor, borrower: Borrower, changes: Mapping[str, Any]) -> Borrower:
    """Change what is named in ``changes`` (fields of ``BusinessData``). Refused while a case of it is under review."""
    locked = lock_for_change(borrower, actor)
    ask_before(locked, actor)
    if writing.business_write(locked, changes):
        tell_after(locked, actor)
        record(Tag.BORROWER_CHANGED, actor=actor, subject=locked)
    return locked


@act
def group_create(*, actor: Actor, name: str) -> BorrowerGroup:
    """Name a new group of related businesses."""
    authorize(actor, Permission.BORROWER_EDIT)
    words = " ".join(name.split())
    if not words or len(words) > 200:
        raise BadInput({"name": [_("Enter a name of at most 200 characters.")]})
    group = BorrowerGroup.objects.create(name=words)
    record(Tag.BORROWER_GROUP_CREATED, actor=actor, subject=group)
    return group


@act
def group_assign(*, actor: Actor, borrower: Borrower, group: BorrowerGroup | None, new_name: str = "") -> Borrower:
    """Put a business into a related group (a new one when it is named), or out of it: exposure and duties count together."""
    locked = lock_for_change(borrower, actor)
    wanted = group_create(actor=actor, name=new_name) if new_name else group
    if locked.group_id == (wanted.pk if wanted else None):
        return locked
    left, locked.group = locked.group, wanted
    locked.save(update_fields=["group"])
    emptied = [left] if left is not None and group_name_drop(left) else []
    record(Tag.BORROWER_GROUPED, actor=actor, subject=locked, touched=[*([wanted] if wanted else []), *emptied])
    return locked


def group_name_drop(group: BorrowerGroup) -> bool:
    """Blank the name of a group that nobody living is left in, as nothing else would ever forget it; returns whether it did."""
    BorrowerGroup.objects.select_for_update().get(pk=group.pk)
    if group.members.filter(forgotten_at=None).exists():
        return False
    group.name = ""
    group.save(update_fields=["name"])
    return True
