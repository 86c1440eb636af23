"""Notices that a person has read."""

from __future__ import annotations

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import Notice

MOST = 500


@act
def notices_read(*, actor: Actor) -> int:
    """Mark the actor's unread notices as read; returns how many there were."""
    unread = list(Notice.objects.filter(person=actor.person_id, read_at=None).order_by("-id")[:MOST])
    for notice in unread:
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    if unread:
        record(Tag.NOTICE_READ, actor=actor, note={"count": len(unread)})
    return len(unread)
