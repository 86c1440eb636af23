"""How long borrowers are kept, what keeps them, and who may be forgotten now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.roles import permissions_by
from apps.borrowers.models import Borrower, LegalHold, RetentionRule
from apps.borrowers.registry import Keeper, keep, keepers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.classes import DataClass
from apps.core.permissions import Permission
from apps.core.schedules import add_months

MONTHS: Mapping[str, int] = {DataClass.PERSONAL: 120, DataClass.INTERNAL: 120, DataClass.SECRET: 0}
"""Defaults until somebody sets a rule: ten years, the longest that the anti-money-laundering laws of the packs ask for."""
LEAST: Mapping[str, int] = {DataClass.PERSONAL: 60, DataClass.INTERNAL: 6, DataClass.SECRET: 0}
"""No rule is shorter: five years is the least that the packs' anti-money-laundering laws ask for; the log stays online for six months."""


def months_of(data_class: str) -> int:
    """For how many months after the last business data of a class are kept."""
    found = RetentionRule.objects.filter(data_class=data_class).values_list("months", flat=True).first()
    return MONTHS[data_class] if found is None else found


def may_set_rules(actor: Actor) -> bool:
    """Tell whether a role that the actor holds over all branches carries the right to set times of keeping."""
    return any(held.branch_ids is None and Permission.RETENTION_MANAGE in permissions_by(held) for held in actor.held)


def too_recent() -> dt.datetime:
    """The moment from which on an end of business is too recent for a borrower to be forgotten."""
    day = add_months(clock.today(), -months_of(DataClass.PERSONAL))
    return dt.datetime.combine(day, dt.time.min, clock.now().tzinfo)


def borrowers_due(among: QuerySet[Borrower]) -> QuerySet[Borrower]:
    """Those of ``among`` whom nothing keeps any longer. Who was entered too recently stays out first: an index says who is left."""
    since, one = too_recent(), Borrower.objects.filter(pk=OuterRef("pk"))
    rows = among.filter(forgotten_at=None, created_at__lte=since)
    for keeper in keepers.values():
        rows = rows.exclude(Exists(keeper.kept(one, since)))
    return rows


def what_keeps(borrower: Borrower) -> list[Any]:
    """Sentences that say why a borrower may not be forgotten now; none when they may."""
    since, one = too_recent(), Borrower.objects.filter(pk=borrower.pk)
    return [keeper.words for keeper in keepers.values() if keeper.kept(one, since).exists()]


def is_forgotten(borrower: int) -> bool:
    """Lock a borrower's row until the open transaction ends, and tell whether they are forgotten; a forgetting waits, or was first."""
    rows = Borrower.objects.select_for_update(no_key=True).filter(pk=borrower)
    return any(at is not None for at in rows.values_list("forgotten_at", flat=True))


def _held(borrowers: QuerySet[Borrower], _since: dt.datetime) -> QuerySet[Borrower]:
    return borrowers.filter(Exists(LegalHold.objects.filter(borrower=OuterRef("pk"), lifted_at=None)))


def _new(borrowers: QuerySet[Borrower], since: dt.datetime) -> QuerySet[Borrower]:
    return borrowers.filter(created_at__gt=since)


def _frozen(borrowers: QuerySet[Borrower], _since: dt.datetime) -> QuerySet[Borrower]:
    return borrowers.filter(frozen=True) | borrowers.filter(group__frozen=True)


OWN: dict[str, tuple[Any, Callable[[QuerySet[Borrower], dt.datetime], QuerySet[Borrower]]]] = {
    "hold": (_("A legal hold stands."), _held),
    "new": (_("The borrower was entered too recently."), _new),
    "frozen": (_("The borrower or its group is frozen."), _frozen),
}


def register_keepers() -> None:
    """Connect what this floor itself keeps borrowers for."""
    for name, (words, kept) in OWN.items():
        keep(name, Keeper(words, kept))
