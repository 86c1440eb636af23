"""The doors of the log: ``act`` opens a transaction of evidence, ``record`` and ``record_read`` write events."""

from apps.audit.services.act import act
from apps.audit.services.recording import record, record_read, written

__all__ = ["act", "record", "record_read", "written"]
