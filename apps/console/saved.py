"""Saved filters of the audit explorer and saved views of the lists: each reader keeps, uses and deletes their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Account, Branch
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.models import SavedFilter, Shelf
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.core.permissions import Permission
from apps.workflow.ports import SavedView, Views
from apps.workflow.selectors.scope import branches_in_sight

MOST = 20
MOST_SHOWN = 200
NEEDS: Mapping[str, Permission] = {
    Shelf.AUDIT: Permission.AUDIT_VIEW, Shelf.WORK: Permission.CASE_VIEW, Shelf.CASES: Permission.CASE_VIEW,
}  # fmt: skip
"""Permission that keeping a question to a page needs: that of the page."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a question is kept: its name, whether it opens with the page, and the branch it is shared with."""

    name: str
    is_default: bool = False
    branch: Branch | None = None


def filters_of(actor: Actor, page: str = Shelf.AUDIT) -> list[SavedFilter]:
    """Questions to a page that the actor has saved, by name."""
    return list(SavedFilter.objects.filter(owner_id=actor.account_id, page=page).select_related("branch"))


def views_of(actor: Actor, page: str) -> Views:
    """Saved views that a list offers: the actor's own, and those that leads have shared with a branch in sight. One query."""
    scope = branches_in_sight(actor)
    here = Q(branch__isnull=False) if scope is None else Q(branch_id__in=scope)
    wanted = Q(owner_id=actor.account_id) | (here & Q(owner__is_active=True))
    rows = list(SavedFilter.objects.filter(wanted, page=page).select_related("branch")[:MOST_SHOWN])
    own = [_view(row) for row in rows if row.owner_id == actor.account_id]
    return Views(tuple(own), tuple(_view(row) for row in rows if row.owner_id != actor.account_id))


def _view(row: SavedFilter) -> SavedView:
    return SavedView(row.uuid, row.name, row.query, row.is_default, row.branch.name if row.branch else "")


def filter_own(actor: Actor, uuid: UUID) -> SavedFilter:
    """One of the actor's own; anybody else's, shared or not, is not theirs to change: ``NotVisible``."""
    saved = SavedFilter.objects.select_related("branch").filter(uuid=uuid, owner_id=actor.account_id).first()
    if saved is None:
        raise NotVisible(action=Tag.FILTER_SAVED)
    return saved


@act
def filter_save(*, actor: Actor, query: str, keeping: Keeping, page: str = Shelf.AUDIT) -> SavedFilter:
    """Keep a question under a name; the actor's own of that name is replaced. At most twenty a page."""
    authorize(actor, NEEDS[page])
    if not query:
        raise BadInput(_("Choose at least one filter before you save them."))
    owner = _locked_owner(actor)
    mine = SavedFilter.objects.filter(owner=owner, page=page)
    saved = mine.filter(name=keeping.name).first() or SavedFilter(owner=owner, page=page)
    if saved.pk is None and mine.count() >= MOST:
        raise BadInput({"name": [_("You have twenty saved filters. Delete one first.")]})
    saved.query = query
    return _kept(actor, saved, keeping)


@act
def filter_change(*, actor: Actor, uuid: UUID, keeping: Keeping) -> SavedFilter:
    """Rename one of the actor's own, make it the default, share it or stop that."""
    _locked_owner(actor)
    saved = filter_own(actor, uuid)
    authorize(actor, NEEDS[saved.page])
    same = SavedFilter.objects.filter(owner_id=saved.owner_id, page=saved.page, name=keeping.name)
    if same.exclude(pk=saved.pk).exists():
        raise BadInput({"name": [_("You have another of this name. Choose a name that is free.")]})
    return _kept(actor, saved, keeping)


@act
def filter_delete(*, actor: Actor, uuid: UUID) -> SavedFilter:
    """Delete one of the actor's own; anybody else's is not visible. Returns what it was."""
    saved = SavedFilter.objects.select_for_update().filter(uuid=uuid, owner_id=actor.account_id).first()
    if saved is None:
        raise NotVisible(action=Tag.FILTER_DELETED)
    authorize(actor, NEEDS[saved.page])
    saved.delete()
    record(Tag.FILTER_DELETED, actor=actor)
    return saved


def _locked_owner(actor: Actor) -> Account:
    """Lock the account's row: two windows at once must see each other."""
    return Account.objects.select_for_update().get(pk=actor.account_id or 0)


def _kept(actor: Actor, saved: SavedFilter, keeping: Keeping) -> SavedFilter:
    """Write what is kept; sharing asks for a lead of that branch, and there is one default a page."""
    if keeping.branch is not None and keeping.branch.pk != saved.branch_id:
        saved.branch = keeping.branch
        authorize(actor, Permission.CASE_REASSIGN, saved)
    saved.name, saved.branch, saved.is_default = keeping.name, keeping.branch, keeping.is_default
    before = SavedFilter.objects.filter(owner_id=saved.owner_id, page=saved.page, is_default=True).exclude(pk=saved.pk)
    for other in before if keeping.is_default else ():
        other.is_default = False
        other.save(update_fields=["is_default"])
        record(Tag.FILTER_SAVED, actor=actor, subject=other)
    saved.save()
    record(Tag.FILTER_SAVED, actor=actor, subject=saved)
    return saved
