"""What the log knows of a passkey: that it was added, and from when it signs. A row alone says neither."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules
from apps.accounts.models import Account, Passkey
from apps.audit.canonical import moment
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core import clock, times
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused


def signs_from_new(actor: Actor, account: Account, live: list[Passkey]) -> str:
    """From when a new passkey signs: at once beside one that does, or in the hour in which the account was set up.

    Whatever else adds one (a one-time code, a recovery code) waits: its owner hears of it by mail before it signs.
    """
    now = clock.now()
    if live and actor.factor is Factor.PASSKEY:
        return max([moment(now), *filter(None, map(signs_from, live))])
    ever = Passkey.objects.filter(user=account).exists()
    begun = account.enrolled_at is not None and now - account.enrolled_at <= rules.FIRST_HOUR
    at_once = begun and not ever and actor.factor is not Factor.RECOVERY
    return moment(now if at_once else now + dt.timedelta(hours=settings.LOANFLOW_PASSKEY_HOURS))


@act
def refuse_young(*, actor: Actor, passkey: Passkey) -> None:
    """Raise ``Refused``, on record, while a passkey does not sign yet."""
    since = signs_from(passkey)
    if since is None or moment(clock.now()) < since:
        when = times.exact(dt.datetime.fromisoformat(since)) if since else ""
        words = _("This passkey was added with a code and signs from %(when)s on. If you did not add it, revoke it.")
        raise Refused("passkey_young", words % {"when": when}, subject=passkey, action=Tag.FACTOR_FAILED)


def was_added(passkey: Passkey) -> bool:
    """Tell whether the log holds that a passkey was added with this key: a row put into the table proves nothing."""
    return _added(passkey) is not None


def signs_from(passkey: Passkey) -> str | None:
    """From which moment a passkey signs, as the log has it since it was added; ``None`` for one that the log does not know."""
    note = _added(passkey)
    return None if note is None else note.get("signs_from")


def flaws_in_log(passkey: Passkey, at: str, host: bytes) -> list[str]:
    """What the log says against a signature of a passkey's at a moment, on a host (its SHA-256): nothing, if it holds."""
    note = _added(passkey)
    if note is None:
        return ["enrolment"]
    gone = AuditEvent.objects.filter(
        object=object_key(passkey), action=Tag.FACTOR_RETIRED.value, outcome="done"
    ).first()
    found = {
        "young": at < note.get("signs_from", LATER),
        "revoked": gone is not None and gone.data["at"] < at,
        "host": hashlib.sha256(note.get("host", "").encode()).digest() != host,
    }
    return [name for name, holds in found.items() if holds]


LATER = "9999"  # after every moment


def _added(passkey: Passkey) -> dict[str, Any] | None:
    """The note of the event by which a passkey was added, if it names this key and this owner."""
    told = AuditEvent.objects.filter(object=object_key(passkey), action=Tag.FACTOR_ADDED.value, outcome="done").first()
    if told is None or told.data["note"].get("key") != passkey.key or told.data["account"] != passkey.user_id:
        return None
    note: dict[str, Any] = told.data["note"]
    return note
