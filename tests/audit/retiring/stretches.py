"""Logs with old events for tests of retiring: two old batches, then events of today, and two people who agree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from apps.accounts.models import Branch
from apps.audit.models import AuditEvent, AuditHead
from apps.audit.services import record_read
from apps.audit.services.retiring import Retired, stretch_agree, stretch_propose, stretch_retire
from apps.audit.tags import Tag
from apps.audit.tasks import retirer_actor
from apps.core import clock
from apps.core.actor import Actor, ActorKind, Factor
from tests.audit.factories import SYSTEM, branch, rename
from tests.audit.sealing import seal_all

OLD = dt.timedelta(days=400)


def reader(person: int, *, behalf: int | None = None, age: int = 0) -> Actor:
    """Somebody whose factor was proved some minutes ago."""
    at = clock.now() - dt.timedelta(minutes=age)
    return Actor(
        kind=ActorKind.PERSON, name=f"reader-{person}", person_id=person, account_id=person + 100, on_behalf_of=behalf,
        factor=Factor.TOTP, factor_at=at,
    )  # fmt: skip


def old_log() -> tuple[Branch, list[int]]:
    """Two batches of more than a year ago and one of today; returns a branch of the first, and the sizes of the heads."""
    with clock.at(timezone.now() - OLD):
        row = branch()
        branch()
        seal_all()
        rename(row, "Two")
        record_read(Tag.EVENT_OPENED, actor=SYSTEM, subject=row)
        seal_all()
    branch()
    seal_all()
    return row, list(AuditHead.objects.order_by("pk").values_list("pk", flat=True))


def agreed(start: int, stop: int, **behalf: Any) -> AuditEvent:
    """Have one person propose a stretch and another agree, and seal both; returns the proposal."""
    proposed = stretch_propose(actor=reader(3, **behalf), start=start, stop=stop, words="the time is over")
    stretch_agree(actor=reader(4), asked=proposed.pk)
    seal_all()
    return proposed


def retired(start: int, stop: int) -> Retired:
    """Let a stretch retire."""
    return stretch_retire(actor=retirer_actor("test"), asked=agreed(start, stop).pk)
