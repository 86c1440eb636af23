"""Stretches of the log retire: one person proposes, another agrees, and then the bodies go, archived, in one transaction.

The log alone says what was agreed to. What two people signed is looked at again before anything goes: their codes, that both
events are sealed, and that since the proposal nobody has placed a hold or set a time of keeping. The stretch is in the archive,
verified, before its bodies leave the database; its hash stands in the event that tells of it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.audit.agreements import askers_of
from apps.audit.body import Purpose
from apps.audit.bundle.choosing import Stretch
from apps.audit.models import AuditEvent, AuditLeaf, AuditRetired, AuditStub
from apps.audit.retiring.agreed import Proposal, State, is_agreed, proposal, proposals
from apps.audit.retiring.archive import archived
from apps.audit.retiring.due import Places, places, refuse_kept
from apps.audit.retiring.stubs import Stub, chained, stubs_of
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused, StepUpNeeded

LOCK = 0x5EA2  # of all who propose, agree to or carry out a retirement
CHANGES_KEEPING = (Tag.HOLD_PLACED, Tag.RETENTION_SET)
GONE = "DELETE FROM audit_event WHERE id IN (SELECT id FROM audit_stub WHERE stretch = %s)"


@act
def stretch_propose(*, actor: Actor, start: int, stop: int, words: str) -> AuditEvent:
    """Propose that the leaves from ``start`` up to, and without, ``stop`` retire; the caller has checked permission and scope."""
    _refuse_machines(actor, Tag.STRETCH_PROPOSED)
    _lock()
    if any(each.state in {State.WAITING, State.AGREED} for each in proposals()):
        raise Refused(
            "one", _("Another stretch is under way. One retires after the other."), action=Tag.STRETCH_PROPOSED
        )
    stretch = places(start, stop)
    refuse_kept(stretch)
    note = {"from": start, "to": stop, "first": stretch.first, "last": stretch.last}
    return record(Tag.STRETCH_PROPOSED, actor=actor, purpose=Purpose("retention", words.strip()), note=note)


@act
def stretch_agree(*, actor: Actor, asked: int) -> AuditEvent:
    """Agree as the second person, with a fresh factor; the caller has checked permission and scope, and enqueues the job."""
    found = _answerable(actor, asked, Tag.STRETCH_AGREED)
    _refuse_own(actor, found)
    _refuse_changed_since(found)
    stretch = places(found.start, found.stop)
    refuse_kept(stretch)
    return record(Tag.STRETCH_AGREED, actor=actor, note={"asked": asked, "from": found.start, "to": found.stop})


@act
def stretch_decline(*, actor: Actor, asked: int) -> AuditEvent:
    """Refuse, or take one's own proposal back."""
    found = _answerable(actor, asked, Tag.STRETCH_DECLINED)
    return record(Tag.STRETCH_DECLINED, actor=actor, note={"asked": asked, "from": found.start, "to": found.stop})


def _answerable(actor: Actor, asked: int, tag: Tag) -> Proposal:
    _refuse_machines(actor, tag)
    _lock()
    found = proposal(asked)
    if found is None or found.state is not State.WAITING:
        raise Refused("answered", _("This proposal is answered already, or its time is over."), action=tag)
    return found


def _refuse_machines(actor: Actor, tag: Tag) -> None:
    if actor.person_id is None:
        raise Refused("person", _("Only people let a stretch of the log retire."), action=tag)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(action=tag)


def _refuse_own(actor: Actor, found: Proposal) -> None:
    if actor.person_id in askers_of(found.proposed):
        words = _("You proposed it yourself: another person has to agree.")
        raise Refused("second_person", words, action=Tag.STRETCH_AGREED)


def _refuse_changed_since(found: Proposal) -> None:
    """What keeps events may have changed since the proposal: rather propose once too often."""
    since = AuditEvent.objects.filter(action__in=CHANGES_KEEPING, outcome="done", pk__gt=found.proposed.pk)
    if since.exists():
        words = _("Since this was proposed, a legal hold was placed or a time of keeping was set. Propose it anew.")
        raise Refused("changed", words, action=Tag.STRETCH_RETIRED)


@dataclasses.dataclass(frozen=True, slots=True)
class Retired:
    """What has retired: the stretch, how many bodies went, the event that tells of it, and the archive's file."""

    start: int
    stop: int
    events: int
    event: int
    file: str


def may_remove() -> bool:
    """Tell whether this connection may take bodies out: on PostgreSQL with roles, the sealer's alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('audit_event', 'DELETE') AND has_table_privilege('audit_stub', 'INSERT')"
        )
        return bool(cursor.fetchone()[0])


def agreed_waiting() -> list[Proposal]:
    """What two people have agreed to and is still there."""
    return [each for each in proposals() if each.state is State.AGREED]


def stretch_retire(*, actor: Actor, asked: int) -> Retired:
    """Carry out what two people have agreed to. Raises ``Refused`` where that cannot be believed or something keeps the stretch,
    ``Unavailable`` where the archive cannot be written; then nothing is gone.
    """
    found = _believed(asked)
    stretch = Stretch(found.start, found.stop)
    file = archived(stretch, found.words, actor)
    return _removed(actor=actor, asked=asked, stretch=stretch, file=file)


def _believed(asked: int) -> Proposal:
    found = proposal(asked)
    if found is None or found.state is not State.AGREED or not is_agreed(found.proposed, found.answer):
        raise Refused("agreed", _("Two people have not agreed to this, or not in time."), action=Tag.STRETCH_RETIRED)
    events = [each.pk for each in (found.proposed, found.answer) if each is not None]
    if AuditLeaf.objects.filter(event_id__in=events).count() < len(events):
        words = _("What was agreed to is not sealed yet: try again in a few seconds.")
        raise Refused("unsealed", words, action=Tag.STRETCH_RETIRED)
    _refuse_changed_since(found)
    return found


@act(record_failures=True)
def _removed(*, actor: Actor, asked: int, stretch: Stretch, file: dict[str, Any]) -> Retired:
    """Tell of it, leave the stubs, let the bodies go: all of it or nothing."""
    _lock()
    found = _believed(asked)
    span: Places = places(stretch.start, stretch.end)
    stubs = list(stubs_of(stretch))
    count, digest = chained(stubs)
    answer = found.answer.pk if found.answer else 0
    note = {
        "from": stretch.start, "to": stretch.end, "first": span.first, "last": span.last, "events": count, "stubs": digest,
        "asked": asked, "agreed": answer, "people": [each.data["name"] for each in (found.proposed, found.answer) if each],
        "archive": file,
    }  # fmt: skip
    told = record(Tag.STRETCH_RETIRED, actor=actor, note=note)
    AuditRetired.objects.create(pk=stretch.start, stop=stretch.end, event=told.pk)
    _leave(stretch, stubs)
    return Retired(stretch.start, stretch.end, count, told.pk, file["file"])


def _leave(stretch: Stretch, stubs: list[Stub]) -> None:
    rows = (AuditStub(pk=each.event, stretch=stretch.start, digest=each.digest, images=each.images) for each in stubs)
    AuditStub.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute(GONE, [stretch.start])
        gone = cursor.rowcount
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM audit_gate WHERE stretch = %s", [stretch.start])
    if gone != len(stubs):
        raise Refused(
            "stubs", _("Not every event of the stretch could go: nothing has retired."), action=Tag.STRETCH_RETIRED
        )


def _lock() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
