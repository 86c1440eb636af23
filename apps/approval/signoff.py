"""Signing off: what a person is shown before a signed act, how it is spent once, and what proves who signed.

A challenge holds a random nonce and the fingerprint of the decision shown; it goes to the page sealed by the server and
comes back with the factor. Spending it commits before the act: if the act then fails, one signs again. A passkey signs the
fingerprint itself (class A); without one a factor proved within five minutes stands for the person (class B).
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PasskeyAssertion
from apps.accounts.services.passkeys import Proof, assertion_keep, assertion_take
from apps.approval.models import Policy, SpentNonce
from apps.approval.models.signoff import SignOff
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core import clock, figures
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused, StepUpNeeded
from apps.workflow.models import LoanCase

SALT = "loanflow.approval.challenge"
LIFE = dt.timedelta(minutes=10)
WITH_PASSKEY, WITHOUT = "A", "B"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A nonce with its times; both stand in the decision that is signed."""

    nonce: str
    issued_at: dt.datetime

    @property
    def expires_at(self) -> dt.datetime:
        """Until when it may be answered."""
        return self.issued_at + LIFE


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand signs, and by what: the actor with the factor that counts, and what their passkey has signed, if it has."""

    actor: Actor
    proof: Proof | None = None

    @property
    def factor_class(self) -> str:
        """A where a passkey has signed the decision, B where the person was merely there."""
        return WITHOUT if self.proof is None else WITH_PASSKEY


def hand_of(actor: Actor, fingerprint: str, answer: str) -> Hand:
    """Take what a passkey signed over the fingerprint that was shown; without an answer the actor's own factor has to do.

    The fingerprint's nonce was spent before. Commits by itself; raises ``Refused`` for an answer that proves nothing.
    """
    if not answer:
        return Hand(actor)
    return Hand(*assertion_take(actor=actor, challenge=bytes.fromhex(fingerprint), answer=answer))


def signed_by(hand: Hand, text: str, fingerprint: str, *, subject: Any, action: str) -> dict[str, Any]:
    """Columns of a ``SignOff``, inside the caller's act; raises ``StepUpNeeded`` for a factor that does not sign.

    Whose role needs a passkey signs with it: having used it a moment ago for something else is not enough.
    """
    actor = hand.actor
    if actor.needs_passkey and hand.proof is None:
        message = _("Your role needs a passkey: sign this decision with it.")
        raise Refused("passkey_needed", message, subject=subject, action=action)
    if actor.factor not in {Factor.TOTP, Factor.PASSKEY} or actor.factor_at is None:
        raise StepUpNeeded(subject=subject, action=action)
    person_id, account_id = identity(actor)
    return {
        "person_id": person_id, "account_id": account_id, "decision": text, "fingerprint": fingerprint,
        "factor": actor.factor.value, "factor_class": hand.factor_class, "factor_at": actor.factor_at,
        "signed_at": clock.now(), "assertion": assertion_keep(hand.proof) if hand.proof else None,
    }  # fmt: skip


def signature_record(hand: Hand, signature: SignOff, case: LoanCase) -> None:
    """Put a signature into the log whole, inside the caller's act: whoever holds the event checks it without us."""
    note = {"signoff": note_of(signature)}
    record(Tag.DECISION_SIGNED, actor=hand.actor, subject=signature, case=case, stage=case.stage, note=note)


def note_of(signature: SignOff) -> dict[str, Any]:
    """What the log holds of a signature: the decision's canonical text, and for class A all that the passkey signed."""
    return {"class": signature.factor_class, "decision": signature.decision, **_proved(signature.assertion)}


def _proved(held: PasskeyAssertion | None) -> dict[str, Any]:
    if held is None:
        return {}
    return {
        "passkey": object_key(held.passkey), "key": held.key, "algorithm": held.algorithm,
        "client_data": held.client_data, "authenticator_data": held.authenticator_data, "signature": held.signature,
    }  # fmt: skip


def code_suffices(policy: Policy, amount: Decimal, currency: str) -> bool:
    """Tell whether a policy lets a signature of class B stand for an amount: none in another currency than its own."""
    most = policy.totp_up_to
    return most is None or (currency == policy.currency and amount <= most)


def passkey_lines(policy: Policy, amount: Decimal, currency: str, factor_class: str) -> list[Any]:
    """What keeps a signature of class B from standing for an amount, in a sentence; nothing for class A."""
    if factor_class == WITH_PASSKEY or policy.totp_up_to is None or code_suffices(policy, amount, currency):
        return []
    words = {"most": figures.amount(policy.totp_up_to, policy.currency), "currency": policy.currency}
    return [_("A one-time code signs up to %(currency)s %(most)s; use a passkey for this amount.") % words]


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
