"""The nightly comparison of business rows with the log, and whom it wakes."""

from __future__ import annotations

import datetime as dt

from apps.access.selectors import accounts_who_can
from apps.audit.reconcile import Reconciliation
from apps.audit.services.reconciling import reconcile_claim, rows_reconcile
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.services.talk import notify

HOUR = dt.timedelta(hours=1)
NOTICE = "rows_differ"


def rows_compare(actor: Actor) -> int:
    """Compare once a night, from one o'clock at the institution; returns how many rows differ. Others find it taken."""
    if not reconcile_claim(actor=actor, since=last_night()):
        return 0
    return told(rows_reconcile(actor=actor)).count


def told(report: Reconciliation) -> Reconciliation:
    """Put a line under the bell of everybody who may verify the log, where something was found."""
    if report.count:
        able = accounts_who_can(Permission.AUDIT_VERIFY, None).order_by()
        notify(able.values_list("person_id", flat=True), None, NOTICE)
    return report


def last_night() -> dt.datetime:
    """The last one o'clock at the institution."""
    now = clock.now()
    today = clock.midnight(clock.day_of(now)) + HOUR
    return today if today <= now else clock.midnight(clock.day_of(now) - dt.timedelta(days=1)) + HOUR
