"""The institution's paying accounts: entered by one person, confirmed by another, both with a fresh factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.rules import compact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.money import MINOR_UNITS
from apps.core.permissions import Permission
from apps.disbursement.models import PayingAccount
from apps.vault.services import installation_owner

LONGEST = 34  # ISO 20022 takes no longer account number
LIMITS = {"bank_name": 120, "bank_code": 40}


@dataclass(frozen=True, slots=True)
class PayingData:
    """An account as somebody enters it."""

    currency: str
    number: str
    bank_name: str
    bank_code: str = ""


def _authorize(actor: Actor, subject: PayingAccount | None = None) -> None:
    authorize(actor, Permission.PAYING_ACCOUNT_MANAGE)
    if actor.person_id is None:
        raise Refused("permission", _("Two members of staff set the paying account."), subject=subject)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=subject, action=Permission.PAYING_ACCOUNT_MANAGE)


@act
def paying_account_enter(*, actor: Actor, data: PayingData) -> PayingAccount:
    """Enter the account that a currency is paid from; nothing is paid from it before another person confirms it."""
    _authorize(actor)
    _check(data)
    if PayingAccount.objects.filter(currency=data.currency, ended_at=None, confirmed_at=None).exists():
        raise BadInput({"currency": [_("An account in this currency waits to be confirmed already.")]})
    account = PayingAccount.objects.create(
        key_owner=installation_owner(),
        currency=data.currency,
        number=compact(data.number),
        bank_name=data.bank_name.strip(),
        bank_code=data.bank_code.strip(),
        entered_by_id=actor.person_id or 0,
    )
    record(Tag.PAYING_ACCOUNT_ENTERED, actor=actor, subject=account)
    return account


def _check(data: PayingData) -> None:
    errors: dict[str, list[Any]] = {}
    if data.currency not in MINOR_UNITS:
        errors["currency"] = [_("Choose a currency.")]
    if not 4 <= len(compact(data.number)) <= LONGEST:
        errors["number"] = [_("Enter the account number: 4 to %(most)s letters and digits.") % {"most": LONGEST}]
    if not data.bank_name.strip():
        errors["bank_name"] = [_("Name the bank that keeps the account.")]
    for name, limit in LIMITS.items():
        if len(getattr(data, name)) > limit:
            errors[name] = [_("Use at most %(limit)s characters.") % {"limit": limit}]
    if errors:
        raise BadInput(errors)


@act
def paying_account_confirm(*, actor: Actor, account: PayingAccount, number: str) -> PayingAccount:
    """Confirm an account that another person entered, by entering its number again; the one before it ends.

    Payments prepared from the old account are no longer released: they are taken back and prepared anew.
    """
    current = _to_decide(actor, account)
    if compact(number) != current.number.reveal():
        raise BadInput({"number": [_("This is not the number that was entered: ask who entered it, or reject it.")]})
    now, before = clock.now(), _in_force(current.currency)
    if before is not None:
        before.ended_at = now
        before.save(update_fields=["ended_at"])
    current.confirmed_by_id, current.confirmed_at = actor.person_id, now
    current.save(update_fields=["confirmed_by", "confirmed_at"])
    record(Tag.PAYING_ACCOUNT_CONFIRMED, actor=actor, subject=current)
    return current


@act
def paying_account_reject(*, actor: Actor, account: PayingAccount) -> PayingAccount:
    """Do away with an account that waits; who entered it may take it back too."""
    current = _to_decide(actor, account, own=True)
    current.ended_at = clock.now()
    current.save(update_fields=["ended_at"])
    record(Tag.PAYING_ACCOUNT_REJECTED, actor=actor, subject=current)
    return current


def _to_decide(actor: Actor, account: PayingAccount, *, own: bool = False) -> PayingAccount:
    _authorize(actor, account)
    current = PayingAccount.objects.select_for_update(of=("self",)).select_related("key_owner").get(pk=account.pk)
    if current.confirmed_at is not None or current.ended_at is not None:
        raise Refused("state", _("This account has been decided already."), subject=current)
    if not own and current.entered_by_id == actor.person_id:
        raise Refused(
            "another_person", _("You entered this account yourself: another person confirms it."), subject=current
        )
    return current


def _in_force(currency: str) -> PayingAccount | None:
    rows = PayingAccount.objects.select_for_update(of=("self",))
    return rows.filter(currency=currency, ended_at=None, confirmed_at__isnull=False).first()
