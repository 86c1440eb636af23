"""Cases whose collateral is checked, made through the services only; approval begins with ``case_confirmed``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from apps.access.roles import Role
from apps.collateral import services
from apps.collateral.models import Asset
from apps.collateral.services import AssetData, LienFound
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.applications.factories import again
from tests.borrowers import factories as borrowers
from tests.credit_review.factories import AMOUNT, case_recommended

REGISTER = "Real estate registration centre"


def appraiser(case: LoanCase | None = None) -> Actor:
    """The actor of a new appraiser, at the case's branch."""
    return borrowers.actor_of(Role.APPRAISER, case.branch if case else None)


def asset(actor: Actor, case: LoanCase, **given: Any) -> Asset:
    """A workshop on the case, of which nothing else is known."""
    facts: dict[str, Any] = {
        "asset_class": "real_estate", "description": "Workshop, 840 m²", "title_no": "37010000123", "address": "12 Jingshi Road",
    }  # fmt: skip
    return services.asset_add(actor=actor, case=case, version=again(case).version, data=AssetData(**{**facts, **given}))


def titled(actor: Actor, case: LoanCase, one: Asset) -> LoanCase:
    """The case with the asset's title verified."""
    services.title_verify(actor=actor, case=case, version=again(case).version, asset_id=one.pk, source=REGISTER)
    return again(case)


def looked_up(actor: Actor, case: LoanCase, one: Asset, *liens: LienFound, days_ago: int = 0) -> LoanCase:
    """The case with the register looked at; without ``liens`` none were found."""
    day = clock.today() - dt.timedelta(days=days_ago)
    services.lien_record(
        actor=actor,
        case=case,
        version=again(case).version,
        asset_id=one.pk,
        checked_on=day,
        register=REGISTER,
        liens=liens,
    )
    return again(case)


def insured(
    actor: Actor, case: LoanCase, one: Asset, amount: Decimal = Decimal(50_000_000), *, assigned: bool = True
) -> LoanCase:
    """The case with the asset insured for a year."""
    services.insurance_record(
        actor=actor, case=case, version=again(case).version, asset_id=one.pk, insurer="Taishan Insurance", policy_no="TP-2026-7781",
        insured_amount=amount, valid_until=clock.today() + dt.timedelta(days=365), is_assigned=assigned,
    )  # fmt: skip
    return again(case)


def valued(actor: Actor, case: LoanCase, one: Asset, amount: Decimal, *, days_ago: int = 1, **given: Any) -> LoanCase:
    """The case with the asset valued."""
    services.valuation_record(
        actor=actor, case=case, version=again(case).version, asset_id=one.pk, amount=amount, source="external", valuer="Qilu Appraisal",
        valued_on=clock.today() - dt.timedelta(days=days_ago), **given,
    )  # fmt: skip
    return again(case)


def whole_asset(actor: Actor, case: LoanCase, value: Decimal | None = None) -> Asset:
    """An asset with nothing missing; worth twice the loan if not said otherwise."""
    one = asset(actor, case)
    case = insured(actor, looked_up(actor, titled(actor, case, one), one), one)
    valued(actor, case, one, value or case.amount_asked * 2)
    return one


def case_confirmed(
    *,
    secured: bool = False,
    amount: Decimal = AMOUNT,
    appraiser_: Actor | None = None,
    value: Decimal | None = None,
    **kw: Any,
) -> LoanCase:
    """A case in approval: its collateral confirmed where it is ``secured``, else straight from the review.

    ``value`` is what its one asset is worth (twice the loan); further words go to ``case_recommended``.
    """
    case = case_recommended(secured=secured, amount=amount, **kw)
    if not secured:
        return case
    who = appraiser_ or appraiser(case)
    whole_asset(who, case, value)
    services.collateral_confirm(actor=who, case=case, version=again(case).version)
    return again(case)
