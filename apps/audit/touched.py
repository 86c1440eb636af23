"""What an act wrote: objects by stable keys, the sort of write, and the field differences."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.db.models import Model
from django.db.models.fields import AutoFieldMixin

from apps.audit.canonical import JSON, plain


class Op(StrEnum):
    """What happened to an object: written in three ways, or only named (looked at, refused, spoken of)."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NAME = "name"


@dataclasses.dataclass(slots=True)
class Touched:
    """One object in an event to be: its key, model and primary key, what happened, and ``{field: [before, after]}``."""

    key: str
    model: type[Model]
    pk: Any
    op: Op
    ref: str
    row: Model | None = None
    changes: dict[str, list[JSON]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, row: Model, op: Op, changes: Mapping[str, Any] | None = None) -> Touched:
        """Describe a saved row."""
        model = row._meta.concrete_model or type(row)
        differences = {str(name): _pair(pair) for name, pair in (changes or {}).items()}
        return cls(object_key(row), model, row.pk, op, reference(row), row, differences)

    @property
    def starts_fresh(self) -> bool:
        """Tell whether the object can't have been touched before: made in this act, its key drawn by the database."""
        return self.op is Op.CREATE and isinstance(self.model._meta.pk, AutoFieldMixin)

    def then(self, later: Touched) -> Touched:
        """Merge with a later write of the same object: the first "before", the last "after"."""
        changes = {**self.changes, **later.changes}
        for name in self.changes.keys() & later.changes.keys():
            changes[name] = [self.changes[name][0], later.changes[name][1]]
        op = self.op if self.op is Op.CREATE and later.op is Op.UPDATE else later.op
        op = self.op if later.op is Op.NAME else op
        return dataclasses.replace(later, op=op, changes=changes)


def _pair(pair: Any) -> list[JSON]:
    before, after = pair
    return [plain(before), plain(after)]


def object_key(row: Model) -> str:
    """Key of a row that triggers compute alike: its table and primary key, such as ``workflow_loancase:17``."""
    model = row._meta.concrete_model or type(row)
    return key_of(model, row.pk)


def key_of(model: type[Model], pk: Any) -> str:
    """Key of the row of ``model`` with this primary key."""
    return f"{model._meta.db_table}:{pk.hex if isinstance(pk, uuid.UUID) else pk}"


def reference(row: Model) -> str:
    """Label of a row in the log: its ``reference``, else its kind and number; never a name."""
    given = getattr(row, "reference", None)
    return str(plain(given)) if isinstance(given, str) and given else f"{row._meta.verbose_name_raw} {row.pk}"
