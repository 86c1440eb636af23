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
    rows = Asset.objects.select_related("key_owner", "owner__key_owner").filter(case=case, removed_at=None)
    return list(rows.order_by("id"))


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
        _add_valuations(known)
        _add_liens(known)
        for insurance in Insurance.objects.filter(asset__in=known).order_by("-valid_until", "-id"):
            known[insurance.asset_id].insurances.append(insurance)
    return list(known.values())


def _add_valuations(known: dict[int, AssetKnown]) -> None:
    for row in Valuation.objects.filter(asset__in=known).order_by("valued_on", "id"):
        if row.state == ValuationState.RECEIVED:
            known[row.asset_id].valuation = row
        elif row.state == ValuationState.ORDERED:
            known[row.asset_id].ordered.append(row)


def _add_liens(known: dict[int, AssetKnown]) -> None:
    for look in LienCheck.objects.filter(asset__in=known).order_by("checked_on", "id"):
        known[look.asset_id].look = look
    looks = {each.look.pk: each for each in known.values() if each.look is not None}
    for lien in Lien.objects.filter(found_in__in=looks).order_by("rank", "id"):
        looks[lien.found_in_id].liens.append(lien)


def loan_of(case: LoanCase) -> Decimal:
    """The loan that the collateral is weighed against: what is proposed, before that what is asked."""
    return case.amount_proposed if case.amount_proposed is not None else case.amount_asked


def weighed_now(case: LoanCase, known: list[AssetKnown] | None = None) -> Weighed:
    """All assets of a case against its loan, as of now."""
    assets = assets_known(case) if known is None else known
    return rules.weigh(loan_of(case), [each.facts for each in assets], case.currency)
