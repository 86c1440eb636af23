"""What must hold before collateral is confirmed, and before a case is completed. Each says in a sentence what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.collateral import rules
from apps.collateral.rules import AssetFacts, Weighed
from apps.collateral.selectors import assets_known, assets_of, weighed_now
from apps.core import clock, figures
from apps.core.actor import Actor
from apps.credit_review.selectors import collateral_assumed
from apps.workflow.models import LoanCase
from apps.workflow.registry import guard

Facts = Mapping[str, Any]
KEPT = "_collateral_known"


@dataclass(frozen=True, slots=True)
class Known:
    """What the guards share of one version of a case: its assets' facts, their weight, the analyst's assumption."""

    version: int
    assets: list[AssetFacts]
    weighed: Weighed
    assumed: Decimal


def _known(case: LoanCase) -> Known:
    """Gathered once a version: seven guards of one check ask for the same, and every change of collateral grows it."""
    kept: Known | None = case.__dict__.get(KEPT)
    if kept is None or kept.version != case.version:
        known = assets_known(case)
        facts = [each.facts for each in known]
        kept = Known(case.version, facts, weighed_now(case, known), collateral_assumed(case))
        case.__dict__[KEPT] = kept
    return kept


def _name(sentence: Any, assets: Sequence[str]) -> list[Any]:
    return [sentence % {"assets": ", ".join(assets)}] if assets else []


@guard("title_in", _("Titles are verified"))
def title_in(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """There is an asset, and somebody has seen the title of each."""
    assets = _known(case).assets
    if not assets:
        return [_("Add the assets that secure the loan.")]
    return _name(_("Verify the title of: %(assets)s."), rules.lacks_title(assets))


@guard("liens_in", _("The registers were looked at"))
def liens_in(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset's register was looked at lately."""
    return _name(_("Look into the register, and write down the liens or that there are none, for: %(assets)s."),
                 rules.lacks_lien_check(_known(case).assets, clock.today()))  # fmt: skip


@guard("insured", _("Assets are insured"))
def insured(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset that can be insured is, in the bank's favour, up to its lending value."""
    return _name(_("Enter an insurance in force, assigned to the bank and up to the lending value, of: %(assets)s."),
                 rules.lacks_insurance(_known(case).assets, clock.today(), case.currency))  # fmt: skip


@guard("valuation_fresh", _("Valuations are fresh"))
def valuation_fresh(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset is valued, not longer ago than its class allows."""
    return _name(
        _("Enter a valuation, or a newer one, of: %(assets)s."),
        rules.lacks_fresh_valuation(_known(case).assets, clock.today()),
    )


@guard("ltv_known", _("Loan to value is known"))
def ltv_known(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Every asset has a value to set the loan against."""
    return [] if _known(case).weighed.is_known else [_("The loan to value is not known before every asset is valued.")]


@guard("value_as_assumed", _("The lending value is as assumed"))
def value_as_assumed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The collateral is worth what the analyst counted on."""
    weighed, assumed = _known(case).weighed, _known(case).assumed
    if not rules.is_below(weighed.lending_value, assumed):
        return []
    return [_("The lending value is %(value)s, the analyst counted on %(assumed)s: the case goes back.") % {
        "value": figures.amount(weighed.lending_value, case.currency), "assumed": figures.amount(assumed, case.currency)}]  # fmt: skip


@guard("value_below", _("The lending value is below the assumption"))
def value_below(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The collateral is valued, and worth less than the analyst counted on."""
    weighed = _known(case).weighed
    if not weighed.is_known:
        return [_("The loan to value is not known before every asset is valued.")]
    below = rules.is_below(weighed.lending_value, _known(case).assumed)
    return [] if below else [_("The lending value is not below what the analyst counted on.")]


@guard("collateral_released", _("The collateral is released"))
def collateral_released(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Every asset on which our lien was registered is free again."""
    kept = [
        asset.description.words
        for asset in assets_of(case)
        if asset.registered_on is not None and not asset.is_released
    ]
    return _name(_("Release: %(assets)s."), kept)
