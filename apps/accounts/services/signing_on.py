"""What the log holds of signing on with a provider: whom it proved, or why it proved nobody."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.accounts.claims import claimant
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Refused

FAILED = _("Signing on with your institution did not work. Try again, or use name and password.")
"""The same words whatever was wrong: nobody learns from them who has an account."""


@act
def provider_proved(*, actor: Actor, account: Account) -> None:
    """Record that the provider has proved an account's first step; the second factor is still to come."""
    record(Tag.PROVIDER_PROVED, actor=claimant(actor, account), subject=account)


@act
def provider_refuse(*, actor: Actor, why: str, account: Account | None = None) -> None:
    """Raise ``Refused``, on record with the reason."""
    refusal = Refused("provider", FAILED, subject=account, action=Tag.SIGN_IN_FAILED)
    refusal.note = {"why": why}
    raise refusal
