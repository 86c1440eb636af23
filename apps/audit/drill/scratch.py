"""A copy of database, journal and pins to do harm to; the originals are only read."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from apps.audit import codes, journal
from apps.vault.keyring import keyring


class CannotCopy(Exception):
    """The database could not be copied; the words say why."""


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """Work on a copy of the database with a copy of the journal and no pins; yields the copy's name, removes all afterwards."""
    before, kept = (
        str(connection.settings_dict["NAME"]),
        (settings.LOANFLOW_JOURNAL, getattr(settings, "LOANFLOW_PIN", None)),
    )
    with tempfile.TemporaryDirectory(prefix="loanflow-drill-") as place:
        folder = Path(place)
        if journal.folder().exists():
            shutil.copytree(journal.folder(), folder / "journal")
        with _copied(before, folder) as name:
            settings.LOANFLOW_JOURNAL, settings.LOANFLOW_PIN = folder / "journal", folder / "pins"
            _switch(name)
            try:
                yield name
            finally:
                settings.LOANFLOW_JOURNAL, settings.LOANFLOW_PIN = kept
                _switch(before)


def _switch(name: str) -> None:
    """Point every thread at another database, and let go of keys that were read from the one before."""
    connections.close_all()
    connection.settings_dict["NAME"] = connections.settings["default"]["NAME"] = name
    keyring.clear()
    codes.forget_keys()


@contextlib.contextmanager
def _copied(name: str, folder: Path) -> Iterator[str]:
    connections.close_all()
    if connection.vendor == "sqlite":
        copy = folder / "database.sqlite3"
        with contextlib.closing(sqlite3.connect(name)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        yield str(copy)
        return
    copied = f"{name[:40]}-drill-{secrets.token_hex(4)}"
    try:
        _on_server("CREATE DATABASE {} TEMPLATE {}", copied, name)
    except psycopg.Error as problem:
        raise CannotCopy(str(problem).strip()) from problem
    try:
        yield copied
    finally:
        _on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", copied)


def _on_server(statement: str, *names: str) -> None:
    described = connection.settings_dict
    place: dict[str, Any] = {
        "host": described["HOST"] or None, "port": described["PORT"] or None, "user": described["USER"] or None,
        "password": described["PASSWORD"] or None, "dbname": "postgres",
    }  # fmt: skip
    with psycopg.connect(**place, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
