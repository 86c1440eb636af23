"""What collateral shows on the case page: nothing there is opened, so nothing needs a recorded look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.collateral.selectors import assets_known, overview
from apps.core.actor import Actor
from apps.workflow.models import LoanCase


def collateral(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """Assets with value, prior liens, haircut and lending value; the way to them where collateral is to be checked."""
    known = assets_known(case)
    wanted = case.is_secured and case.state in overview.OPEN_TO_CHANGE
    return overview.table(case, known) if known or wanted else None
