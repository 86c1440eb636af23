"""Setting up a second factor: an authenticator shown as a QR code, confirmed by one of its codes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules, selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account, RecoveryCode, TotpDevice
from apps.accounts.senders import word_send
from apps.accounts.services import lockout
from apps.accounts.services.passkeys import passkeys_retire_all
from apps.accounts.services.recovering import just_recovered, recovery_hold, rests_on_recovery
from apps.accounts.wording import CODE_FLAWS
from apps.audit.canonical import moment
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused, StepUpNeeded


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A confirmed authenticator with the recovery codes, which are shown this once."""

    device: TotpDevice
    recovery_codes: tuple[str, ...]


@act
def device_prepare(*, actor: Actor, account: Account) -> TotpDevice:
    """Make an authenticator that waits for its first code; an older waiting one is retired."""
    _may_prepare(actor, account)
    _retire(Q(user=account, confirmed=False))
    device = TotpDevice.objects.create(
        user=account, key_owner=account.person.key_owner, secret=rules.new_secret(), name="totp", confirmed=False
    )
    record(Tag.FACTOR_ADDED, actor=actor, subject=device, note={"confirmed": False})
    return device


def device_confirm(*, actor: Actor, account: Account, code: str) -> Enrolled:
    """Confirm the waiting authenticator by a code of it, which is thereby used; raises ``Refused`` for a wrong one."""
    tried = lockout.attempt(actor, account, "enrol")
    enrolled = _confirm(actor=claimant(actor, account), account=account, code=code, tried=tried)
    lockout.forgive(tried)
    return enrolled


@act
def recovery_codes_make(*, actor: Actor, account: Account) -> tuple[str, ...]:
    """Replace an account's recovery codes by ten new ones; needs a fresh one-time code."""
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=account, action=Tag.RECOVERY_CODES_MADE)
    word_send(account, "factor_news")
    return _new_codes(actor, account)


@act(commits_refusals=True)
def _confirm(*, actor: Actor, account: Account, code: str, tried: lockout.Attempt) -> Enrolled:
    _may_prepare(actor, account)
    device = TotpDevice.objects.select_for_update().filter(user=account, confirmed=False, retired_at=None).last()
    if device is None:
        raise Refused("enrolment", _("There is no authenticator to confirm. Begin again."), subject=account)
    step = rules.code_step(device.secret.reveal(), code, at=clock.now(), last_step=device.last_step)
    if isinstance(step, rules.CodeFlaw):
        lockout.note_lock(actor, account, tried)
        message = _("This code does not fit. Check that your phone's clock is right and try the next code.")
        words = message if step is rules.CodeFlaw.WRONG else CODE_FLAWS[step]
        raise Refused("code", words, subject=device, action=Tag.FACTOR_FAILED)
    return Enrolled(device, _take_up(actor, account, device, step))


def _take_up(actor: Actor, account: Account, device: TotpDevice, step: int) -> tuple[str, ...]:
    now = clock.now()
    who = dataclasses.replace(actor, factor=Factor.TOTP, factor_at=now)
    _retire(Q(user=account, confirmed=True))
    device.confirmed, device.confirmed_at, device.last_step = True, now, step
    device.save(update_fields=["confirmed", "confirmed_at", "last_step"])
    recovered = rests_on_recovery(actor)
    if account.enrolled_at is not None and not recovered:
        word_send(account, "factor_news")  # whoever did not do this themselves hears of it
    account.enrolled_at = account.enrolled_at or now
    account.save(update_fields=["enrolled_at"])
    note = {"factor": Factor.TOTP.value}
    if recovered:
        note["signs_from"] = moment(recovery_hold(actor=actor, account=account))
    record(Tag.ENROLLED, actor=who, subject=account, note=note)
    if recovered:
        passkeys_retire_all(actor=who, account=account, reason="recovered")
    return _new_codes(who, account)


def _may_prepare(actor: Actor, account: Account) -> None:
    """Nobody replaces a factor without the one before it: a fresh code of it, or a recovery code just used."""
    if account.enrolled_at is None:
        if not selectors.may_enrol(account):
            raise Refused("invitation", _("The time to enrol has passed. Ask for a new invitation."), subject=account)
        return
    if actor.account_id != account.pk or not (actor.is_fresh(clock.now()) or just_recovered(actor)):
        raise StepUpNeeded(subject=account, action=Tag.FACTOR_ADDED)


def _retire(which: Q) -> None:
    for device in TotpDevice.objects.select_for_update().filter(which, retired_at=None):
        device.retired_at = clock.now()
        device.save(update_fields=["retired_at"])


def _new_codes(actor: Actor, account: Account) -> tuple[str, ...]:
    now = clock.now()
    for old in RecoveryCode.objects.select_for_update().filter(account=account, used_at=None, replaced_at=None):
        old.replaced_at = now
        old.save(update_fields=["replaced_at"])
    codes = tuple(rules.new_recovery_code() for _each in range(rules.RECOVERY_CODES))
    for code in codes:
        RecoveryCode.objects.create(account=account, digest=rules.recovery_digest(account.uuid.hex, code))
    record(Tag.RECOVERY_CODES_MADE, actor=actor, subject=account, note={"codes": len(codes)})
    return codes
