"""Reads of the institution's paying accounts. They belong to no branch: the permission alone opens them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.selectors import who_can
from apps.access.services import authorize
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
from apps.disbursement.models import PayingAccount
from apps.workflow.models import Product
from apps.workflow.selectors.people import handles_of


def paying_account(currency: str) -> PayingAccount | None:
    """The account that payments in a currency are made from now, or ``None``."""
    found = PayingAccount.objects.select_related("key_owner")
    return found.filter(currency=currency, ended_at=None, confirmed_at__isnull=False).first()


def paying_account_needed(currency: str, subject: Any) -> PayingAccount:
    """The account in force of a currency; raises ``Refused`` saying who can set one where there is none."""
    found = paying_account(currency)
    if found is None:
        raise Refused(
            "paying_account",
            _("The institution has no confirmed paying account in %(currency)s: nothing can be paid from it.")
            % {"currency": currency},
            who_can=who_can(Permission.PAYING_ACCOUNT_MANAGE),
            subject=subject,
        )
    return found


def paying_page(actor: Actor) -> dict[str, Any]:
    """Accounts in force and waiting, the last that ended, and currencies of products in use without one."""
    authorize(actor, Permission.PAYING_ACCOUNT_MANAGE)
    rows = PayingAccount.objects.select_related("key_owner")
    live = list(rows.filter(ended_at=None).order_by("currency", "id"))
    ended = list(rows.exclude(ended_at=None).order_by("-ended_at", "-id")[:20])
    lent = set(Product.objects.filter(is_active=True).values_list("currency", flat=True))
    handles = handles_of(each for row in (*live, *ended) for each in (row.entered_by_id, row.confirmed_by_id))
    lines = [(row, handles.get(row.entered_by_id, ""), handles.get(row.confirmed_by_id or 0, "")) for row in live]
    return {
        "in_force": [line for line in lines if line[0].confirmed_at is not None],
        "waiting": [line for line in lines if line[0].confirmed_at is None],
        "ended": [
            (row, handles.get(row.entered_by_id, ""), handles.get(row.confirmed_by_id or 0, "")) for row in ended
        ],
        "missing": sorted(lent - {row.currency for row in live if row.confirmed_at is not None}),
        "person_id": actor.person_id,
    }


def paying_account_get(actor: Actor, pk: int) -> PayingAccount:
    """An account of the institution; raises ``NotVisible`` where there is none."""
    authorize(actor, Permission.PAYING_ACCOUNT_MANAGE)
    found = PayingAccount.objects.select_related("key_owner").filter(pk=pk).first()
    if found is None:
        raise NotVisible(action=Permission.PAYING_ACCOUNT_MANAGE)
    return found
