"""Bank accounts: entered by one person, verified by another, closed but never changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.audit.behind import people_behind
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import writing
from apps.borrowers.models import BankAccount, Borrower, VerifiedHow
from apps.borrowers.rules import AccountData
from apps.borrowers.services.locking import lock_for_change
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission


@act
def bank_account_add(*, actor: Actor, borrower: Borrower, data: AccountData) -> BankAccount:
    """Enter an account of the borrower, or of a supplier for entrusted payment. It takes no money before it is verified."""
    locked = lock_for_change(borrower, actor)
    account = writing.account_write_new(locked, data, actor)
    record(Tag.BANK_ACCOUNT_ADDED, actor=actor, subject=account, touched=[locked])
    return account


@act
def bank_account_verify(*, actor: Actor, account: BankAccount, how: str) -> BankAccount:
    """Confirm that an account belongs to its holder. Refused to who entered it: four eyes."""
    locked = lock_for_change(account.borrower, actor, permission=Permission.BORROWER_REVEAL)
    current = BankAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if actor.person_id is None or current.entered_by_id in actor.persons or people_behind(current) & actor.persons:
        raise Refused("another_person", _("You entered this account yourself: another person has to verify it."),
                      subject=current)  # fmt: skip
    _check_verifiable(current, how)
    current.verified_by_id, current.verified_at, current.verified_how = actor.person_id, clock.now(), how
    current.save(update_fields=["verified_by", "verified_at", "verified_how"])
    record(Tag.BANK_ACCOUNT_VERIFIED, actor=actor, subject=current, touched=[locked])
    return current


def _check_verifiable(account: BankAccount, how: str) -> None:
    if how not in VerifiedHow.values:
        raise BadInput({"how": [_("Say how you verified the account.")]})
    if account.closed_at is not None:
        raise Refused("closed", _("The account is closed. Enter it anew."), subject=account)
    if account.verified_at is not None:
        raise Refused("verified", _("The account is verified already."), subject=account)


@act
def bank_account_close(*, actor: Actor, account: BankAccount) -> BankAccount:
    """Take an account out of use; a changed account is entered anew and verified anew."""
    lock_for_change(account.borrower, actor)
    current = BankAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if current.closed_at is None:
        current.closed_at = clock.now()
        current.save(update_fields=["closed_at"])
        record(Tag.BANK_ACCOUNT_CLOSED, actor=actor, subject=current)
    return current
