"""Proves the log: every event's code, spelling, numbers and columns, the journal both ways, the locks."""

from apps.audit.verify.report import Fault, Report
from apps.audit.verify.run import verify

__all__ = ["Fault", "Report", "verify"]
