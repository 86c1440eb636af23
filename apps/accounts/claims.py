"""Who an unfinished sign-in claims to be: the account is known, nothing is proved yet."""

from __future__ import annotations

import dataclasses

from apps.accounts.models import Account, AccountKind
from apps.core.actor import Actor, ActorKind


def claimant(actor: Actor, account: Account | None) -> Actor:
    """Actor of a sign-in step: still anonymous, so it may do nothing, but named in the log once the account is known."""
    if account is None or actor.kind != ActorKind.ANONYMOUS:
        return actor
    return dataclasses.replace(actor, name=account.handle, account_id=account.pk, person_id=account.person_id)


def kind_of(account: Account) -> ActorKind:
    """Kind of actor that an account makes once its sign-in is complete."""
    return ActorKind.BORROWER if account.kind == AccountKind.BORROWER else ActorKind.PERSON
