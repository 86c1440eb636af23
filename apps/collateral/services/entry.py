"""The way into every service of collateral: lock, permission, duties, freeze, state; and words taken as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.collateral.models import Asset
from apps.core import clock, money
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible
from apps.core.permissions import Permission
from apps.core.text import refuse_nul
from apps.workflow import process
from apps.workflow.checks import check_freeze, check_person
from apps.workflow.models import LoanCase
from apps.workflow.services import case_lock
from apps.workflow.states import State

CHECKING = frozenset({State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK})
BEFORE_PAYOUT = frozenset({State.CONTRACTING, State.CONDITIONS, State.PAYOUT, State.ACTIVE})
KEEPING = CHECKING | BEFORE_PAYOUT
"""Registers, policies and values are looked at anew before money goes out; what is being approved stays as it is."""
ROW = next(row for row in process.TABLE if row.event == process.Event.CONFIRM)


def collateral_enter(
    case: LoanCase,
    *,
    actor: Actor,
    version: int | None,
    states: Collection[str] = CHECKING,
    permission: Permission = Permission.COLLATERAL_EDIT,
) -> LoanCase:
    """Lock a case for a change of its collateral; who did another duty on it may not touch the values either."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, permission, locked)
    for person_id in filter(None, (actor.person_id, actor.on_behalf_of)):
        check_person(locked, ROW, person_id)
    check_freeze(locked, ROW)
    state = locked.came_from if locked.state == State.WAITING else locked.state
    if state not in states:
        raise IllegalTransition(str(State(locked.state).label), str(_("change the collateral")), subject=locked)
    return locked


def asset_on(case: LoanCase, asset_id: int) -> Asset:
    """An asset of a locked case that was not taken off it; raises ``NotVisible``."""
    rows = Asset.objects.select_related("key_owner").filter(case=case, removed_at=None, pk=asset_id)
    asset = rows.first()
    if asset is None:
        raise NotVisible(subject=case, action="collateral.asset")
    asset.case = case
    return asset


def text_taken(field: str, value: str, *, most: int, required: bool = False) -> str:
    """A text without surrounding blanks; raises ``BadInput`` when it is missing, too long or cannot be stored."""
    text = value.strip()
    if required and not text:
        raise BadInput({field: [_("Write something here.")]})
    if len(text) > most:
        raise BadInput({field: [_("Use at most %(limit)s characters.") % {"limit": most}]})
    try:
        refuse_nul(text)
    except ValidationError as error:
        raise BadInput({field: error.messages}) from error
    return text


def amount_taken(field: str, amount: Decimal, currency: str, *, zero: bool = False) -> Decimal:
    """An amount above zero (or zero) in whole minor units; raises ``BadInput``."""
    if amount < 0 or (amount == 0 and not zero):
        raise BadInput({field: [_("Enter an amount above zero.")]})
    if amount > money.LARGEST or not money.is_exact(amount, currency):
        raise BadInput({field: [_("This amount is too large or has too many decimal places.")]})
    return amount


def past_day(field: str, day: dt.date) -> dt.date:
    """A day that is not in the future; raises ``BadInput``."""
    if day > clock.today():
        raise BadInput({field: [_("This day lies in the future.")]})
    return day
