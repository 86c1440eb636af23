"""Assets: added, their title verified, our lien registered, taken off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Party
from apps.collateral.classes import asset_classes
from apps.collateral.models import Asset
from apps.collateral.services.entry import BEFORE_PAYOUT, asset_on, collateral_enter, past_day, text_taken
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch


@dataclass(frozen=True, slots=True)
class AssetData:
    """What is entered of an asset; without ``owner`` the business owns it."""

    asset_class: str
    description: str
    title_no: str
    address: str = ""
    owner: Party | None = None


@act
def asset_add(*, actor: Actor, case: LoanCase, version: int, data: AssetData) -> Asset:
    """Put an asset on a case, from intake on."""
    locked = collateral_enter(case, actor=actor, version=version)
    if data.asset_class not in asset_classes():
        raise BadInput({"asset_class": [_("Choose from the list.")]})
    if data.owner is not None and data.owner.borrower_id != locked.borrower_id:
        raise BadInput({"owner": [_("Choose one of the people behind this business.")]})
    asset = Asset.objects.create(
        case=locked, borrower_id=locked.borrower_id, key_owner_id=locked.borrower.key_owner_id, asset_class=data.asset_class,
        description=text_taken("description", data.description, most=300, required=True), owner=data.owner,
        title_no=text_taken("title_no", data.title_no, most=80, required=True),
        address=text_taken("address", data.address, most=400), added_by_id=actor.person_id,
    )  # fmt: skip
    return finish(locked, asset, actor, Tag.ASSET_ADDED)


@act
def asset_remove(*, actor: Actor, case: LoanCase, version: int, asset_id: int) -> Asset:
    """Take an asset off a case; the row stays."""
    locked = collateral_enter(case, actor=actor, version=version)
    asset = asset_on(locked, asset_id)
    asset.removed_at = clock.now()
    asset.save(update_fields=["removed_at"])
    return finish(locked, asset, actor, Tag.ASSET_CHANGED)


@act
def title_verify(*, actor: Actor, case: LoanCase, version: int, asset_id: int, source: str) -> Asset:
    """Say that one has seen the title, and where."""
    locked = collateral_enter(case, actor=actor, version=version)
    asset = asset_on(locked, asset_id)
    asset.title_source = text_taken("source", source, most=120, required=True)
    asset.title_verified_by_id, asset.title_verified_at = actor.person_id, clock.now()
    asset.save(update_fields=["title_source", "title_verified_by", "title_verified_at"])
    return finish(locked, asset, actor, Tag.TITLE_CHECKED)


@act
def asset_register(
    *, actor: Actor, case: LoanCase, version: int, asset_id: int, registered_on: dt.date, registration_no: str
) -> Asset:
    """Say that our own lien stands in the register, once the contract is being signed or later."""
    locked = collateral_enter(case, actor=actor, version=version, states=BEFORE_PAYOUT)
    asset = asset_on(locked, asset_id)
    asset.registered_on = past_day("registered_on", registered_on)
    asset.registration_no = text_taken("registration_no", registration_no, most=80, required=True)
    asset.save(update_fields=["registered_on", "registration_no"])
    return finish(locked, asset, actor, Tag.ASSET_REGISTERED)


def finish(case: LoanCase, asset: Asset, actor: Actor, tag: Tag) -> Asset:
    """Grow the case's version and record; every change of an asset ends here."""
    case_touch(case, actor=actor)
    record(tag, actor=actor, subject=asset, case=case, stage=case.stage)
    return asset
