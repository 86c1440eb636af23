"""What the register says about an asset, and its insurance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.collateral.models import Insurance, Lien, LienCheck
from apps.collateral.services.entry import KEEPING, amount_taken, asset_on, collateral_enter, past_day, text_taken
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

MOST_LIENS = 20


@dataclass(frozen=True, slots=True)
class LienFound:
    """A lien as the register shows it; ``is_ours`` for our own, from an earlier loan."""

    holder: str
    rank: int
    amount: Decimal
    is_ours: bool = False


@act
def lien_record(
    *,
    actor: Actor,
    case: LoanCase,
    version: int,
    asset_id: int,
    checked_on: dt.date,
    register: str,
    liens: Sequence[LienFound] = (),
) -> LienCheck:
    """Write down what the register shows on a day, in full; without ``liens``: none were found. It replaces the last look."""
    locked = collateral_enter(case, actor=actor, version=version, states=KEEPING)
    asset = asset_on(locked, asset_id)
    _check_ranks(liens)
    look = LienCheck.objects.create(
        asset=asset, key_owner=asset.key_owner, checked_on=past_day("checked_on", checked_on),
        register=text_taken("register", register, most=120, required=True), checked_by_id=actor.person_id,
    )  # fmt: skip
    for position, lien in enumerate(liens):
        Lien.objects.create(
            asset=asset, key_owner=asset.key_owner, found_in=look, rank=lien.rank, is_ours=lien.is_ours,
            holder=text_taken(f"holder_{position}", lien.holder, most=160, required=True),
            amount=amount_taken(f"amount_{position}", lien.amount, locked.currency, zero=True),
        )  # fmt: skip
    case_touch(locked, actor=actor)
    record(Tag.LIEN_ENTERED, actor=actor, subject=look, case=locked, stage=locked.stage, note={"liens": len(liens)})
    return look


def _check_ranks(liens: Sequence[LienFound]) -> None:
    if len(liens) > MOST_LIENS:
        raise BadInput(str(_("Enter at most %(most)s liens.") % {"most": MOST_LIENS}))
    errors = {f"rank_{at}": [_("Ranks begin at 1.")] for at, lien in enumerate(liens) if lien.rank < 1}
    if sum(lien.is_ours for lien in liens) > 1:
        errors[""] = [_("Only one of the liens can be our own: enter its best rank and full amount.")]
    if errors:
        raise BadInput(errors)


@act
def insurance_record(
    *, actor: Actor, case: LoanCase, version: int, asset_id: int, insurer: str, policy_no: str, insured_amount: Decimal,
    valid_until: dt.date, is_assigned: bool,
) -> Insurance:  # fmt: skip
    """Enter an insurance that is in force."""
    locked = collateral_enter(case, actor=actor, version=version, states=KEEPING)
    asset = asset_on(locked, asset_id)
    if valid_until < clock.today():
        raise BadInput({"valid_until": [_("This insurance has ended. Ask for the renewed one.")]})
    insurance = Insurance.objects.create(
        asset=asset, key_owner=asset.key_owner, insurer=text_taken("insurer", insurer, most=120, required=True),
        policy_no=text_taken("policy_no", policy_no, most=80, required=True), currency=locked.currency,
        insured_amount=amount_taken("insured_amount", insured_amount, locked.currency), valid_until=valid_until,
        is_assigned=is_assigned, entered_by_id=actor.person_id,
    )  # fmt: skip
    case_touch(locked, actor=actor)
    record(Tag.INSURANCE_ENTERED, actor=actor, subject=insurance, case=locked, stage=locked.stage)
    return insurance
