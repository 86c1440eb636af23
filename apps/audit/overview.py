"""What the explorer's head says: figures of a day, the last verification, and whether one event's code still fits."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hmac
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from apps.audit.mac import code, unwrapped
from apps.audit.models import AuditCosignature, AuditEvent, AuditHead, AuditLeaf, AuditMacKey, AuditSigningKey
from apps.audit.proofs import leaf_of
from apps.audit.scope import Scope
from apps.audit.seals.due import waiting
from apps.audit.signing import verifier_key
from apps.audit.tags import Tag
from apps.vault.errors import CannotOpen, KeysUnavailable

REVEALS = (Tag.REVEALED, Tag.BORROWER_REVEALED, Tag.VALUES_OPENED)
LATE = 10  # intervals
EXPORTS = (Tag.LOG_EXPORTED, Tag.REPORT_EXPORTED, Tag.CASE_FILE_TAKEN)


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """Looks at masked fields with the people who took them, refusals, exports."""

    reveals: int
    revealers: int
    refused: int
    exports: int


def figures(since: dt.datetime, scope: Scope) -> Figures:
    """Count since a moment, in one query."""
    reveals = Q(action__in=REVEALS, outcome="done")
    counted = AuditEvent.objects.filter(scope.condition(), at__gte=since).order_by().aggregate(
        reveals=Count("pk", filter=reveals),
        revealers=Count("person", filter=reveals, distinct=True),
        refused=Count("pk", filter=Q(outcome="refused")),
        exports=Count("pk", filter=Q(action__in=EXPORTS, outcome="done")),
    )  # fmt: skip
    return Figures(**counted)


@dataclasses.dataclass(frozen=True, slots=True)
class Verified:
    """A verification on record: when, over which numbers, and what it found."""

    at: dt.datetime | None
    first: int
    last: int
    intact: bool
    first_bad: int
    by: str


def last_verified() -> Verified | None:
    """Return the newest verification on record; ``None`` where there is none."""
    event = AuditEvent.objects.filter(action=Tag.LOG_VERIFIED, outcome="done").order_by("-pk").first()
    if event is None:
        return None
    note: dict[str, Any] = event.data.get("note", {})
    bad = int(note.get("first_bad", 0))
    return Verified(event.at, int(note["first"]), int(note["last"]), bool(note["intact"]), bad, event.actor or "")


@dataclasses.dataclass(frozen=True, slots=True)
class Sealing:
    """How far the log is sealed: events in the tree, the number of the last of them and when the head was signed; how many
    events wait, and since when.
    """

    size: int
    last: int
    at: dt.datetime | None
    waiting: int
    oldest: dt.datetime | None

    @property
    def lag(self) -> float:
        """Seconds that the oldest unsealed event has waited; 0 where none does."""
        return max(0.0, (timezone.now() - self.oldest).total_seconds()) if self.oldest else 0.0

    @property
    def is_late(self) -> bool:
        """Tell whether an event has waited for more than ten intervals."""
        return self.lag > LATE * float(settings.LOANFLOW_SEAL_INTERVAL)


def sealing() -> Sealing:
    """Return how far the log is sealed; four queries."""
    head = AuditHead.objects.order_by("-pk").first()
    count, oldest = waiting(head)
    leaf = AuditLeaf.objects.filter(pk=head.pk - 1).first() if head else None
    return Sealing(head.pk if head else 0, leaf.event_id if leaf else 0, head.at if head else None, count, oldest)


def place_of(event: AuditEvent) -> int | None:
    """Place of an event in the tree, counted from 1; ``None`` before it is sealed."""
    leaf = leaf_of(event.pk)
    return None if leaf is None else leaf.pk + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """A head for paper: the signed note with the witnesses' lines, its root in groups of eight digits, and all signing keys."""

    note: str
    root: str
    keys: list[str]


def head_sheet() -> Sheet | None:
    """Return the newest head's sheet; ``None`` before the first sealing."""
    head = AuditHead.objects.order_by("-pk").first()
    if head is None:
        return None
    lines = AuditCosignature.objects.filter(head=head.pk).order_by("witness").values_list("line", flat=True)
    keys = [verifier_key(row).text() for row in AuditSigningKey.objects.order_by("pk")]
    return Sheet(head.note + "".join(lines), bytes(head.root).hex(" ", 4), keys)


class CodeState(StrEnum):
    """What an event's code says of its body."""

    FITS = "fits"
    ALTERED = "altered"
    KEY_MISSING = "key_missing"
    AWAY = "away"


def code_state(event: AuditEvent) -> CodeState:
    """Check one event's code under the key it names."""
    row = AuditMacKey.objects.filter(pk=event.mac_key).first()
    if row is None:
        return CodeState.KEY_MISSING
    try:
        key = unwrapped(row)
    except KeysUnavailable:
        return CodeState.AWAY
    except CannotOpen:
        return CodeState.KEY_MISSING
    fits = hmac.compare_digest(code(key, event.body).encode(), event.mac.encode())
    return CodeState.FITS if fits else CodeState.ALTERED
