"""Announcements: written by an administrator, shown from one moment to another, put away by each reader for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.portal.models import Announcement, AnnouncementPutAway, Audience

FIELDS = ("kind", "audience", "begins_at", "ends_at", "title_en", "title_zh", "text_en", "text_zh")
MOST_SHOWN = 5
MOST_LISTED = 200


@act
def announce(*, actor: Actor, announcement: Announcement | None, values: Mapping[str, Any]) -> Announcement:
    """Write an announcement, or change one that is not over; one person publishes it, and the log holds every wording."""
    authorize(actor, Permission.ANNOUNCE)
    if values["ends_at"] <= max(values["begins_at"], clock.now()):
        raise BadInput({"ends_at": [_("Choose a moment that is still to come, after the beginning.")]})
    row = Announcement() if announcement is None else _standing(announcement)
    if announcement is None and actor.person_id is not None:
        row.written_by_id = actor.person_id
    for name in FIELDS:
        setattr(row, name, values[name])
    row.save()
    record(Tag.ANNOUNCED if announcement is None else Tag.ANNOUNCEMENT_CHANGED, actor=actor, subject=row)
    return row


@act
def announcement_end(*, actor: Actor, announcement: Announcement) -> Announcement:
    """Take an announcement down before its time; one that is over stays as it is."""
    authorize(actor, Permission.ANNOUNCE)
    row = _standing(announcement)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    record(Tag.ANNOUNCEMENT_ENDED, actor=actor, subject=row)
    return row


def _standing(announcement: Announcement) -> Announcement:
    row = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if row.state == "over":
        raise Refused("over", _("This announcement is over. Write a new one."), subject=row)
    return row


def announcement_put_away(*, actor: Actor, announcement: Announcement) -> None:
    """Show an announcement to this account no more; no act, as it decides nothing."""
    if actor.account_id is not None:
        AnnouncementPutAway.objects.get_or_create(announcement=announcement, account_id=actor.account_id)


def shown_to(actor: Actor | None) -> list[Announcement]:
    """Announcements for a reader now, the newest first, without those put away; strangers see what is for everybody. One query."""
    rows = _now()
    if actor is None or not (actor.is_person or actor.is_borrower):
        return list(rows.filter(audience=Audience.ALL)[:MOST_SHOWN])
    own = Audience.PORTAL if actor.is_borrower else Audience.STAFF
    away = AnnouncementPutAway.objects.filter(announcement=OuterRef("pk"), account_id=actor.account_id or 0)
    return list(rows.filter(audience__in=(own, Audience.ALL)).exclude(Exists(away))[:MOST_SHOWN])


def _now() -> QuerySet[Announcement]:
    at = clock.now()
    return Announcement.objects.filter(begins_at__lte=at, ends_at__gt=at, ended_at=None).order_by("-begins_at", "-id")


def announcement_get(pk: int) -> Announcement:
    """An announcement; raises ``NotVisible``."""
    found = Announcement.objects.filter(pk=pk).first()
    if found is None:
        raise NotVisible(action=Permission.ANNOUNCE)
    return found


def announcements_all() -> list[Announcement]:
    """All announcements, the last to end first."""
    return list(Announcement.objects.order_by("-ends_at", "-id")[:MOST_LISTED])
