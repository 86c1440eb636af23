"""What waits for one person: cases they hold, notices they have not read. Counted no further than "99+"."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import BigIntegerField

from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import Page, decode, encode
from apps.core.prepared import Prepared
from apps.workflow.models import LoanCase, Notice
from apps.workflow.states import OPEN, State

MOST = 100
ACTIVE = tuple(state for state in OPEN if state != State.WAITING)
"""States in which a case waits for its holder."""


_HELD: Prepared[int] = Prepared(
    lambda person: (
        LoanCase.objects.filter(holder_id=person, state__in=ACTIVE).order_by().values_list("pk", flat=True)[:MOST]
    ),
    {"person": BigIntegerField()},
)
_UNREAD: Prepared[int] = Prepared(
    lambda person: Notice.objects.filter(person_id=person, read_at=None).order_by().values_list("pk", flat=True)[:MOST],
    {"person": BigIntegerField()},
)


def held_count(actor: Actor) -> int:
    """Number of open cases that the actor's person holds and that do not wait for the borrower."""
    return len(_HELD.rows(person=actor.person_id)) if actor.person_id else 0


def late_count(actor: Actor) -> int:
    """Number of those that are past their deadline."""
    late = LoanCase.objects.filter(holder_id=actor.person_id, due_at__lt=clock.now(), state__in=OPEN)
    return late[:MOST].count() if actor.person_id else 0


def unread_count(actor: Actor) -> int:
    """Number of notices that the actor's person has not read."""
    return len(_UNREAD.rows(person=actor.person_id)) if actor.person_id else 0


def notices_of(actor: Actor, cursor: str = "", limit: int = 30) -> Page[Notice]:
    """The person's notices, newest first, with their cases."""
    rows = Notice.objects.filter(person=actor.person_id).select_related("case").order_by("-id")
    after = decode(cursor)
    if after and isinstance(after[-1], int):
        rows = rows.filter(id__lt=after[-1])
    found: Sequence[Notice] = list(rows[: limit + 1])
    more = encode([found[limit - 1].pk]) if len(found) > limit else ""
    return Page(found[:limit], more, not cursor)
