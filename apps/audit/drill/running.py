"""Does all that the drill does and tells, attack by attack, what was found, how fast, and the first bad record."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.db import DatabaseError, transaction

from apps.audit.drill.attempts import REFUSED, SURVIVED, silence
from apps.audit.drill.staging import Stage, staged
from apps.audit.drill.tampering import TAMPERINGS, Tampering
from apps.audit.drill.unlocked import unlocked
from apps.audit.images import image
from apps.audit.models import AuditEvent, AuditTouch
from apps.audit.signing import forget_keys
from apps.audit.touched import Op, object_key
from apps.audit.verify import verify
from apps.vault.models import KeyOwner


class AlreadyBroken(Exception):
    """The log is not intact before anything is done to it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One attack: whether it was found (or refused, or survived), in how many seconds, and by what."""

    attack: str
    found: bool
    seconds: float
    words: str


def drilled() -> Iterator[Finding]:
    """Attack the database of the moment, which must be a copy; raises ``AlreadyBroken``."""
    stage = staged()
    before = verify()
    if before.first_bad is not None:
        raise AlreadyBroken(before.first_bad.words)
    for name, attempt in REFUSED.items():
        yield _timed(name, partial(_refused, attempt, stage))
    yield _timed("disable a trigger", partial(_found, silence, stage, locks_on=True))
    for name, tampering in TAMPERINGS.items():
        yield _timed(name, partial(_found, tampering, stage))
    for name, survived in SURVIVED.items():
        yield _timed(name, partial(_survived, survived, stage))


def _timed(name: str, attack: Callable[[], tuple[bool, str]]) -> Finding:
    start = time.perf_counter()
    found, words = attack()
    return Finding(name, found, time.perf_counter() - start, words)


def _refused(attempt: Tampering, stage: Stage) -> tuple[bool, str]:
    """Commit, if the database lets us."""
    try:
        with transaction.atomic():
            attempt(stage)
    except DatabaseError as problem:
        return True, f"refused: {str(problem).splitlines()[0]}"
    return False, "the database let it pass"


def _survived(attempt: Callable[[Stage], bool], _stage: Stage) -> tuple[bool, str]:
    """Let something fail on the way, and see that all is well."""
    sound = attempt(_stage)
    return sound, "survived" if sound else "something was lost or done twice"


def _found(tampering: Tampering, stage: Stage, *, locks_on: bool = False) -> tuple[bool, str]:
    """Tamper, verify, and undo it: all in one transaction, so that the next attack finds what this one found."""
    with transaction.atomic():
        if locks_on:
            tampering(stage)
        else:
            with unlocked():
                tampering(stage)
        words = _verified(stage)
        transaction.set_rollback(True)
    forget_keys()
    return bool(words), words or "not found"


def _verified(stage: Stage) -> str:
    report = verify()
    bad = report.first_bad
    if bad is not None:
        where = f"first bad record: event {bad.event}" if bad.event else "of no single event"
        return f"{where} ({bad.kind}): {bad.words}"
    return _rows_changed(stage)


def _rows_changed(stage: Stage) -> str:
    """Hold rows against the image that their last event has of them."""
    for owner in KeyOwner.objects.filter(pk__in=[owner.pk for owner in stage.owners]):
        key = object_key(owner)
        wrote = AuditTouch.objects.filter(object=key, op__in=(Op.CREATE, Op.UPDATE)).order_by("-n")[0]
        told = AuditEvent.objects.get(pk=wrote.event_id).data["touched"]
        if [one["after"] for one in told if one["object"] == key] != [image(owner)]:
            return f"first bad record: {key}, changed since event {wrote.event_id} (row)"
    return ""
