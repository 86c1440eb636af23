"""Saved filters of the audit explorer: each reader keeps, uses and deletes their own."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.models import SavedFilter
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.core.permissions import Permission

MOST = 20


def filters_of(actor: Actor) -> list[SavedFilter]:
    """Filters that the actor has saved, by name."""
    return list(SavedFilter.objects.filter(owner_id=actor.account_id))


@act
def filter_save(*, actor: Actor, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the actor's own of that name is replaced. At most twenty a person."""
    authorize(actor, Permission.AUDIT_VIEW)
    if not query:
        raise BadInput(_("Choose at least one filter before you save them."))
    owner = Account.objects.select_for_update().get(pk=actor.account_id or 0)  # two windows at once must see each other
    mine = SavedFilter.objects.filter(owner=owner)
    saved = mine.filter(name=name).first() or SavedFilter(owner=owner, name=name)
    if saved.pk is None and mine.count() >= MOST:
        raise BadInput({"name": [_("You have twenty saved filters. Delete one first.")]})
    saved.query = query
    saved.save()
    record(Tag.FILTER_SAVED, actor=actor, subject=saved)
    return saved


@act
def filter_delete(*, actor: Actor, uuid: UUID) -> None:
    """Delete one of the actor's own filters; anybody else's is not visible."""
    authorize(actor, Permission.AUDIT_VIEW)
    saved = SavedFilter.objects.select_for_update().filter(uuid=uuid, owner_id=actor.account_id).first()
    if saved is None:
        raise NotVisible(action=Tag.FILTER_DELETED)
    saved.delete()
    record(Tag.FILTER_DELETED, actor=actor)
