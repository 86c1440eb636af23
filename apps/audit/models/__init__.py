"""The log's tables."""

from apps.audit.models.events import AuditEvent, AuditMacKey, AuditTouch, FieldDifference
from apps.audit.models.seals import (
    AuditCosignature,
    AuditHead,
    AuditLeaf,
    AuditNode,
    AuditObject,
    AuditObjectNode,
    AuditSigningKey,
)
from apps.audit.models.streams import AuditStream

__all__ = [
    "AuditCosignature",
    "AuditEvent",
    "AuditHead",
    "AuditLeaf",
    "AuditMacKey",
    "AuditNode",
    "AuditObject",
    "AuditObjectNode",
    "AuditSigningKey",
    "AuditStream",
    "AuditTouch",
    "FieldDifference",
]
