"""Passkeys: set up, proved, revoked. A challenge is spent first; each proof or failure commits before what it lets happen.

A passkey whose counter does not rise was copied, or answers a second time: it is refused, and says so in the log.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import secrets
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules, selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account, Passkey, PasskeyAssertion, SessionRecord, SpentChallenge
from apps.accounts.passkeys import ceremony
from apps.accounts.passkeys.ceremony import Untrue
from apps.accounts.senders import word_send
from apps.accounts.services import lockout
from apps.accounts.services.passkey_standing import refuse_young, signs_from_new, was_added
from apps.accounts.services.recovering import just_recovered, recovery_hold, rests_on_recovery
from apps.accounts.services.sessions import factor_keep, sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.text import refuse_nul

SALT = "loanflow.accounts.passkey"
NAME_LENGTH = 60
MOST = 20  # passkeys of one account
SESSION = re.compile("[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """A passkey that has just answered: whose it is, what it signed, and when."""

    passkey: Passkey
    challenge: bytes
    answer: ceremony.Answer
    at: dt.datetime


def challenge_seal(account: Account, purpose: str) -> tuple[bytes, str]:
    """Make a challenge of 256 random bits, and the same sealed for one account and purpose, to go to a page and back."""
    challenge = secrets.token_bytes(32)
    return challenge, signing.dumps([challenge.hex(), purpose, account.pk, clock.now().isoformat()], salt=SALT)


@act(commits_refusals=True)
def challenge_spend(*, actor: Actor, account: Account, sealed: str, purpose: str) -> bytes:
    """Spend a challenge, whatever comes of it. Raises ``Refused`` for one that is forged, another's, too old or spent."""
    challenge = _opened(sealed, account, purpose)
    row, is_new = SpentChallenge.objects.get_or_create(nonce=challenge.hex(), defaults={"account": account})
    if not is_new:
        raise Refused("challenge", _("This page was used already. Try again."), subject=account)
    record(Tag.NONCE_SPENT, actor=actor, subject=row, note={"for": purpose})
    return challenge


def _opened(sealed: str, account: Account, purpose: str) -> bytes:
    refusal = Refused("challenge", _("This page is too old or was made for somebody else. Try again."), subject=account)
    try:
        nonce, meant, account_id, issued = signing.loads(sealed, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise refusal from None
    age = clock.now() - dt.datetime.fromisoformat(issued)
    if (meant, account_id) != (purpose, account.pk) or not dt.timedelta(0) <= age <= rules.SIGNING_IN_LIFE:
        raise refusal
    return bytes.fromhex(nonce)


def may_enrol(actor: Actor, account: Account, action: Tag = Tag.FACTOR_ADDED) -> None:
    """Raise unless the actor may add or revoke a passkey: at their own account, with a factor proved just now, or a recovery code.

    Only the first is added with a one-time code; from then on a passkey that is there adds the next, whatever the role.
    """
    strong = actor.is_present(clock.now()) and (actor.factor is Factor.PASSKEY or not selectors.passkeys_of(account))
    if actor.account_id != account.pk or not account.is_staff_kind or not (strong or just_recovered(actor)):
        raise StepUpNeeded(subject=account, action=action)


def passkey_enrol(*, actor: Actor, account: Account, name: str, challenge: str, answer: str) -> Passkey:
    """Keep the passkey that a browser has made over the sealed ``challenge``; raises ``Refused`` for any other answer."""
    may_enrol(actor, account)
    spent = challenge_spend(actor=actor, account=account, sealed=challenge, purpose="enrol")
    return _enrol(actor=actor, account=account, name=name, challenge=spent, answer=answer)


@act
def _enrol(*, actor: Actor, account: Account, name: str, challenge: bytes, answer: str) -> Passkey:
    Account.objects.select_for_update().only("pk").get(pk=account.pk)  # two at once are one after the other
    may_enrol(actor, account)
    title = _name(name)
    try:
        new = ceremony.made(answer, challenge)
    except Untrue as untrue:
        raise _refusal("passkey", untrue.why, account, Tag.FACTOR_ADDED) from None
    found, digest = Passkey.objects.filter(user=account, retired_at=None), _digest(new.credential)
    if found.count() >= MOST or Passkey.objects.filter(credential_digest=digest).exists():
        raise Refused("passkey", _("This passkey is known already, or you have too many."), subject=account)
    signs_from = signs_from_new(actor, account, list(found))
    if rests_on_recovery(actor):
        recovery_hold(actor=actor, account=account)
        passkeys_retire_all(actor=actor, account=account, reason="recovered")
    passkey = Passkey.objects.create(
        user=account, name=title, credential=new.credential, credential_digest=digest, cose=new.cose, key=new.key,
        algorithm=new.algorithm, sign_count=new.sign_count, aaguid=new.aaguid, transports=list(new.transports),
        is_backed_up=new.is_backed_up,
    )  # fmt: skip
    note = {
        "factor": Factor.PASSKEY.value, "credential": new.credential, "key": new.key, "algorithm": new.algorithm,
        "by": actor.factor.value, "signs_from": signs_from, "host": settings.LOANFLOW_PASSKEY_HOST,
    }  # fmt: skip
    record(Tag.FACTOR_ADDED, actor=actor, subject=passkey, note=note)
    word_send(account, "passkey_news")  # whoever did not do this themselves hears of it
    sessions_end_of_person(actor=actor, person=account.person, reason="passkey_added", keep=actor.session)
    return passkey


@act
def passkeys_retire_all(*, actor: Actor, account: Account, reason: str) -> int:
    """Revoke every passkey of an account, whose owner hears of it; returns how many there were.

    Who may is decided by the caller: a recovery, or a floor above (``access.services.people``).
    """
    rows = list(Passkey.objects.select_for_update().filter(user=account, retired_at=None).order_by("pk"))
    for passkey in rows:
        _retire(actor, passkey, reason)
    if rows:
        word_send(account, "passkey_gone")
    return len(rows)


def _retire(actor: Actor, passkey: Passkey, reason: str) -> None:
    passkey.retired_at = clock.now()
    passkey.save(update_fields=["retired_at"])
    record(Tag.FACTOR_RETIRED, actor=actor, subject=passkey, note={"factor": Factor.PASSKEY.value, "reason": reason})


@act
def passkey_retire(*, actor: Actor, account: Account, uuid: UUID) -> Passkey:
    """Revoke one of the actor's own passkeys: it proves nothing from now on. What it has signed stands."""
    if actor.account_id != account.pk:
        raise NotVisible(subject=account, action=Tag.FACTOR_RETIRED)
    if not (actor.is_fresh(clock.now()) or just_recovered(actor)):
        raise StepUpNeeded(subject=account, action=Tag.FACTOR_RETIRED)
    passkey = Passkey.objects.select_for_update().filter(user=account, uuid=uuid, retired_at=None).first()
    if passkey is None:
        raise NotVisible(subject=account, action=Tag.FACTOR_RETIRED)
    _retire(actor, passkey, "owner")
    word_send(account, "passkey_gone")
    sessions_end_of_person(actor=actor, person=account.person, reason="passkey_revoked", keep=actor.session)
    return passkey


def passkey_prove(
    *, actor: Actor, account: Account, challenge: str, answer: str, session: SessionRecord | None = None
) -> None:
    """Prove a passkey over a sealed challenge; with a session this is its step-up.

    Raises ``Refused`` (guards ``challenge``, ``passkey``, ``passkey_counter``), ``LockedOut`` after too many.
    """
    who = claimant(actor, account)
    spent = challenge_spend(actor=who, account=account, sealed=challenge, purpose="prove")
    _tried(who, account, spent, answer, session)


def assertion_take(*, actor: Actor, challenge: bytes, answer: str) -> tuple[Actor, Proof]:
    """Take what a passkey of the actor's has signed over a decision's fingerprint; its nonce is spent by the caller before.

    It steps the session up as well: returns the actor with the factor just proved.
    """
    account = selectors.account_by_id(actor.account_id or 0)
    if account is None:
        raise Refused("permission", _("Only a member of staff signs."), action=Tag.FACTOR_FAILED)
    mine = SessionRecord.objects.filter(account=account, ended_at=None)
    session = mine.filter(uuid=actor.session).first() if SESSION.fullmatch(actor.session) else None
    proof = _tried(actor, account, challenge, answer, session)
    refuse_young(actor=actor, passkey=proof.passkey)
    return dataclasses.replace(actor, factor=Factor.PASSKEY, factor_at=proof.at, displaced=False), proof


def assertion_keep(proof: Proof) -> PasskeyAssertion:
    """Store what a passkey signed, inside the caller's act, which records it."""
    answer, passkey = proof.answer, proof.passkey
    return PasskeyAssertion.objects.create(
        passkey=passkey, challenge=proof.challenge.hex(), credential=passkey.credential, key=passkey.key,
        algorithm=passkey.algorithm, client_data=answer.client_data, authenticator_data=answer.authenticator_data,
        signature=answer.signature,
    )  # fmt: skip


def _tried(actor: Actor, account: Account, challenge: bytes, answer: str, session: SessionRecord | None) -> Proof:
    tried = lockout.attempt(actor, account, "factor")
    proof = _prove(actor=actor, account=account, challenge=challenge, answer=answer, session=session, tried=tried)
    lockout.forgive(tried)
    return proof


@act(commits_refusals=True)
def _prove(
    *, actor: Actor, account: Account, challenge: bytes, answer: str, session: SessionRecord | None, tried: lockout.Attempt
) -> Proof:  # fmt: skip
    try:
        digest = _digest(ceremony.credential_of(answer))
        rows = Passkey.objects.select_for_update().filter(user=account, credential_digest=digest, retired_at=None)
        passkey = rows.first()
        if passkey is None:
            raise Untrue("foreign")
        found = ceremony.proved(answer, challenge, passkey.cose)
        if not was_added(passkey):
            raise Untrue("unrecorded")
    except Untrue as untrue:
        _fail(actor, account, tried, "passkey", untrue.why)
    if (found.sign_count or passkey.sign_count) and found.sign_count <= passkey.sign_count:
        _fail(actor, account, tried, "passkey_counter", "counter")
    now = clock.now()
    passkey.sign_count, passkey.is_backed_up, passkey.last_used_at = found.sign_count, found.is_backed_up, now
    passkey.save(update_fields=["sign_count", "is_backed_up", "last_used_at"])
    if session is not None:
        factor_keep(session, Factor.PASSKEY, actor)
    who = dataclasses.replace(actor, factor=Factor.PASSKEY, factor_at=now)
    note = {"factor": Factor.PASSKEY.value, "step_up": session is not None}
    record(Tag.FACTOR_PROVED, actor=who, subject=passkey, note=note)
    return Proof(passkey, challenge, found, now)


def _fail(actor: Actor, account: Account, tried: lockout.Attempt, guard: str, why: str) -> NoReturn:
    lockout.note_lock(actor, account, tried)
    raise _refusal(guard, why, account, Tag.FACTOR_FAILED)


def _refusal(guard: str, why: str, account: Account, action: str) -> Refused:
    words = (
        _("This passkey may have been copied: its counter did not rise. Revoke it and tell your security officer.")
        if guard == "passkey_counter"
        else _("The passkey's answer does not fit this page. Try again, or use a one-time code.")
    )
    refusal = Refused(guard, words, subject=account, action=action)
    refusal.note = {"why": why}
    return refusal


def _name(typed: str) -> str:
    title = " ".join(typed.split())
    if not title or len(title) > NAME_LENGTH:
        raise BadInput({"name": [_("Name it in at most %(most)s characters.") % {"most": NAME_LENGTH}]})
    try:
        refuse_nul(title)
    except ValidationError as error:
        raise BadInput({"name": list(error.messages)}) from error
    return title


def _digest(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()
