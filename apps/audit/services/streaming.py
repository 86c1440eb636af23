"""Streams sealed events to the receiver that is set: in the order of the tree, each at least once.

The cursor moves only after the receiver has the batch, in the same statement that keeps the lease. Nothing is held open while
the network is waited for: a dead receiver costs its own thread a few seconds and nobody else anything.
"""

from __future__ import annotations

import datetime as dt
import http.client
import logging
import uuid

from django.db.models import Q
from django.utils import timezone

from apps.audit.models import AuditStream
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.stream.destination import Destination
from apps.audit.stream.due import BATCH, due_from
from apps.audit.tags import Tag
from apps.core.actor import Actor

LEASE = dt.timedelta(minutes=2)  # longer than a batch may take
JOB = "stream"

logger = logging.getLogger(__name__)


def log_stream(*, actor: Actor, to: Destination, batch: int = BATCH) -> int:
    """Send what the receiver has not got; returns how many events. What fails is kept for the next round, on record once."""
    holder, done = uuid.uuid4().hex, 0
    stream = _claimed(to.name, holder)
    if stream is None:
        return 0
    try:
        while due := due_from(stream.leaf, batch):
            to.send(due)
            stream.leaf = due[-1].leaf + 1
            if not _moved(stream, holder):
                return done
            done += len(due)
    except (OSError, http.client.HTTPException) as problem:
        _failed(stream, problem, actor)
    finally:
        AuditStream.objects.filter(pk=to.name, holder=holder).update(holder="", leased_until=None)
    return done


def _claimed(name: str, holder: str) -> AuditStream | None:
    """Take the lease, unless somebody has it."""
    now = timezone.now()  # wall time: a simulated clock must not keep a lease
    AuditStream.objects.get_or_create(name=name)
    free = AuditStream.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=name)
    if not free.update(holder=holder, leased_until=now + LEASE):
        return None
    return AuditStream.objects.get(pk=name)


def _moved(stream: AuditStream, holder: str) -> bool:
    """Move the cursor and keep the lease; false where it was lost meanwhile, and another sends the same once more."""
    now = timezone.now()
    mine = AuditStream.objects.filter(pk=stream.pk, holder=holder)
    moved = mine.update(leaf=stream.leaf, sent_at=now, failing_since=None, problem="", leased_until=now + LEASE)
    return bool(moved)


def _failed(stream: AuditStream, problem: Exception, actor: Actor) -> None:
    logger.warning("the receiver of the log has not got %s: %s", stream.leaf, type(problem).__name__)
    fresh = AuditStream.objects.filter(pk=stream.pk, failing_since=None)
    first = fresh.update(failing_since=timezone.now())
    AuditStream.objects.filter(pk=stream.pk).update(problem=type(problem).__name__)
    if first:
        _tell(actor=actor, stream=stream, problem=problem)


@act
def _tell(*, actor: Actor, stream: AuditStream, problem: Exception) -> None:
    note = {"job": JOB, "receiver": stream.pk, "leaf": stream.leaf, "error": type(problem).__name__}
    record(Tag.JOB_FAILED, actor=actor, note=note, outcome="failed")
