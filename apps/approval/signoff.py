"""Challenges: what a person is shown before a signed act, and how it is spent once. Any act that is signed uses them.

A challenge holds a random nonce and the fingerprint of the decision shown; it goes to the page sealed by the server and
comes back with the factor. Spending it commits before the act: if the act then fails, one signs again.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.approval.models import SpentNonce
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused

SALT = "loanflow.approval.challenge"
LIFE = dt.timedelta(minutes=10)
CLASS_OF = {Factor.TOTP: "B", Factor.PASSKEY: "A"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A nonce with its times; both stand in the decision that is signed."""

    nonce: str
    issued_at: dt.datetime

    @property
    def expires_at(self) -> dt.datetime:
        """Until when it may be answered."""
        return self.issued_at + LIFE


def challenge_new() -> Challenge:
    """Make a challenge now, with 256 random bits."""
    return Challenge(secrets.token_hex(32), clock.now())


def identity(actor: Actor) -> tuple[int, int]:
    """Person and account of who signs; raises ``Refused`` for a system or a stranger."""
    if actor.person_id is None or actor.account_id is None:
        raise Refused("permission", _("Only a member of staff signs."))
    return actor.person_id, actor.account_id


def challenge_seal(challenge: Challenge, fingerprint: str, actor: Actor) -> str:
    """Seal a challenge and the fingerprint shown with it, for one account."""
    held = [challenge.nonce, challenge.issued_at.isoformat(), fingerprint, actor.account_id]
    return signing.dumps(held, salt=SALT, compress=True)


@act(commits_refusals=True)
def challenge_spend(*, actor: Actor, sealed: str) -> tuple[Challenge, str]:
    """Spend a challenge, whatever comes of the act it was made for; returns it with the fingerprint that was shown.

    Raises ``Refused`` (guard ``challenge``) for one that is forged, another's, too old, or spent already.
    """
    challenge, fingerprint = _opened(sealed, actor)
    _person_id, account_id = identity(actor)
    row, is_new = SpentNonce.objects.get_or_create(nonce=challenge.nonce, defaults={"account_id": account_id})
    if not is_new:
        raise Refused("challenge", _("This confirmation was used already. Look at the page again and sign anew."))
    record(Tag.NONCE_SPENT, actor=actor, subject=row, note={"fingerprint": fingerprint})
    return challenge, fingerprint


def _opened(sealed: str, actor: Actor) -> tuple[Challenge, str]:
    try:
        nonce, issued, fingerprint, account_id = signing.loads(sealed, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise Refused("challenge", _("This page was not made for you to sign. Open it again.")) from None
    if account_id != actor.account_id:
        raise Refused("challenge", _("This page was not made for you to sign. Open it again."))
    challenge = Challenge(nonce, dt.datetime.fromisoformat(issued))
    if not challenge.issued_at <= clock.now() <= challenge.expires_at:
        raise Refused("challenge", _("You looked at this page more than ten minutes ago. Look again and sign anew."))
    return challenge, fingerprint
