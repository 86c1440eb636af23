"""Looks into the file: titles, addresses, holders of liens, policies. Recorded and committed before they are returned."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.collateral.selectors.gathering import AssetKnown, assets_known
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class LienShown:
    """A lien with its holder in clear."""

    holder: str
    rank: int
    amount: Decimal
    is_ours: bool


@dataclass(frozen=True, slots=True)
class AssetShown:
    """An asset with what is encrypted about it in clear; the owner's name stays masked."""

    known: AssetKnown
    title_no: str
    address: str
    registration_no: str
    owner: str
    valuer: str
    liens: tuple[LienShown, ...]
    lending_value: Decimal | None


def collateral_file(actor: Actor, case: LoanCase) -> list[AssetShown]:
    """Open all assets of a case for the work on it; one recorded look for the whole page."""
    authorize(actor, Permission.COLLATERAL_VIEW, case)
    known = assets_known(case)
    if known:
        opened = [each.asset.reference for each in known]
        record_read(
            Tag.COLLATERAL_FILE_OPENED,
            actor=actor,
            subject=case,
            case=case,
            purpose=Purpose(f"task:{case.state}"),
            fields=opened,
        )
    return [_shown(each, case.currency) for each in known]


def _shown(known: AssetKnown, currency: str) -> AssetShown:
    asset = known.asset
    return AssetShown(
        known, asset.title_no.reveal(), asset.address.reveal(), asset.registration_no.reveal(),
        asset.owner.name.masked if asset.owner else "", known.valuation.valuer.reveal() if known.valuation else "",
        tuple(LienShown(lien.holder.reveal(), lien.rank, lien.amount, lien.is_ours) for lien in known.liens),
        known.facts.lending_value(currency),
    )  # fmt: skip
