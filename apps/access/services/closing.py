"""What somebody who leaves had asked for: nobody answers it any more."""

from __future__ import annotations

from django.db.models import Q

from apps.access.models import RightRequest
from apps.access.ports import Ports
from apps.access.rights import requests_open
from apps.audit.services import record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor

DECLINED = "right_declined"


def requests_close(*, actor: Actor, person_id: int) -> int:
    """Close open requests for rights that are for a person or were asked by them, inside the open act; returns how many.

    Whom such a request was for is told, to have it asked for anew. What the person had agreed to for others goes on.
    """
    theirs = requests_open().filter(Q(person_id=person_id) | Q(asked_by_id=person_id)).order_by("pk")
    rows: list[RightRequest] = list(theirs.select_for_update(of=("self",)).select_related("person__key_owner"))
    for row in rows:
        row.ended_by_id, row.ended_at, row.answer = actor.person_id, clock.now(), "left"
        row.save(update_fields=["ended_by", "ended_at", "answer"])
        note = {"role": row.role, "person": row.person_id, "left": person_id}
        record(Tag.RIGHT_DECLINED, actor=actor, subject=row, note=note)
    Ports.tell(sorted({row.person_id for row in rows} - {person_id}), DECLINED)
    return len(rows)
