"""Proving a second factor. Each proof or failure commits by itself, before anything it lets happen.

So a code counts once even when what it was typed for rolls back, and a wrong one is never forgotten.
"""

from __future__ import annotations

import dataclasses
from typing import NoReturn

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules, selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account, EmailCode, RecoveryCode, SessionRecord, TotpDevice
from apps.accounts.senders import Origin, codes_by, send_on_commit
from apps.accounts.services import lockout
from apps.accounts.services.recovering import recovery_told
from apps.accounts.services.sessions import factor_keep
from apps.accounts.wording import CODE_FLAWS, PASSKEY_NEEDED
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused


@act
def code_suffices(*, actor: Actor, account: Account) -> None:
    """Raise ``Refused``, on record, where a role of the account needs a passkey and it has one: a code opens nothing then."""
    if selectors.must_use_passkey(account):
        raise Refused("passkey_needed", PASSKEY_NEEDED, subject=account, action=Tag.FACTOR_FAILED)


def totp_prove(*, actor: Actor, account: Account, code: str, session: SessionRecord | None = None) -> None:
    """Prove the authenticator by a code that was never used; with a session this is its step-up.

    Raises ``Refused`` (guard ``code``) for a wrong, late or used code, ``LockedOut`` after too many.
    """
    tried = lockout.attempt(actor, account, "factor")
    _totp(actor=claimant(actor, account), account=account, code=code, session=session, tried=tried)
    lockout.forgive(tried)


def recovery_prove(*, actor: Actor, account: Account, code: str) -> int:
    """Spend a recovery code in place of the authenticator; returns how many are left."""
    tried = lockout.attempt(actor, account, "factor")
    left = _recovery(actor=claimant(actor, account), account=account, code=code, tried=tried)
    lockout.forgive(tried)
    return left


def email_code_prove(*, actor: Actor, account: Account, code: str, session: SessionRecord | None = None) -> None:
    """Prove the newest code that was sent to a borrower; with a session this is its step-up."""
    tried = lockout.attempt(actor, account, "factor")
    _email_code(actor=claimant(actor, account), account=account, code=code, session=session, tried=tried)
    lockout.forgive(tried)


@act
def email_code_send(*, actor: Actor, account: Account, attempt: int = 0) -> str:
    """Send a new code, at most one in 30 seconds and five an hour; returns it for the demo's sign-in page only."""
    now = clock.now()
    Account.objects.select_for_update().only("pk").get(pk=account.pk)  # two requests at once are one after the other
    recent = EmailCode.objects.filter(account=account, created_at__gt=now - rules.HOUR)
    newest = recent.order_by("-created_at").first()
    paused = newest is not None and now - newest.created_at < rules.EMAIL_CODE_PAUSE
    if not account.demo and (paused or recent.count() >= rules.EMAIL_CODES_AN_HOUR):
        raise Refused(
            "throttled", _("A code was sent already. Wait a little before you ask for another."), subject=account
        )
    code = rules.new_email_code()
    row = EmailCode(account=account, expires_at=now + rules.EMAIL_CODE_LIFE)
    row.digest = _email_digest(row, code)
    row.save()
    way = codes_by(account)
    record(Tag.CODE_SENT, actor=claimant(actor, account), subject=row, note={"channel": way})
    minutes = int(rules.EMAIL_CODE_LIFE.total_seconds() // 60)
    send_on_commit(account, "code", {"code": code, "minutes": minutes}, Origin(row.pk, attempt=attempt, by=way))
    return code


def email_code_again(code_id: int, _site: str, attempt: int) -> None:
    """Send a new code in place of one that could not be sent, unless another was asked for or it is too late."""
    lost = EmailCode.objects.select_related("account__person").get(pk=code_id)
    newest = EmailCode.objects.filter(account=lost.account).order_by("-created_at", "-id").first()
    if newest == lost and lost.used_at is None and lost.expires_at > clock.now():
        email_code_send(actor=Actor.system("mail", channel="task"), account=lost.account, attempt=attempt)


@act(commits_refusals=True)
def _totp(*, actor: Actor, account: Account, code: str, session: SessionRecord | None, tried: lockout.Attempt) -> None:
    rows = TotpDevice.objects.select_for_update()
    device = rows.filter(user=account, confirmed=True, retired_at=None).first()
    if device is None:
        _fail(actor, account, tried)
    step = rules.code_step(device.secret.reveal(), code, at=clock.now(), last_step=device.last_step)
    if isinstance(step, rules.CodeFlaw):
        _fail(actor, account, tried, step)
    device.last_step = step
    device.save(update_fields=["last_step"])
    if session is not None:
        factor_keep(session, Factor.TOTP, actor)
    who = dataclasses.replace(actor, factor=Factor.TOTP, factor_at=clock.now())
    record(Tag.FACTOR_PROVED, actor=who, subject=device, note={"step_up": session is not None})


@act(commits_refusals=True)
def _recovery(*, actor: Actor, account: Account, code: str, tried: lockout.Attempt) -> int:
    mine = RecoveryCode.objects.select_for_update().filter(account=account, used_at=None, replaced_at=None)
    row = mine.filter(digest=rules.recovery_digest(account.uuid.hex, code)).first()
    if row is None:
        _fail(actor, account, tried)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    recovery_told(actor=actor, account=account)
    left = RecoveryCode.objects.filter(account=account, used_at=None, replaced_at=None).count()
    record(Tag.RECOVERY_CODE_USED, actor=actor, subject=row, note={"left": left})
    return left


@act(commits_refusals=True)
def _email_code(
    *, actor: Actor, account: Account, code: str, session: SessionRecord | None, tried: lockout.Attempt
) -> None:
    row = EmailCode.objects.select_for_update().filter(account=account).order_by("-created_at", "-id").first()
    if row is None:
        _fail(actor, account, tried)
    row.attempts += 1
    alive = row.used_at is None and row.expires_at > clock.now() and row.attempts <= rules.EMAIL_CODE_ATTEMPTS
    right = alive and constant_time_compare(row.digest, _email_digest(row, "".join(code.split())))
    row.used_at = clock.now() if right else row.used_at
    row.save(update_fields=["attempts", "used_at"])
    if not right:
        _fail(actor, account, tried)
    if session is not None:
        factor_keep(session, Factor.EMAIL, actor)
    note = {"factor": Factor.EMAIL.value, **({"step_up": True} if session is not None else {})}
    record(Tag.FACTOR_PROVED, actor=actor, subject=row, note=note)


def _fail(
    actor: Actor, account: Account, tried: lockout.Attempt, flaw: rules.CodeFlaw = rules.CodeFlaw.WRONG
) -> NoReturn:
    lockout.note_lock(actor, account, tried)
    refusal = Refused("code", CODE_FLAWS[flaw], subject=account, action=Tag.FACTOR_FAILED)
    refusal.note = {} if flaw is rules.CodeFlaw.WRONG else {"why": flaw.value}
    raise refusal


def _email_digest(row: EmailCode, code: str) -> str:
    """Keyed, as six digits alone could be tried out."""
    return salted_hmac("loanflow.email-code", f"{row.uuid.hex}:{code}", algorithm="sha256").hexdigest()
