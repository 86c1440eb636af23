"""Sessions: begun by a second factor, refreshed by a step-up, ended by their owner, an administrator or time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.claims import kind_of
from apps.accounts.devices import described
from apps.accounts.models import Account, Person, SessionPulse, SessionRecord
from apps.accounts.rules import ABSOLUTE_LIMIT
from apps.accounts.senders import word_later
from apps.accounts.whereabouts import Whereabouts
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import NotVisible

PULSE_SECONDS = 60
DEVICE_KNOWN = dt.timedelta(days=90)
SESSIONS_LOOKED_AT = 100
PLACES_KEPT = 50
"""Places of one session that are remembered, so that each is told once."""


@act
def session_begin(*, actor: Actor, account: Account, factor: Factor) -> SessionRecord:
    """Open a session for an account whose second factor has just been proved; a device that is new or long unseen is told to its owner."""
    now = clock.now()
    if _is_odd(account, actor.device):
        word_later(account, "device_news")
    here = Whereabouts.of(actor.address, actor.device)
    session = SessionRecord.objects.create(
        account=account, factor=factor, factor_at=now, address=actor.address, device=actor.device[:120],
        factor_network=here.network, factor_device=here.device,
    )  # fmt: skip
    SessionPulse.objects.create(session=session, seen_at=now)
    who = dataclasses.replace(
        actor, kind=kind_of(account), name=account.handle, account_id=account.pk, person_id=account.person_id,
        session=session.uuid.hex, factor=factor, factor_at=now,
    )  # fmt: skip
    record(Tag.SIGNED_IN, actor=who, subject=session, note={"factor": factor.value})
    return session


@act
def session_end(*, actor: Actor, session: SessionRecord, reason: str) -> None:
    """End a session; ending an ended one changes nothing."""
    current = SessionRecord.objects.select_for_update().get(pk=session.pk)
    if current.ended_at is None:
        _end(current, reason)
        tag = Tag.SIGNED_OUT if reason == "signed_out" else Tag.SESSION_ENDED
        record(tag, actor=actor, subject=current, note={"reason": reason})


@act
def session_end_own(*, actor: Actor, session_uuid: UUID) -> None:
    """End one of the actor's own sessions; anybody else's is not visible."""
    session = SessionRecord.objects.filter(uuid=session_uuid).first()
    if session is None or session.account_id != actor.account_id:
        raise NotVisible(action=Tag.SESSION_ENDED)
    session_end(actor=actor, session=session, reason="revoked_by_owner")


@act
def session_end_others(*, actor: Actor, keep: SessionRecord) -> int:
    """End the open sessions of the actor's own person but the one that asks; returns how many ended."""
    if keep.account_id != actor.account_id:
        raise NotVisible(action=Tag.SESSION_ENDED)
    person = keep.account.person
    return sessions_end_of_person(actor=actor, person=person, reason="revoked_by_owner", keep=keep.uuid.hex)


@act
def sessions_end_of_person(*, actor: Actor, person: Person, reason: str, keep: str = "") -> int:
    """End every open session of all of a person's accounts but the one named ``keep``; returns how many ended."""
    return _end_each(actor, SessionRecord.objects.filter(account__person=person), reason, keep)


@act
def sessions_end_of_all(*, actor: Actor, reason: str, keep: str = "") -> int:
    """End every open session of everybody, borrowers too, but the one named ``keep``; returns how many ended."""
    return _end_each(actor, SessionRecord.objects.filter(created_at__gt=clock.now() - ABSOLUTE_LIMIT), reason, keep)


def _end_each(actor: Actor, rows: QuerySet[SessionRecord], reason: str, keep: str) -> int:
    rows = rows.select_for_update().filter(ended_at=None).order_by("pk")
    ending = [row for row in rows if row.uuid.hex != keep]
    for session in ending:
        _end(session, reason)
        record(Tag.SESSION_ENDED, actor=actor, subject=session, note={"reason": reason})
    return len(ending)


def _is_odd(account: Account, device: str) -> bool:
    """Tell whether an account that has been used was not used from a device of this kind lately."""
    rows = SessionRecord.objects.filter(account=account).order_by("-pk").values_list("device", "created_at")
    seen = list(rows[:SESSIONS_LOOKED_AT])
    since = clock.now() - DEVICE_KNOWN
    return bool(seen) and described(device) not in {described(each) for each, at in seen if at > since}


def factor_keep(session: SessionRecord, factor: Factor, actor: Actor) -> None:
    """Note in a session that a factor was proved now, and from where; the caller's act records it."""
    here = Whereabouts.of(actor.address, actor.device)
    session.factor, session.factor_at = factor, clock.now()
    session.factor_network, session.factor_device = here.network, here.device
    session.save(update_fields=["factor", "factor_at", "factor_network", "factor_device"])


@act
def session_moved(*, actor: Actor, session: SessionRecord, here: Whereabouts, changes: Sequence[str]) -> None:
    """Record that a session is used from elsewhere than its factor was proved, once for each place."""
    current = SessionRecord.objects.select_for_update().get(pk=session.pk)
    pair = [here.network, here.device]
    if pair in current.seen_from:
        return
    session.seen_from = current.seen_from = [*current.seen_from, pair][-PLACES_KEPT:]
    current.save(update_fields=["seen_from"])
    note = {"changed": list(changes), "device": here.device, "was": [current.factor_network, current.factor_device]}
    record(Tag.SESSION_MOVED, actor=actor, subject=current, note=note)


def session_seen(session: SessionRecord) -> None:
    """Note that a session is in use, at most once a minute. No act: nobody's duty hangs on it."""
    now = clock.now()
    if (now - session.pulse.seen_at).total_seconds() >= PULSE_SECONDS:
        SessionPulse.objects.filter(session=session).update(seen_at=now)


def _end(session: SessionRecord, reason: str) -> None:
    session.ended_at, session.end_reason = clock.now(), reason
    session.save(update_fields=["ended_at", "end_reason"])
