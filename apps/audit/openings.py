"""What an export in clear opens: each commitment that its events hold, where the value committed to still stands and may be read.

The log never holds a value that must not be told, only a commitment to it under its owner's key. The value that stands in
the row today is shown where it is the one that the event commits to; a value that was replaced is nowhere any more.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.audit.canonical import canonical, plain
from apps.audit.governed import governed_models
from apps.audit.images import commitment_under
from apps.audit.models import AuditEvent
from apps.audit.opening_port import OpeningPort, Readers
from apps.audit.tags import Tag
from apps.core.classes import DataClass, names_of
from apps.core.errors import Refused
from apps.vault.crypto import key_id_of
from apps.vault.errors import CannotOpen, Forgotten
from apps.vault.keyring import keyring
from apps.vault.models import DataKey
from apps.vault.models.keys import KeyUse
from apps.vault.secret import Secret

CHUNK = 200  # events whose rows and keys are in memory at a time


class State(StrEnum):
    """What became of a commitment when it was to be opened."""

    OPENED = "opened"
    CHANGED = "changed"
    FORGOTTEN = "forgotten"
    GONE = "gone"
    WITHHELD = "withheld"
    UNREADABLE = "unreadable"


HEADINGS = ("number", "object", "reference", "field", "state", "value")


@dataclasses.dataclass(frozen=True, slots=True)
class Opening:
    """One commitment of one event, opened or not."""

    number: int
    object: str
    reference: str
    field: str
    state: State
    value: str = ""

    def values(self) -> list[Any]:
        """Its cells, as ``HEADINGS`` names them."""
        return [self.number, self.object, self.reference, self.field, self.state.value, self.value]


class Openings:
    """Opens commitments for readers, and counts what it opened: of whom, which fields, how often."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.states: Counter[str] = Counter()
        self.opened: dict[int, tuple[Model, Counter[str]]] = {}

    def of(self, events: Iterable[AuditEvent]) -> Iterator[Opening]:
        """Yield one line for each commitment, in the order of the events."""
        remaining = iter(events)
        while chunk := list(islice(remaining, CHUNK)):
            entries = [
                (event.pk, one) for event in chunk for one in event.data.get("touched", ()) if "commitments" in one
            ]
            held = _Held({one["object"] for _number, one in entries}, self._readers)
            for number, one in entries:
                for field, commitment in one["commitments"].items():
                    yield self._counted(held.opening(number, one, field, commitment), held)

    def refuse_outdated(self) -> None:
        """Lock those whose values were opened, and raise ``Refused`` unless all of them may still be read and none is forgotten.

        Call it in the act that keeps the export: a forgetting then comes before it, and is found, or after it, and finds it.
        """
        wanted: dict[type[Model], list[Any]] = defaultdict(list)
        for row, _fields in self.opened.values():
            wanted[type(row)].append(row.pk)
        for model, pks in wanted.items():
            list(model._base_manager.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))
        live = DataKey.objects.filter(owner_id__in=self.opened, use=KeyUse.DATA, destroyed_at=None)
        still = set(OpeningPort.openable(self._readers, self.opened)) & set(live.values_list("owner_id", flat=True))
        if still != self.opened.keys():
            words = _(
                "Meanwhile somebody of whom it holds data was forgotten, or may no longer be shown. Ask for it anew."
            )
            raise Refused("forgotten", words, action=Tag.LOG_EXPORTED)

    def _counted(self, line: Opening, held: _Held) -> Opening:
        self.states[line.state.value] += 1
        if line.state is State.OPENED:
            row = held.rows[line.object]
            owner = held.owner_of(row, line.field) or 0
            _whose, fields = self.opened.setdefault(owner, (held.openable[owner], Counter()))
            fields[f"{row._meta.label}.{line.field}"] += 1
        return line


class _Held:
    """Rows of a chunk's objects, whose they are, and the keys that may fit."""

    def __init__(self, objects: set[str], readers: Readers) -> None:
        self.rows = rows_by_key(objects)
        sealed = {key_id_of(value.envelope()).hex() for row in self.rows.values() for value in _secrets(row) if value}
        self._owner_of_key = dict(DataKey.objects.filter(key_id__in=sealed).values_list("key_id", "owner_id"))
        owners = set(self._owner_of_key.values()) | {
            owner for row in self.rows.values() if isinstance(owner := getattr(row, "key_owner_id", None), int)
        }
        self.openable: Mapping[int, Model] = OpeningPort.openable(readers, owners)
        self._keys: dict[int, list[bytes]] = defaultdict(list)
        live = DataKey.objects.filter(owner_id__in=self.openable, use=KeyUse.DATA, destroyed_at=None).order_by("-pk")
        for owner, key_id in live.values_list("owner_id", "key_id"):
            self._keys[owner].append(bytes.fromhex(key_id))
        keyring.warm(key_id for keys in self._keys.values() for key_id in keys)
        self._known: dict[tuple[str, str], tuple[State, str, frozenset[str]]] = {}

    def owner_of(self, row: Model, name: str) -> int | None:
        """The key owner whose data a field of a row is."""
        value = getattr(row, name, None)
        if isinstance(value, Secret) and value:
            return self._owner_of_key.get(key_id_of(value.envelope()).hex())
        owner = getattr(row, "key_owner_id", None)
        return owner if isinstance(owner, int) else None

    def opening(self, number: int, touched: Mapping[str, Any], name: str, commitment: Any) -> Opening:
        """Open one commitment."""
        key = touched["object"], name
        if key not in self._known:
            self._known[key] = self._stands(*key)
        state, value, fitting = self._known[key]
        if state is State.OPENED and commitment is None:
            state = State.FORGOTTEN
        elif state is State.OPENED and not any(hmac.compare_digest(str(commitment), each) for each in fitting):
            state = State.CHANGED
        return Opening(number, key[0], str(touched.get("ref", "")), name, state, value if state is State.OPENED else "")

    def _stands(self, key: str, name: str) -> tuple[State, str, frozenset[str]]:
        """What stands in a field now: its state, its text, and the commitments to it under every key of its owner."""
        row = self.rows.get(key)
        if row is None:
            return State.GONE, "", frozenset()
        try:
            field = row._meta.get_field(name)
        except FieldDoesNotExist:
            return State.GONE, "", frozenset()
        owner = self.owner_of(row, name)
        if owner is None or owner not in self.openable or not _may_be_shown(type(row), field):
            return State.WITHHELD, "", frozenset()
        keys = self._keys[owner]
        if not keys:
            return State.FORGOTTEN, "", frozenset()
        return self._opened(row, field, keys)

    def _opened(self, row: Any, field: Any, keys: list[bytes]) -> tuple[State, str, frozenset[str]]:
        value = getattr(row, field.attname)
        try:
            if isinstance(value, Secret):
                value = value.reveal() if value else None
            if value in (None, ""):
                return State.CHANGED, "", frozenset()
            encoded = field.encode_value(value) if hasattr(field, "encode_value") else str(value).encode()
            fitting = frozenset(commitment_under(keyring.cipher(each).material, field, row, encoded) for each in keys)
        except Forgotten:
            return State.FORGOTTEN, "", frozenset()
        except CannotOpen:
            return State.UNREADABLE, "", frozenset()
        return State.OPENED, _text(value), fitting


def rows_by_key(objects: Iterable[str]) -> dict[str, Model]:
    """Rows that stand, by the keys that the log names them by; one query a table."""
    models = {model._meta.db_table: model for model in governed_models()}
    wanted: dict[type[Model], dict[Any, str]] = defaultdict(dict)
    for key in objects:
        table, _colon, pk = key.partition(":")
        model = models.get(table)
        if model is None:
            continue
        try:
            wanted[model][model._meta.pk.to_python(pk)] = key
        except ValidationError:
            continue
    return {
        keys[row.pk]: row for model, keys in wanted.items() for row in model._base_manager.filter(pk__in=list(keys))
    }


def _secrets(row: Model) -> Iterator[Secret]:
    values = (getattr(row, field.attname) for field in row._meta.concrete_fields)
    return (value for value in values if isinstance(value, Secret))


def _may_be_shown(model: type[Model], field: Any) -> bool:
    """Personal data alone, of fields that the port names: what is encrypted and not secret, and names that are blanked when their
    owner is forgotten. Words that people write about a borrower in the course of their work are nothing to be shown.
    """
    if field.name not in OpeningPort.fields(model):
        return False
    data_class = getattr(field, "data_class", None)
    return data_class is DataClass.PERSONAL if data_class is not None else field.name in set(names_of(model))


def _text(value: Any) -> str:
    told = plain(value)
    return told if isinstance(told, str) else canonical(told)
