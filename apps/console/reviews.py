"""The periodic review of the log: one reads a stretch of it and signs what they found, another reviews that; late ones show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Account, Institution, Person
from apps.audit.selectors import last_number
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.audit_scope import refuse_part_readers
from apps.console.models import LogReview
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission

SHOWN = 50
SECOND_WITHIN = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Line:
    """A review as the page shows it: who signed and who reviewed, by handle."""

    review: LogReview
    reader: str
    second: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest reviews, the first number that nobody has read, when the next is due, and what is late."""

    lines: list[Line]
    next_first: int
    due_at: dt.datetime | None
    is_overdue: bool
    waiting_late: int


def standing() -> Standing:
    """Return how the reviews stand; three queries."""
    rows = list(LogReview.objects.select_related("read_by__key_owner").order_by("-pk")[:SHOWN])
    people = {person for row in rows for person in (row.read_by_id, row.reviewed_by_id) if person is not None}
    handles = dict(Account.objects.filter(person_id__in=people).values_list("person_id", "handle"))
    lines = [Line(row, handles.get(row.read_by_id, ""), handles.get(row.reviewed_by_id or 0, "")) for row in rows]
    newest = rows[0] if rows else None
    due = newest.created_at + dt.timedelta(days=settings.LOANFLOW_REVIEW_DAYS) if newest else None
    late = LogReview.objects.filter(reviewed_at=None, created_at__lt=clock.now() - SECOND_WITHIN).count()
    return Standing(lines, newest.last + 1 if newest else 1, due, due is None or due <= clock.now(), late)


@act
def log_review_sign(*, actor: Actor, words: str, last: int) -> LogReview:
    """Sign that everything from the last review to the event ``last`` was read, with what was found."""
    authorize(actor, Permission.AUDIT_REVIEW)
    refuse_part_readers(actor)
    reader = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if reader is None:
        raise Refused("person", _("Only a person reviews the log."))
    list(Institution.objects.select_for_update())  # one at a time: each goes on where the last one ended
    newest, most = LogReview.objects.order_by("-pk").first(), last_number()
    first = newest.last + 1 if newest else 1
    if first > most:
        raise BadInput(_("Nothing was written since the last review."))
    if not first <= last <= most:
        raise BadInput({"last": [_("Enter a number from %(first)s to %(most)s.") % {"first": first, "most": most}]})
    made = LogReview(read_by=reader, first=first, last=last, words=words)
    made.save()
    record(Tag.LOG_REVIEW_SIGNED, actor=actor, subject=made, note={"first": first, "last": last})
    return made


@act
def log_review_confirm(*, actor: Actor, uuid: UUID) -> LogReview:
    """Review what another has signed; one's own never."""
    authorize(actor, Permission.AUDIT_REVIEW)
    refuse_part_readers(actor)
    found = LogReview.objects.select_for_update(of=("self",)).filter(uuid=uuid).first()
    if found is None:
        raise NotVisible(action=Tag.LOG_REVIEW_CONFIRMED)
    if found.reviewed_at is not None:
        raise BadInput(_("Somebody has reviewed this already."))
    if actor.person_id is None or found.read_by_id == actor.person_id:
        raise Refused("four_eyes", _("Another person must review what you have signed."), subject=found)
    found.reviewed_by_id, found.reviewed_at = actor.person_id, clock.now()
    found.save(update_fields=["reviewed_by", "reviewed_at"])
    record(Tag.LOG_REVIEW_CONFIRMED, actor=actor, subject=found)
    return found
