"""What the triggers guard, in words both databases share."""

from __future__ import annotations

import dataclasses

from django.db import connection
from django.db.models import Model, UUIDField

from apps.audit.governed import governed_models, governed_throughs
from apps.audit.tags import KEY_TAGS, STRETCH_TAGS, Tag

LOG_TABLES = (
    "audit_event",
    "audit_touch",
    "audit_mac_key",
    "audit_leaf",
    "audit_node",
    "audit_head",
    "audit_signing_key",
    "audit_cosignature",
    "audit_retired",
    "audit_stub",
    "audit_timestamp",
)
KEPT_TABLES = ("audit_object", "audit_object_node")
"""The map of objects: its rows move on with the log and are never taken out; what they may say is signed in the heads."""
APPEND_ONLY = "the audit log is append-only"
ONLINE_MONTHS = 6
"""The log stays online for so long, whatever anybody signs: the database itself lets no younger event go."""
RETIRED_BY = str(Tag.STRETCH_RETIRED)
NEVER_RETIRED = tuple(map(str, (*KEY_TAGS, *STRETCH_TAGS, Tag.FACTOR_ADDED)))
"""Actions whose events stay for ever: proofs of others rest on them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    """A table whose rows may not change unrecorded: rows belong to the object ``prefix:column``."""

    table: str
    prefix: str
    column: str
    is_uuid: bool


def guarded_tables() -> list[Guarded]:
    """Return the governed tables and the many-to-many tables whose rows belong to a governed object, as far as they exist."""
    existing = set(connection.introspection.table_names())
    own = [_guarded(model._meta.db_table, model, model._meta.pk.column) for model in governed_models()]
    links = [
        _guarded(through._meta.db_table, field.model, field.m2m_column_name()) for through, field in governed_throughs()
    ]
    return [guarded for guarded in own + links if guarded.table in existing]


def _guarded(table: str, owner: type[Model], column: str | None) -> Guarded:
    return Guarded(table, owner._meta.db_table, str(column), isinstance(owner._meta.pk, UUIDField))
