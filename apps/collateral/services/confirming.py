"""Confirming a case's collateral, or sending the case back because it is worth less than the analyst counted on."""

from __future__ import annotations

from typing import Any

from apps.audit.services import act
from apps.collateral import rules
from apps.collateral.models import Confirmation
from apps.collateral.rules import Weighed
from apps.collateral.selectors import AssetKnown, assets_known, weighed_now
from apps.collateral.services.entry import collateral_enter
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.credit_review.selectors import collateral_assumed
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance
from apps.workflow.states import State


@act
def collateral_confirm(*, actor: Actor, case: LoanCase, version: int, text: str = "") -> LoanCase:
    """Confirm what the assets are worth. Below the analyst's assumption the case goes back to credit review, else to approval."""
    locked = collateral_enter(
        case, actor=actor, version=version, states={State.COLLATERAL_CHECK}, permission=Permission.COLLATERAL_CONFIRM
    )
    known = assets_known(locked)
    weighed, assumed = weighed_now(locked, known), collateral_assumed(locked)
    below = weighed.is_known and rules.is_below(weighed.lending_value, assumed)
    Confirmation.objects.create(
        case=locked, currency=locked.currency, loan=weighed.loan, total_value=weighed.total_value, prior_liens=weighed.prior_liens,
        lending_value=weighed.lending_value, assumed_value=assumed, ltv=weighed.ltv, cover=weighed.cover,
        oldest_valuation_on=weighed.oldest, is_below=below, assets=[_line(each, locked.currency) for each in known],
        confirmed_by_id=actor.person_id,
    )  # fmt: skip
    event = Event.CONFIRM_BELOW if below else Event.CONFIRM
    return advance(locked, event, actor=actor, version=version, data=_data(weighed), text=text)


def _line(known: AssetKnown, currency: str) -> dict[str, Any]:
    facts = known.facts
    lending = facts.lending_value(currency)
    return {
        "asset": known.asset.pk, "asset_class": known.asset.asset_class, "description": known.asset.description.words,
        "value": _text(facts.value), "valued_on": _text(facts.valued_on), "prior_liens": _text(facts.prior),
        "haircut": _text(facts.haircut), "lending_value": _text(lending),
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else f"{value}"


def _data(weighed: Weighed) -> dict[str, Any]:
    return {"lending_value": _text(weighed.lending_value), "ltv": _text(weighed.ltv)}
