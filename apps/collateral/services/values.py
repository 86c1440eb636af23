"""Valuations: ordered from intake on, received with date, source and haircut."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.collateral.classes import class_of
from apps.collateral.models import Asset, Source, Valuation, ValuationState
from apps.collateral.selectors import assets_known
from apps.collateral.services.entry import KEEPING, amount_taken, asset_on, collateral_enter, past_day, text_taken
from apps.core import clock, figures
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch


@act
def valuation_order(
    *,
    actor: Actor,
    case: LoanCase,
    version: int,
    asset_id: int,
    source: str,
    valuer: str,
    due_on: dt.date | None = None,
) -> Valuation:
    """Order a valuation; the report is entered later by ``valuation_record``."""
    locked = collateral_enter(case, actor=actor, version=version, states=KEEPING)
    asset = asset_on(locked, asset_id)
    if due_on is not None and due_on < clock.today():
        raise BadInput({"due_on": [_("This day has passed. Choose today or a later one.")]})
    ordered = _new(locked, asset, source, valuer)
    ordered.ordered_by_id, ordered.due_on = actor.person_id, due_on
    ordered.save()
    return _finish(locked, ordered, actor, Tag.VALUATION_ORDERED)


@act
def valuation_cancel(*, actor: Actor, case: LoanCase, version: int, asset_id: int) -> LoanCase:
    """Take back every order on an asset that has not been answered."""
    locked = collateral_enter(case, actor=actor, version=version, states=KEEPING)
    asset = asset_on(locked, asset_id)
    for ordered in Valuation.objects.filter(asset=asset, state=ValuationState.ORDERED):
        ordered.state = ValuationState.CANCELLED
        ordered.save(update_fields=["state"])
    case_touch(locked, actor=actor)
    record(Tag.VALUATION_ORDERED, actor=actor, subject=asset, case=locked, stage=locked.stage, note={"cancelled": True})
    return locked


@act
def valuation_record(
    *, actor: Actor, case: LoanCase, version: int, asset_id: int, valued_on: dt.date, amount: Decimal, source: str, valuer: str,
    haircut: Decimal | None = None, document_id: int | None = None,
) -> Valuation:  # fmt: skip
    """Enter a valuation, ordered before or not. The haircut is the class's unless a larger one is given."""
    locked = collateral_enter(case, actor=actor, version=version, states=KEEPING)
    asset = asset_on(locked, asset_id)
    received = _answered(asset) or _new(locked, asset, source, valuer)
    received.source, received.valuer = _source(source), text_taken("valuer", valuer, most=160, required=True)
    received.state, received.received_by_id = ValuationState.RECEIVED, actor.person_id
    received.valued_on, received.document_id = past_day("valued_on", valued_on), document_id
    received.amount = amount_taken("amount", amount, locked.currency)
    received.haircut = _haircut(asset, haircut)
    received.save()
    received.lending_value = _lending_value(locked, asset)
    received.save(update_fields=["lending_value"])
    return _finish(locked, received, actor, Tag.COLLATERAL_VALUED)


def _new(case: LoanCase, asset: Asset, source: str, valuer: str) -> Valuation:
    return Valuation(
        asset=asset, key_owner=asset.key_owner, currency=case.currency, source=_source(source),
        valuer=text_taken("valuer", valuer, most=160, required=True),
    )  # fmt: skip


def _answered(asset: Asset) -> Valuation | None:
    """The oldest order on an asset that has no answer yet."""
    return (
        Valuation.objects.select_related("key_owner")
        .filter(asset=asset, state=ValuationState.ORDERED)
        .order_by("id")
        .first()
    )


def _source(source: str) -> str:
    if source not in Source.values:
        raise BadInput({"source": [_("Choose from the list.")]})
    return source


def _haircut(asset: Asset, haircut: Decimal | None) -> Decimal:
    usual = class_of(asset.asset_class).haircut
    if haircut is None:
        return usual
    if not usual <= haircut < 1:
        least = figures.percent(usual * 100)
        raise BadInput(
            {"haircut": [_("The haircut of this class is at least %(least)s and below 100 %%.") % {"least": least}]}
        )
    return haircut


def _lending_value(case: LoanCase, asset: Asset) -> Decimal | None:
    known = next(each for each in assets_known(case) if each.asset.pk == asset.pk)
    return known.facts.lending_value(case.currency)


def _finish(case: LoanCase, valuation: Valuation, actor: Actor, tag: Tag) -> Valuation:
    case_touch(case, actor=actor)
    record(tag, actor=actor, subject=valuation, case=case, stage=case.stage)
    return valuation
