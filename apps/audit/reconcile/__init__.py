"""Business rows against the log: what stands in the tables must be what the newest event of each object says."""

from apps.audit.reconcile.report import Difference, Kind, Reconciliation
from apps.audit.reconcile.run import reconcile

__all__ = ["Difference", "Kind", "Reconciliation", "reconcile"]
