"""A case as lists show it: what is missing in words, who holds it, how long it has stood where it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.keyset import Page
from apps.core.packs.shape import LegalClock
from apps.workflow import registry
from apps.workflow.eligibility import FORWARD
from apps.workflow.legal import LegalTerm, legal_clocks, legal_terms
from apps.workflow.models import LoanCase
from apps.workflow.models.case import NO_DEADLINE
from apps.workflow.selectors.free import unfit
from apps.workflow.selectors.people import handles_of
from apps.workflow.states import ENDED, State

READY: dict[str, Any] = {
    State.DRAFT: _("ready to submit"), State.INTAKE: _("ready to accept"), State.CREDIT_REVIEW: _("ready to recommend"),
    State.COLLATERAL_CHECK: _("ready to confirm"), State.APPROVAL: _("ready to sign"), State.OFFERED: _("the borrower's decision"),
    State.CONTRACTING: _("ready to close the contract"), State.CONDITIONS: _("ready to pay out"),
    State.PAYOUT: _("ready to prepare the payment"), State.WAITING: _("the borrower's answer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases."""

    case: LoanCase
    holder: str
    missing: Sequence[Any]
    ready: Any
    legal: Sequence[LegalTerm] = ()

    @property
    def amount(self) -> Any:
        """What is to be signed, where that is known, else what is asked."""
        return self.case.amount

    @property
    def is_proposed(self) -> bool:
        """Tell whether the amount is the proposed one."""
        return self.case.amount_proposed is not None

    @property
    def began(self) -> dt.datetime:
        """When the case came to the institution, or was begun."""
        return self.case.submitted_at or self.case.created_at

    @property
    def due_at(self) -> dt.datetime | None:
        """Deadline, if there is one."""
        return self.case.due_at if self.case.due_at < NO_DEADLINE and self.case.state not in ENDED else None

    @property
    def paused_seconds(self) -> int | None:
        """Set while the service clock stands still."""
        return self.case.paused_seconds


def rows_of(page: Page[LoanCase], actor: Actor) -> list[CaseRow]:
    """Lines of a page for a reader; two queries, for the holders and for the legal clocks, and what telling the reader's part needs.

    Of a case that is ready, but not for the reader, the line says why.
    """
    handles = handles_of(case.holder_id for case in page.rows)
    clocks = legal_clocks() if page.rows else ()
    lines = [row_of(case, handles.get(case.holder_id or 0, ""), clocks) for case in page.rows]
    others = unfit((line.case for line in lines if line.ready), actor)
    return [replace(line, ready=others.get(line.case.pk, line.ready)) for line in lines]


def row_of(case: LoanCase, holder: str = "", clocks: Sequence[LegalClock] | None = None) -> CaseRow:
    """Line of one case."""
    missing = [] if case.state == State.WAITING else missing_words(case)
    ready = "" if missing else READY.get(case.state, "")
    return CaseRow(case, holder, missing, ready, legal_terms(case, clocks))


def missing_words(case: LoanCase) -> list[Any]:
    """What still has to hold before the case's next step, in the words of its guards."""
    if case.state not in FORWARD and case.state != State.CREDIT_REVIEW:
        return []
    return [registry.guards[name].label for name in case.missing if name in registry.guards]
