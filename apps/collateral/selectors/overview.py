"""What collateral's own pages and its panel on the case page show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.access.services import can
from apps.collateral import rules
from apps.collateral.rules import AssetFacts
from apps.collateral.selectors.gathering import AssetKnown, weighed_now
from apps.collateral.selectors.reading import collateral_file
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.credit_review.selectors import collateral_assumed
from apps.workflow import registry
from apps.workflow.models import LoanCase
from apps.workflow.process import Event, find
from apps.workflow.states import ENDED, State

OPEN_TO_CHANGE = frozenset({State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK})
OPEN_TO_RETEST = OPEN_TO_CHANGE | {State.CONTRACTING, State.CONDITIONS, State.PAYOUT, State.ACTIVE}


@dataclass(frozen=True, slots=True)
class AssetLine:
    """One asset in the table."""

    known: AssetKnown
    facts: AssetFacts
    lending_value: Decimal | None
    is_stale: bool


def table(case: LoanCase, known: list[AssetKnown]) -> dict[str, Any]:
    """The assets line by line and together."""
    return {
        "lines": [_line(each, case.currency) for each in known], "weighed": weighed_now(case, known), "case": case,
        "assumed": collateral_assumed(case),
    }  # fmt: skip


def _line(known: AssetKnown, currency: str) -> AssetLine:
    facts = known.facts
    return AssetLine(
        known, facts, facts.lending_value(currency), bool(rules.lacks_fresh_valuation([facts], clock.today()))
    )


def collateral_page(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """Everything of a case's collateral; what is encrypted is opened with one recorded look."""
    shown = collateral_file(actor, case)
    may_edit = can(actor, Permission.COLLATERAL_EDIT, case).allowed
    state = case.came_from if case.state == State.WAITING else case.state
    return {
        **table(case, [each.known for each in shown]), "assets": shown, "missing": missing_of(case, actor),
        "may_edit": may_edit and state in OPEN_TO_CHANGE, "may_retest": may_edit and state in OPEN_TO_RETEST,
        "may_register": may_edit and state in OPEN_TO_RETEST - OPEN_TO_CHANGE,
        "may_confirm": case.state == State.COLLATERAL_CHECK and can(actor, Permission.COLLATERAL_CONFIRM, case).allowed,
        "may_release": state in {State.ACTIVE, *ENDED} and can(actor, Permission.COLLATERAL_RELEASE, case).allowed,
    }  # fmt: skip


def missing_of(case: LoanCase, actor: Actor) -> list[Any]:
    """What still stands between the collateral and its confirmation, in sentences."""
    row = find(State.COLLATERAL_CHECK, Event.CONFIRM)
    known = [registry.guards[name] for name in row.guards if name in registry.guards] if row else []
    return [line for guard in known if guard.standing for line in guard.check(case, actor, {})]
