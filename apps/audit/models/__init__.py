"""The log's tables."""

from apps.audit.models.events import AuditEvent, AuditMacKey, AuditTouch, FieldDifference
from apps.audit.models.exports import AuditExport, ExportState
from apps.audit.models.retired import AuditRetired, AuditStub
from apps.audit.models.seals import (
    AuditCosignature,
    AuditHead,
    AuditLeaf,
    AuditNode,
    AuditObject,
    AuditObjectNode,
    AuditSigningKey,
)
from apps.audit.models.stamps import AuditTimestamp
from apps.audit.models.streams import AuditStream

__all__ = [
    "AuditCosignature",
    "AuditEvent",
    "AuditExport",
    "AuditHead",
    "AuditLeaf",
    "AuditMacKey",
    "AuditNode",
    "AuditObject",
    "AuditObjectNode",
    "AuditRetired",
    "AuditSigningKey",
    "AuditStream",
    "AuditStub",
    "AuditTimestamp",
    "AuditTouch",
    "ExportState",
    "FieldDifference",
]
