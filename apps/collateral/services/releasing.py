"""Giving collateral back: one person asks, another confirms."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.behind import people_behind
from apps.audit.services import act
from apps.audit.tags import Tag
from apps.collateral import registry
from apps.collateral.models import Asset
from apps.collateral.services.assets import finish
from apps.collateral.services.entry import ROW, asset_on
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import IllegalTransition, Refused
from apps.core.permissions import Permission
from apps.workflow.checks import check_freeze
from apps.workflow.models import LoanCase
from apps.workflow.services import case_lock
from apps.workflow.states import ENDED, State

RELEASING = frozenset({State.ACTIVE, *ENDED})


@act
def release_ask(*, actor: Actor, case: LoanCase, version: int, asset_id: int) -> Asset:
    """Ask for the release of an asset; refused while a loan that it secures is owed."""
    locked = _enter(case, actor, version)
    asset = _kept(locked, asset_id)
    if asset.release_asked_at is not None:
        raise Refused(
            "release_asked", _("The release is asked for already; another person confirms it."), subject=asset
        )
    asset.release_asked_by_id, asset.release_asked_at = actor.person_id, clock.now()
    asset.save(update_fields=["release_asked_by", "release_asked_at"])
    return finish(locked, asset, actor, Tag.COLLATERAL_RELEASE_ASKED)


@act
def release_confirm(*, actor: Actor, case: LoanCase, version: int, asset_id: int) -> Asset:
    """Confirm a release that another person asked for; then whoever waits for it is told, in the same transaction."""
    locked = _enter(case, actor, version)
    asset = _kept(locked, asset_id)
    if asset.release_asked_at is None:
        raise Refused("release_not_asked", _("Nobody has asked for this release yet."), subject=asset)
    asked = {asset.release_asked_by_id, *people_behind(asset, Tag.COLLATERAL_RELEASE_ASKED)}
    if asked & actor.persons:
        raise Refused("four_eyes", _("You asked for this release: another person has to confirm it."), subject=asset)
    asset.released_by_id, asset.released_at = actor.person_id, clock.now()
    asset.save(update_fields=["released_by", "released_at"])
    finish(locked, asset, actor, Tag.COLLATERAL_RELEASED)
    for tell in registry.after_release:
        tell(locked, actor)
    return asset


def _enter(case: LoanCase, actor: Actor, version: int) -> LoanCase:
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, Permission.COLLATERAL_RELEASE, locked)
    check_freeze(locked, ROW)
    if locked.state not in RELEASING:
        raise IllegalTransition(str(State(locked.state).label), str(_("release collateral")), subject=locked)
    owed = [line for check in registry.before_release for line in check(locked)]
    if owed:
        raise Refused("still_owed", owed[0], reasons=owed, subject=locked)
    return locked


def _kept(case: LoanCase, asset_id: int) -> Asset:
    asset = asset_on(case, asset_id)
    if asset.is_released:
        raise Refused("released", _("This asset is released already."), subject=asset)
    return asset
