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

from apps.accounts.models import FailureCount
from apps.accounts.rules import ADDRESS_LIMIT, Limit
from apps.core import clock
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


def address_key(address: str) -> Key:
    """Key of a caller's address."""
    return Key("address", address, ADDRESS_LIMIT)


class LockedOut(Refused):
    """Too many failures; the words are the same whether the account exists or not."""

    status = 429

    def __init__(self) -> None:
        super().__init__("locked", _("Too many attempts. Wait 15 minutes and try again."))


def spend(*keys: Key) -> bool:
    """Count an attempt against every key; raises ``LockedOut`` when one is locked. Commits before it returns.

    Returns whether this attempt, should it fail, locks a key.
    """
    with transaction.atomic(durable=True):
        rows = [_row(key) for key in sorted(keys, key=lambda each: each.digest)]
        locked = any(row.locked_until is not None and row.locked_until > clock.now() for row in rows)
        if not locked:
            last = [_count(row, key) for row, key in zip(rows, sorted(keys, key=lambda each: each.digest), strict=True)]
    if locked:
        raise LockedOut
    return any(last)


def forgive(*keys: Key) -> None:
    """Take back the attempt of a success: an account's count starts anew, an address's loses one."""
    now = clock.now()
    for key in keys:
        rows = FailureCount.objects.filter(key=key.digest)
        if key.kind == "address":
            rows.update(failures=Greatest(models.F("failures") - 1, 0), locked_until=None)
        else:
            rows.update(failures=0, since=now, locked_until=None)


def is_locked(key: Key) -> bool:
    """Tell whether a key is locked now."""
    return FailureCount.objects.filter(key=key.digest, locked_until__gt=clock.now()).exists()


def _row(key: Key) -> FailureCount:
    FailureCount.objects.get_or_create(key=key.digest, defaults={"since": clock.now()})
    return FailureCount.objects.select_for_update().get(key=key.digest)


def _count(row: FailureCount, key: Key) -> bool:
    now = clock.now()
    if now - row.since >= key.limit.window:
        row.since, row.failures = now, 0
    row.failures += 1
    reached = row.failures >= key.limit.failures
    row.locked_until = now + key.limit.lock if reached else None
    row.save(update_fields=["since", "failures", "locked_until"])
    return reached
