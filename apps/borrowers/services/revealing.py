"""Opening what is masked: the look is recorded and committed before anything is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import act, record_read
from apps.audit.tags import Tag
from apps.borrowers import registry
from apps.borrowers.models import BankAccount, Borrower, Party
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.vault.secret import Secret

REVEALABLE: dict[type[Borrower | Party | BankAccount], tuple[str, ...]] = {
    Borrower: ("identifier", "address", "phone", "email"),
    Party: ("name", "id_number", "born_on", "phone", "email"),
    BankAccount: ("holder", "number"),
}
LONGEST_TEXT = 300


@act
def reveal(*, actor: Actor, row: Borrower | Party | BankAccount, field: str, purpose: Purpose) -> str:
    """Return one masked value in clear, for a stated purpose of the catalogue; the look is on record first."""
    borrower = row if isinstance(row, Borrower) else row.borrower
    authorize(actor, Permission.BORROWER_REVEAL, borrower)
    if field not in REVEALABLE[type(row)]:
        raise BadInput({"field": [_("This is not masked.")]})
    _check_purpose(purpose)
    record_read(Tag.BORROWER_REVEALED, actor=actor, subject=row, purpose=purpose, fields=(field,))
    return plain(getattr(row, field))


def _check_purpose(purpose: Purpose) -> None:
    known = dict(registry.Ports.reasons("purpose"))
    if purpose.code not in known:
        raise BadInput({"purpose": [_("Choose why you need to see it.")]})
    if len(purpose.text) > LONGEST_TEXT:
        raise BadInput({"text": [_("Use at most %(limit)s characters.") % {"limit": LONGEST_TEXT}]})


def plain(held: Any) -> str:
    """Text of a secret that a recorded look has opened."""
    value = held.reveal() if isinstance(held, Secret) else held
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")


def borrower_opened(*, actor: Actor, borrower: Borrower, task: str) -> None:
    """Record that a borrower's file was opened, with the purpose that follows from the task."""
    record_read(Tag.BORROWER_FILE_OPENED, actor=actor, subject=borrower, purpose=Purpose(task))
