"""Pure rules of signing in: one-time codes, recovery codes, lock-out and session limits. No clock, no rows."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.utils.crypto import constant_time_compare
from django_otp.oath import TOTP

TOTP_PERIOD = 30  # seconds
TOTP_DIGITS = 6
SECRET_BYTES = 20  # RFC 4226 section 4, R6

INVITATION_LIFE = dt.timedelta(hours=24)
REGISTRATION_LIFE = dt.timedelta(hours=24)
EMAIL_CODE_LIFE = dt.timedelta(minutes=10)
EMAIL_CODE_ATTEMPTS = 5
EMAIL_CODES_AN_HOUR = 5
HOUR = dt.timedelta(hours=1)
EMAIL_CODE_PAUSE = dt.timedelta(seconds=30)
SIGNING_IN_LIFE = dt.timedelta(minutes=10)  # from password to second factor
IDLE_LIMIT = dt.timedelta(minutes=15)
ABSOLUTE_LIMIT = dt.timedelta(hours=12)
STEP_UP_LIMIT = dt.timedelta(minutes=5)
FIRST_HOUR = dt.timedelta(hours=1)  # after enrolling: a passkey added then comes by the same hand as the first factor
RECOVERY_CODES = 10
RECOVERY_LENGTH = 24  # letters: from 112 bits on a code needs no slow hash, and nobody who reads the table finds it
RECOVERY_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # without I, L, O, U, 0 and 1, which are misread


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures within ``window`` lock a key, and for how long."""

    failures: int
    window: dt.timedelta
    lock: dt.timedelta


QUARTER = dt.timedelta(minutes=15)
ACCOUNT_LIMIT = Limit(5, QUARTER, QUARTER)
ADDRESS_LIMIT = Limit(50, QUARTER, QUARTER)  # a whole branch may stand behind one address
REGISTER_FROM_LIMIT = Limit(10, QUARTER, QUARTER)
REGISTER_TO_LIMIT = Limit(3, dt.timedelta(days=1), dt.timedelta(days=1))  # nobody's mailbox is filled through us


class SessionState(StrEnum):
    """Whether a session may go on."""

    LIVE = "live"
    ENDED = "ended"
    IDLE = "idle"
    ABSOLUTE = "absolute"


def session_state(
    *, started: dt.datetime, seen: dt.datetime, ended: dt.datetime | None, now: dt.datetime
) -> SessionState:
    """Judge a session by its times."""
    if ended is not None:
        return SessionState.ENDED
    if now - started >= ABSOLUTE_LIMIT:
        return SessionState.ABSOLUTE
    return SessionState.IDLE if now - seen >= IDLE_LIMIT else SessionState.LIVE


def new_secret() -> str:
    """Make a secret for an authenticator, in base32 as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


class CodeFlaw(StrEnum):
    """What is wrong with a one-time code: its time is over, it was used already, or it is none of this authenticator's now."""

    LATE = "late"
    USED = "used"
    WRONG = "wrong"


def code_step(secret: str, code: str, *, at: dt.datetime, last_step: int, digits: int = TOTP_DIGITS) -> int | CodeFlaw:
    """Time step of a code that counts at ``at``: the present one alone, by our clock, if none so new was accepted before.

    RFC 6238 with a window of one step, so a code lives for ``TOTP_PERIOD`` and no longer, and none counts twice
    (section 5.2). A code that has died may be told from a wrong one; one that is still to come may not: it would be
    good in a moment.
    """
    step, typed = current_step(at), "".join(code.split())
    if _is_of(secret, typed, step, digits):
        return step if step > last_step else CodeFlaw.USED
    return CodeFlaw.LATE if _is_of(secret, typed, step - 1, digits) else CodeFlaw.WRONG


def _is_of(secret: str, typed: str, step: int, digits: int) -> bool:
    return typed.isascii() and constant_time_compare(typed, code_at_step(secret, step, digits))


def current_step(at: dt.datetime) -> int:
    """Time step of a moment."""
    return int(at.timestamp()) // TOTP_PERIOD


def code_at_step(secret: str, step: int, digits: int = TOTP_DIGITS) -> str:
    """Code of a time step."""
    moment = dt.datetime.fromtimestamp(step * TOTP_PERIOD, dt.UTC)
    return f"{_totp(secret, moment, digits).token():0{digits}d}"


def _totp(secret: str, at: dt.datetime, digits: int) -> TOTP:
    algorithm = TOTP(base64.b32decode(secret), step=TOTP_PERIOD, digits=digits)
    algorithm.time = at.timestamp()
    return algorithm


def new_recovery_code() -> str:
    """Make a recovery code such as ``K7QF-9MTR-XW3B-HD5S-Q2VN-8RTC`` (117 bits)."""
    letters = "".join(secrets.choice(RECOVERY_ALPHABET) for _each in range(RECOVERY_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))


def plain_recovery_code(typed: str) -> str:
    """Typed recovery code without hyphens, spaces and case."""
    return "".join(char for char in typed.upper() if char.isalnum())


def recovery_digest(account_uuid: str, code: str) -> str:
    """Digest of a recovery code, bound to its account. Plain SHA-256 suffices from 112 random bits on."""
    return digest("recovery", f"{account_uuid}:{plain_recovery_code(code)}")


def digest(domain: str, value: str) -> str:
    """Domain-separated SHA-256 of a random token."""
    return hashlib.sha256(f"loanflow/{domain}/v1\0{value}".encode()).hexdigest()


def new_token() -> str:
    """Make a token for a link (256 bits)."""
    return secrets.token_urlsafe(32)


def new_handle() -> str:
    """Make a handle for a borrower's account: it stands in logs, so it says nothing of who it is."""
    return f"b-{secrets.token_hex(5)}"


def new_email_code() -> str:
    """Make a six-digit code."""
    return f"{secrets.randbelow(10**6):06d}"
