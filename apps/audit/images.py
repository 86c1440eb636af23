"""After-images: what a row holds once it is written, as a digest that a later reconciliation can make again.

Rows are read back from the database, so expressions, database defaults and partial saves count as what they became.
Ciphertext stands in the image as its hash; each encrypted value is also *committed* to under its owner's key, so that a
value can be proved to have been there until that key is destroyed, and guessed at never.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DecimalField, Field, Model
from django.db.models.sql.compiler import SQLCompiler

from apps.audit.canonical import JSON, canonical, digest, plain
from apps.audit.governed import clear_fields, hidden_fields
from apps.audit.touched import Op, Touched
from apps.vault.crypto import bind, key_id_of
from apps.vault.errors import CannotOpen
from apps.vault.keyring import keyring
from apps.vault.secret import Secret

STATEMENTS = 1000  # kept a thread; their number is that of models times rows an act


def read_back(touched: Iterable[Touched]) -> dict[str, Model]:
    """Read the rows that still stand, one query a table, by object key."""
    wanted: dict[type[Model], dict[Any, str]] = defaultdict(dict)
    for one in touched:
        if one.op in {Op.CREATE, Op.UPDATE}:
            wanted[one.model][one.pk] = one.key
    return {keys[row.pk]: row for model, keys in wanted.items() for row in rows_of(model, list(keys))}


def rows_of(model: type[Model], pks: list[Any]) -> Iterator[Model]:
    """Rows by key, as the ORM reads them; every act asks this, so the statement of each kind is compiled once a thread."""
    statement = _statement(model, len(pks))
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [statement.key.get_db_prep_value(pk, connection) for pk in pks])
        found = cursor.fetchall()
    rows = statement.compiler.apply_converters(found, statement.converters) if statement.converters else found
    return (model.from_db(DEFAULT_DB_ALIAS, statement.names, row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A compiled SELECT of whole rows by so many keys."""

    sql: str
    key: Any
    names: list[str]
    compiler: SQLCompiler
    converters: Any


class _Statements(threading.local):
    """Those of this thread: a compiler belongs to its thread's connection, and ends with it."""

    def __init__(self) -> None:
        self.by_shape: dict[tuple[type[Model], int], _Statement] = {}


_statements = _Statements()


def _statement(model: type[Model], count: int) -> _Statement:
    known = _statements.by_shape
    if (model, count) not in known:
        if len(known) >= STATEMENTS:
            known.clear()
        known[model, count] = _compiled(model, count)
    return known[model, count]


def _compiled(model: type[Model], count: int) -> _Statement:
    rows = model._base_manager.filter(pk__in=range(1, count + 1)).order_by()
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, _params = compiler.as_sql()
    names = [field.attname for field in model._meta.concrete_fields]
    return _Statement(sql, model._meta.pk, names, compiler, compiler.get_converters(one[0] for one in compiler.select))


def columns(row: Model, material: bytes | None = None) -> dict[str, JSON]:
    """Column values of a row as it was read, by column name; what may not be told stands as its commitment.

    ``material`` is the key to commit under, for one that its owner had before; without it the key of now.
    """
    hidden = hidden_commitments(row, material)
    return {str(field.column): hidden.get(field.name, _value(field, row)) for field in row._meta.concrete_fields}


def image(row: Model) -> str:
    """Digest of a row's after-image."""
    return digest(canonical(columns(row)))


def made_of(row: Model) -> dict[str, list[JSON]]:
    """Difference of a new row from nothing: its clear values, each with ``null`` before it."""
    values = ((name, _value(row._meta.get_field(name), row)) for name in clear_fields(type(row)))  # type: ignore[arg-type]
    return {name: [None, value] for name, value in values if value is not None}


def _value(field: Field[Any, Any], row: Model) -> JSON:
    value = getattr(row, field.attname)
    if isinstance(value, Secret):
        return {"sha256": hashlib.sha256(value.envelope()).hexdigest()}
    if isinstance(value, Decimal) and isinstance(field, DecimalField):
        return f"{value:.{field.decimal_places}f}"
    return plain(value)


def commitments(row: Model) -> dict[str, JSON]:
    """Commitment to each value of a row that may not be told; ``null`` for one whose key is gone."""
    secrets = ((field, getattr(row, field.attname)) for field in row._meta.concrete_fields)
    sealed = {field.name: _of_secret(field, value) for field, value in secrets if isinstance(value, Secret) and value}
    return {**sealed, **hidden_commitments(row)}


def hidden_commitments(row: Model, material: bytes | None = None) -> dict[str, JSON]:
    """Commitment to each value that stands in clear but not in the log (``evidence_hides``), where the row has an owner.

    Without a key of the owner's, a digest of a name could be found by trying names, and so outlive the forgetting.
    """
    fields: list[Any] = [row._meta.get_field(name) for name in hidden_fields(type(row))]
    values = (getattr(row, field.attname) for field in row._meta.concrete_fields) if fields else ()
    sealed = next((value for value in values if isinstance(value, Secret) and value), None)
    if not fields or not (sealed or hasattr(row, "key_owner_id")):
        return {}
    material = material or _owner_material(row, sealed)
    told = ((field, str(getattr(row, field.attname)).encode()) for field in fields if getattr(row, field.attname))
    return {field.name: commitment_under(material, field, row, value) if material else None for field, value in told}


def _owner_material(row: Any, sealed: Secret | None) -> bytes | None:
    """The key that seals one of the row's values, else its owner's; ``None`` when they are forgotten."""
    try:
        cipher = keyring.cipher(key_id_of(sealed.envelope())) if sealed else row.key_owner.active_cipher()
    except CannotOpen:
        return None
    return cipher.material


def _of_secret(field: Field[Any, Any], secret: Secret) -> str | None:
    try:
        cipher = keyring.cipher(key_id_of(secret.envelope()))
        value = secret.field.encode_value(secret.reveal())
    except CannotOpen:
        return None
    return commitment_under(cipher.material, field, secret.row, value)


def commitment_under(material: bytes, field: Field[Any, Any], row: Any, value: bytes) -> str:
    """HMAC of a value, its place and its row, under a key derived from the data key that seals it."""
    key = hmac.digest(material, b"loanflow/commitment/v1", "sha256")
    return hmac.digest(key, bind(field.model._meta.label, field.name, row.uuid) + value, "sha256").hex()
