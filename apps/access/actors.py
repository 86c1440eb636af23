"""Builds the frozen ``Actor`` from a complete sign-in: the only place that turns rows into authority."""

from __future__ import annotations

import dataclasses
import datetime as dt

from apps.access.delegations import Standing
from apps.access.ports import Ports
from apps.access.roles import Role
from apps.access.selectors import held_roles
from apps.accounts.claims import kind_of
from apps.accounts.models import Account, AccountKind
from apps.accounts.selectors import roles_with_passkey
from apps.core.actor import Actor, Factor, HeldRole


def deputising(actor: Actor, standing: Standing) -> Actor:
    """The same person with the right of another in their hands, and nothing of their own; both persons' ties keep them off.

    A passkey is needed where either the deputy's own roles or the one handed over need it.
    """
    principal = standing.row.principal_id
    return dataclasses.replace(
        actor,
        held=(standing.held,),
        on_behalf_of=principal,
        on_behalf_name=standing.principal,
        most=standing.most,
        needs_passkey=actor.needs_passkey or standing.held.role in roles_with_passkey(),
        tied_borrower_ids=actor.tied_borrower_ids | Ports.borrowers_tied_to(principal),
    )


def actor_of(
    account: Account,
    *,
    session: str = "",
    factor: Factor = Factor.NONE,
    factor_at: dt.datetime | None = None,
    displaced: bool = False,
    address: str = "",
    device: str = "",
    request_id: str = "",
    channel: str = "web",
) -> Actor:
    """Actor of an account with the roles its person holds now (staff) or the borrowers it acts for (portal)."""
    borrower = account.kind == AccountKind.BORROWER
    held = (HeldRole(Role.BORROWER.value, frozenset()),) if borrower else held_roles(account.person_id)
    return Actor(
        kind=kind_of(account),
        name=account.handle,
        person_id=account.person_id,
        account_id=account.pk,
        held=held,
        borrower_ids=Ports.borrowers_of_account(account.pk) if borrower else frozenset(),
        tied_borrower_ids=frozenset() if borrower else Ports.borrowers_tied_to(account.person_id),
        session=session,
        factor=factor,
        factor_at=factor_at,
        displaced=displaced,
        needs_passkey=not borrower and not roles_with_passkey().isdisjoint(each.role for each in held),
        signs_from=account.signs_from,
        address=address,
        device=device,
        request_id=request_id,
        channel=channel,
    )
