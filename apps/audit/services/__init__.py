"""The doors of the log: ``act`` opens a transaction of evidence, ``record`` and ``record_read`` write events."""

from apps.audit.services.act import act
from apps.audit.services.exporting import Export, log_export
from apps.audit.services.recording import Look, record, record_looks, record_read, written

__all__ = ["Export", "Look", "act", "log_export", "record", "record_looks", "record_read", "written"]
