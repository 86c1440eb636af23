"""A reconciliation on record: one a night, by whichever worker comes first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from apps.audit.models import AuditEvent
from apps.audit.reconcile import Reconciliation, reconcile
from apps.audit.reconcile.report import NAMED
from apps.audit.seals.due import lock
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.core.actor import Actor

JOB = "reconcile"


def rows_reconcile(*, actor: Actor, progress: Callable[[int], object] | None = None) -> Reconciliation:
    """Compare every governed row with the log and record what was found.

    The walk runs outside any transaction, which would hold writers up. Raises ``KeysUnavailable``, recording nothing.
    """
    report = reconcile(progress=progress)
    with act(actor=actor, tag=str(Tag.ROWS_RECONCILED)):
        record(Tag.ROWS_RECONCILED, actor=actor, note=report.as_json(NAMED))
    return report


@act
def reconcile_claim(*, actor: Actor, since: dt.datetime) -> bool:
    """Take tonight's reconciliation, on record; returns whether nobody had begun one since then."""
    lock()
    begun = AuditEvent.objects.filter(action=Tag.JOB_STARTED, at__gte=since).order_by("-pk")
    if any(event.data.get("note", {}).get("job") == JOB for event in begun):
        return False
    record(Tag.JOB_STARTED, actor=actor, note={"job": JOB})
    return True
