"""What changed between the case as its reader saw it and as it stands, in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core import figures
from apps.core.text import parsed, whole_number
from apps.workflow.models import LoanCase
from apps.workflow.selectors.people import handles_of
from apps.workflow.states import State

LABELS: dict[str, Any] = {
    "state": _("State"), "amount_asked": _("Asked"), "amount_proposed": _("To sign"), "grade": _("Grade"), "holder": _("Holder"),
    "frozen": _("Frozen"),
}  # fmt: skip


WRITTEN = re.compile(r"[0-9]{1,14}\.[0-9]{2}")
"""An amount as ``snapshot`` writes it; what a page gives back may be anything."""


def snapshot(case: LoanCase) -> dict[str, str]:
    """How the case looks to its reader, for telling later what has changed."""
    return {
        "state": case.state, "amount_asked": f"{case.amount_asked:.2f}", "grade": case.grade,
        "amount_proposed": "" if case.amount_proposed is None else f"{case.amount_proposed:.2f}",
        "holder": str(case.holder_id or ""), "frozen": str(case.is_frozen),
    }  # fmt: skip


def named(seen: str, case: LoanCase) -> dict[str, tuple[Any, Any]]:
    """Differences by label; ``seen`` is what the form carried, and counts for nothing when it makes no sense."""
    before, after = _read(seen), snapshot(case)
    changed = [name for name in LABELS if name in before and str(before[name]) != after[name]]
    return {
        str(LABELS[name]): (_words(name, str(before[name]), case), _words(name, after[name], case)) for name in changed
    }


def _read(seen: str) -> dict[str, Any]:
    value = parsed(seen)
    return value if isinstance(value, dict) else {}


def _words(name: str, value: str, case: LoanCase) -> Any:
    if not value:
        return figures.NOTHING
    if name.startswith("amount"):
        return figures.amount(Decimal(value), case.currency) if WRITTEN.fullmatch(value) else figures.NOTHING
    if name == "state":
        return State(value).label if value in State.values else value
    if name == "frozen":
        return _("yes") if value == "True" else _("no")
    if name == "holder":
        person = whole_number(value)
        return figures.NOTHING if person is None else handles_of([person]).get(person, figures.NOTHING)
    return value
