"""Gathers what is known of a case's assets. Five queries, however many assets."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from apps.access.services import authorize
from apps.collateral import rules
from apps.collateral.classes import asset_classes, class_of
from apps.collateral.models import Asset, Insurance, Lien, LienCheck, Valuation, ValuationState
from apps.collateral.rules import AssetFacts, Cover, Encumbrance, Weighed
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.packs import AssetClass
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase


@dataclass(slots=True)
class AssetKnown:
    """An asset with its class, its newest valuation and look into the register, its liens and insurances."""

    asset: Asset
    asset_class: AssetClass
    valuation: Valuation | None = None
    ordered: list[Valuation] = field(default_factory=list)
    look: LienCheck | None = None
    liens: list[Lien] = field(default_factory=list)
    insurances: list[Insurance] = field(default_factory=list)

    @property
    def facts(self) -> AssetFacts:
        """The asset as plain facts for the rules."""
        valuation, given = self.valuation, self.asset_class
        haircut = valuation.haircut if valuation is not None and valuation.haircut is not None else given.haircut
        return AssetFacts(
            reference=self.asset.description.words, haircut=haircut, valuation_days=given.valuation_days, is_insurable=given.insurable,
            has_title=self.asset.has_title, value=valuation.amount if valuation else None,
            valued_on=valuation.valued_on if valuation else None, liens_checked_on=self.look.checked_on if self.look else None,
            liens=tuple(Encumbrance(lien.rank, lien.amount, lien.is_ours) for lien in self.liens),
            covers=tuple(Cover(each.insured_amount, each.valid_until, each.is_assigned) for each in self.insurances),
        )  # fmt: skip


def assets_of(case: LoanCase) -> list[Asset]:
    """Assets of a case that were not taken off it."""
    return [row for row in rows(case, Asset, "key_owner", "owner__key_owner") if row.removed_at is None]


def asset_get(actor: Actor, case: LoanCase, asset_id: int) -> Asset:
    """An asset of a case that the actor may see; raises ``NotVisible``."""
    authorize(actor, Permission.COLLATERAL_VIEW, case)
    found = next((asset for asset in assets_of(case) if asset.pk == asset_id), None)
    if found is None:
        raise NotVisible(subject=case, action=Permission.COLLATERAL_VIEW)
    return found


def assets_known(case: LoanCase) -> list[AssetKnown]:
    """Everything known of a case's assets, in the order they were added."""
    classes = asset_classes()
    known = {asset.pk: AssetKnown(asset, class_of(asset.asset_class, classes)) for asset in assets_of(case)}
    if known:
        _add_valuations(case, known)
        _add_liens(case, known)
        for insurance in sorted(rows(case, Insurance), key=lambda row: (row.valid_until, row.pk), reverse=True):
            if insurance.asset_id in known:
                known[insurance.asset_id].insurances.append(insurance)
    return list(known.values())


def _add_valuations(case: LoanCase, known: dict[int, AssetKnown]) -> None:
    mine = [row for row in rows(case, Valuation) if row.asset_id in known]
    for row in sorted(mine, key=lambda row: (row.valued_on is None, row.valued_on or row.created_at.date(), row.pk)):
        if row.state == ValuationState.RECEIVED:
            known[row.asset_id].valuation = row
        elif row.state == ValuationState.ORDERED:
            known[row.asset_id].ordered.append(row)


def _add_liens(case: LoanCase, known: dict[int, AssetKnown]) -> None:
    for look in sorted(rows(case, LienCheck), key=lambda row: (row.checked_on, row.pk)):
        if look.asset_id in known:
            known[look.asset_id].look = look
    looks = {each.look.pk: each for each in known.values() if each.look is not None}
    for lien in sorted(rows(case, Lien), key=lambda row: (row.rank, row.pk)):
        if lien.found_in_id in looks:
            looks[lien.found_in_id].liens.append(lien)


def loan_of(case: LoanCase) -> Decimal:
    """The loan that the collateral is weighed against: what is proposed, before that what is asked."""
    return case.amount_proposed if case.amount_proposed is not None else case.amount_asked


def weighed_now(case: LoanCase, known: list[AssetKnown] | None = None) -> Weighed:
    """All assets of a case against its loan, as of now."""
    assets = assets_known(case) if known is None else known
    return rules.weigh(loan_of(case), [each.facts for each in assets], case.currency)
