"""Every secret of the rich world is looked for in everything that is at rest: tables, log, tasks, files, the journal.

What is secret is read from the models: each encrypted field of each row is opened, and its text must be found nowhere in clear.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from apps.borrowers.models import Borrower
from apps.vault.errors import CannotOpen
from apps.vault.secret import Secret
from tests import databases
from tests.walks.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

SHORTEST = 8
"""Shorter texts are found by chance."""


BY_DESIGN = {"outbox"}
"""Folders of files that are for others to read: what the bank is told to pay."""


def secrets() -> dict[str, set[str]]:
    """Clear texts by the field that holds them; the names of businesses are clear by design, also as holders of accounts."""
    names, found = set(Borrower.objects.values_list("legal_name", flat=True)), {}
    for model in apps.get_models():
        if not model.__module__.startswith("apps.") or not model._meta.managed:
            continue
        for row in model._default_manager.order_by("pk")[:200]:
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                text = opened(value) if isinstance(value, Secret) else ""
                if len(text) >= SHORTEST and text not in names:
                    found.setdefault(f"{model._meta.label}.{field.name}", set()).add(text)
    return found


def opened(value: Secret) -> str:
    """The text of a secret, ``""`` where it is no text."""
    with contextlib.suppress(CannotOpen):
        clear = value.reveal()
        return clear if isinstance(clear, str) else ""
    return ""


def at_rest() -> Iterator[tuple[str, bytes]]:
    """Everything that somebody who carries the disks away could read, by its place."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield table, b"\n".join(b"\t".join(map(written, row)) for row in cursor.fetchall())
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.LOANFLOW_JOURNAL).parent):
        files = [each for each in folder.rglob("*") if each.is_file() and "sqlite3" not in each.name]
        yield from ((str(each), each.read_bytes()) for each in files if not set(each.parts) & BY_DESIGN)
    if connection.vendor == "sqlite":  # with what deleted rows have left in its pages
        yield "database file", Path(databases.name_of("furnished")).read_bytes()


def written(value: object) -> bytes:
    """A column's value as it lies there."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def test_no_secret_is_at_rest_in_clear(world: World) -> None:
    known = secrets()
    assert len(known) > 25, sorted(known)
    places = [(place, content) for place, content in at_rest() if content]
    assert any("audit_event" in place for place, _content in places)
    found = {
        (field, text, place)
        for field, texts in known.items()
        for text in texts
        for place, content in places
        if text.encode() in content
    }
    assert found == set()
