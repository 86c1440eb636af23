"""What must hold before collateral is confirmed, and before a case is completed. Each says in a sentence what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.collateral import rules
from apps.collateral.rules import AssetFacts
from apps.collateral.selectors import assets_known, assets_of, weighed_now
from apps.collateral.services.confirming import assumed_value
from apps.core import clock, figures
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.registry import guard

Facts = Mapping[str, Any]


def _facts(case: LoanCase) -> list[AssetFacts]:
    return [each.facts for each in assets_known(case)]


def _name(sentence: Any, assets: Sequence[str]) -> list[Any]:
    return [sentence % {"assets": ", ".join(assets)}] if assets else []


@guard("title_in", _("Titles are verified"))
def title_in(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """There is an asset, and somebody has seen the title of each."""
    assets = _facts(case)
    if not assets:
        return [_("Add the assets that secure the loan.")]
    return _name(_("Verify the title of: %(assets)s."), rules.lacks_title(assets))


@guard("liens_in", _("The registers were looked at"))
def liens_in(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset's register was looked at lately."""
    return _name(_("Look into the register, and write down the liens or that there are none, for: %(assets)s."),
                 rules.lacks_lien_check(_facts(case), clock.today()))  # fmt: skip


@guard("insured", _("Assets are insured"))
def insured(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset that can be insured is, in the bank's favour, up to its lending value."""
    return _name(_("Enter an insurance in force, assigned to the bank and up to the lending value, of: %(assets)s."),
                 rules.lacks_insurance(_facts(case), clock.today(), case.currency))  # fmt: skip


@guard("valuation_fresh", _("Valuations are fresh"))
def valuation_fresh(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each asset is valued, not longer ago than its class allows."""
    return _name(
        _("Enter a valuation, or a newer one, of: %(assets)s."),
        rules.lacks_fresh_valuation(_facts(case), clock.today()),
    )


@guard("ltv_known", _("Loan to value is known"))
def ltv_known(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Every asset has a value to set the loan against."""
    return [] if weighed_now(case).is_known else [_("The loan to value is not known before every asset is valued.")]


@guard("value_as_assumed", _("The lending value is as assumed"))
def value_as_assumed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The collateral is worth what the analyst counted on."""
    weighed, assumed = weighed_now(case), assumed_value(case)
    if not rules.is_below(weighed.lending_value, assumed):
        return []
    return [_("The lending value is %(value)s, the analyst counted on %(assumed)s: the case goes back.") % {
        "value": figures.amount(weighed.lending_value, case.currency), "assumed": figures.amount(assumed, case.currency)}]  # fmt: skip


@guard("value_below", _("The lending value is below the assumption"))
def value_below(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The collateral is valued, and worth less than the analyst counted on."""
    weighed = weighed_now(case)
    if not weighed.is_known:
        return [_("The loan to value is not known before every asset is valued.")]
    below = rules.is_below(weighed.lending_value, assumed_value(case))
    return [] if below else [_("The lending value is not below what the analyst counted on.")]


@guard("collateral_released", _("The collateral is released"))
def collateral_released(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Every asset on which our lien was registered is free again."""
    kept = [asset.description for asset in assets_of(case) if asset.registered_on is not None and not asset.is_released]
    return _name(_("Release: %(assets)s."), kept)
