"""Lock-out by account and by address. Attempts are spent before the check, in a transaction of their own.

So neither a roll-back of what follows nor a hundred guesses at once can win a free attempt. The rows are counters
(see ``docs/decisions`` for why not django-axes); every failure and every lock is an event besides.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models, transaction
from django.db.models.functions import Greatest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts.claims import claimant
from apps.accounts.models import Account, FailureCount
from apps.accounts.rules import ACCOUNT_LIMIT, ADDRESS_LIMIT, Limit
from apps.accounts.senders import word_later
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused


@dataclass(frozen=True, slots=True)
class Key:
    """What is counted: a kind such as ``password`` or ``address``, and whose."""

    kind: str
    value: str
    limit: Limit

    @property
    def digest(self) -> str:
        """Stored form; what was typed as a name may be anything, so it is never stored in clear."""
        return salted_hmac("loanflow.lockout", f"{self.kind}:{self.value}", algorithm="sha256").hexdigest()


class LockedOut(Refused):
    """Too many failures; the words are the same whether the account exists or not."""

    status = 429

    def __init__(self, subject: Account | None = None, action: str = Tag.SIGN_IN_FAILED) -> None:
        message = _("Too many attempts. Wait 15 minutes and try again.")
        super().__init__("locked", message, subject=subject, action=action)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt already counted. ``locks``: should it fail, no other follows for a while."""

    keys: tuple[Key, ...]
    locks: bool


def attempt(actor: Actor, account: Account | None, kind: str, name: str = "") -> Attempt:
    """Count an attempt against an account (or the name typed for none) and the caller's address, and commit that.

    Raises ``LockedOut``, on record, when either is locked.
    """
    own = Key(kind, str(account.pk) if account else f"?{name}", ACCOUNT_LIMIT)
    keys = (own, Key("address", actor.address, ADDRESS_LIMIT))
    locks = spend(keys)
    if locks is None:
        _refuse(actor=claimant(actor, account), refusal=LockedOut(account))
    return Attempt(keys, bool(locks))


def note_lock(actor: Actor, account: Account | None, tried: Attempt) -> None:
    """Record, inside the act of a failed attempt, that it locked the account or the address; who owns the account hears of it."""
    if tried.locks:
        record(Tag.LOCKED_OUT, actor=actor, subject=account, note={"minutes": 15})
        if account is not None:
            word_later(account, "attempts_news")


def forgive(tried: Attempt) -> None:
    """Take back an attempt that succeeded: an account's count starts anew, an address's loses one."""
    now = clock.now()
    for key in tried.keys:
        rows = FailureCount.objects.filter(key=key.digest)
        if key.kind == "address":
            rows.update(failures=Greatest(models.F("failures") - 1, 0), locked_until=None)
        else:
            rows.update(failures=0, since=now, locked_until=None)


@act
def _refuse(*, actor: Actor, refusal: Refused) -> None:
    raise refusal


def spend(keys: tuple[Key, ...]) -> bool | None:
    """Count one attempt for each key and commit that; ``None`` where one is locked, else whether this one locks."""
    limits = {key.digest: key.limit for key in keys}
    now = clock.now()
    with transaction.atomic(durable=True):
        blank = [FailureCount(key=digest, since=now) for digest in sorted(limits)]
        FailureCount.objects.bulk_create(blank, ignore_conflicts=True)
        # one order for all, so that no two wait for each other
        rows = list(FailureCount.objects.select_for_update().filter(key__in=limits).order_by("key"))
        if any(row.locked_until is not None and row.locked_until > now for row in rows):
            return None
        locks = [_count(row, limits[row.key]) for row in rows]
        FailureCount.objects.bulk_update(rows, ["since", "failures", "locked_until"])
    return any(locks)


KINDS = ("password", "factor", "enrol")


def is_locked(account: Account) -> bool:
    """Tell whether an account is locked out now."""
    digests = [Key(kind, str(account.pk), ACCOUNT_LIMIT).digest for kind in KINDS]
    return FailureCount.objects.filter(key__in=digests, locked_until__gt=clock.now()).exists()


def unlock(account: Account) -> None:
    """Let an account try again at once; the caller's act records it."""
    digests = [Key(kind, str(account.pk), ACCOUNT_LIMIT).digest for kind in KINDS]
    FailureCount.objects.filter(key__in=digests).update(failures=0, locked_until=None)


def _count(row: FailureCount, limit: Limit) -> bool:
    now = clock.now()
    if now - row.since >= limit.window:
        row.since, row.failures = now, 0
    row.failures += 1
    reached = row.failures >= limit.failures
    row.locked_until = now + limit.lock if reached else None
    return reached
