"""Databases of a run: one migrated template, a copy for each process, a copy for each test that commits. No flush, ever."""

import fcntl
import functools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from apps.audit import mac
from apps.vault.errors import KeyFileExists
from apps.vault.keyring import keyring
from apps.vault.keyservice.keyfile import keyfile_create
from tests.vault.models import SPECIMENS

RUN = Path(os.environ["LOANFLOW_TEST_RUN"])
ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "test-template"


class Engine(Protocol):
    """How one kind of database copies and drops."""

    def create(self, name: str) -> None:
        """Make an empty database."""

    def copy(self, template: str, name: str) -> None:
        """Make a database that equals the template."""

    def drop(self, name: str) -> None:
        """Remove a database and whatever is connected to it."""


class SqliteEngine:
    """Databases are files: the main file holds everything once the last connection has closed."""

    def create(self, name: str) -> None:
        """Do nothing: connecting makes the file."""

    def copy(self, template: str, name: str) -> None:
        """Copy the file."""
        shutil.copyfile(template, name)

    def drop(self, name: str) -> None:
        """Remove the file and its companions."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(name + suffix).unlink(missing_ok=True)


class PostgresEngine:
    """Databases live in one server; copies are made by the server from a template."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.place = {
            "host": description["HOST"] or None,
            "port": description["PORT"] or None,
            "user": description["USER"] or None,
            "password": description["PASSWORD"] or None,
            "dbname": "postgres",
        }
        # copying files takes a third of the time of writing them into the log, where a checkpoint waits for no disk
        with psycopg.connect(**self.place, autocommit=True) as server:
            self.strategy = "FILE_COPY" if server.execute("SHOW fsync").fetchone() == ("off",) else "WAL_LOG"

    def create(self, name: str) -> None:
        """Make an empty database."""
        self._execute("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)

    def copy(self, template: str, name: str) -> None:
        """Let the server copy the template."""
        self._execute(f"CREATE DATABASE {{}} TEMPLATE {{}} STRATEGY {self.strategy}", name, template)

    def drop(self, name: str) -> None:
        """Drop the database, whoever is still connected."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(**self.place, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def engine() -> Engine:
    """Return the engine of the database that this run tests on."""
    return SqliteEngine() if connection.vendor == "sqlite" else _postgres()


@functools.cache
def _postgres() -> Engine:
    return PostgresEngine(settings.DATABASES["default"])


def current() -> str:
    """Return the name of the database of the moment."""
    return str(connection.settings_dict["NAME"])


def name_of(purpose: str) -> str:
    """Return the name of this run's database for a purpose."""
    if connection.vendor == "sqlite":
        return str(RUN / f"{purpose}.sqlite3")
    return f"{RUN.name}-{purpose}".lower()


def switch(name: str) -> None:
    """Point every thread of this process at another database, and let go of the keys of the one before."""
    connections.close_all()
    # one dict for all threads: Django gives it to each connection that it makes
    connection.settings_dict["NAME"] = connections.settings["default"]["NAME"] = name
    keyring.clear()
    mac.forget()


@contextmanager
def lock() -> Iterator[None]:
    """Keep the other processes of this run out."""
    with (RUN / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def template() -> str:
    """Return the name of the migrated template; the first process that asks makes it."""
    name = name_of("template")
    done = RUN / "template.done"
    with lock():
        if not done.exists():
            make_keys()
            engine().drop(name)
            _migrated(name)
            done.touch()
    return name


def _migrated(name: str) -> None:
    """Migrate a new database, or on SQLite take the file of an earlier run that migrated by exactly the same code."""
    kept = KEPT / f"{digest_of_schema()}.sqlite3"
    if connection.vendor == "sqlite" and kept.exists():
        shutil.copyfile(kept, name)
        return
    engine().create(name)
    switch(name)
    call_command("migrate", verbosity=0, interactive=False)
    with connection.schema_editor() as editor:
        for model in SPECIMENS:
            editor.create_model(model)
    connections.close_all()
    if connection.vendor == "sqlite":
        _keep(name, kept)


def _keep(name: str, kept: Path) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    temporary = kept.with_suffix(f".{uuid4().hex[:8]}")
    shutil.copyfile(name, temporary)
    temporary.rename(kept)


def digest_of_schema() -> str:
    """Digest of all that decides what a migrated database holds: migrations, models, locks and the packages."""
    files = sorted({*ROOT.glob("apps/**/migrations/*.py"), *ROOT.glob("apps/**/models/*.py"), *ROOT.glob("apps/**/models.py"),
                    *ROOT.glob("apps/audit/**/*.py"), *ROOT.glob("apps/vault/fields/*.py"), ROOT / "tests/vault/models.py", ROOT / "requirements.txt"})  # fmt: skip
    digest = sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:32]


def make_keys() -> None:
    """Make the key file that all processes of this run share."""
    with suppress(KeyFileExists):
        keyfile_create(settings.LOANFLOW_KEY_FILE)


@contextmanager
def copied(purpose: str) -> Iterator[str]:
    """Work on a fresh copy of the template with an empty journal; then drop it and return to the database of before."""
    source = template()
    before, journal = current(), settings.LOANFLOW_JOURNAL
    copy = f"{purpose}-{uuid4().hex[:8]}"
    engine().copy(source, name_of(copy))
    switch(name_of(copy))
    settings.LOANFLOW_JOURNAL = RUN / f"{copy}-journal"
    try:
        yield name_of(copy)
    finally:
        settings.LOANFLOW_JOURNAL = journal
        switch(before)
        engine().drop(name_of(copy))


@contextmanager
def tripwire_at_rollback(*, enforced: bool) -> Iterator[None]:
    """Let Django's check before a roll-back name what was written without an event, or skip that check."""
    wrapper = connections["default"]
    vars(wrapper).pop("check_constraints", None)
    check = wrapper.check_constraints
    yield
    wrapper.check_constraints = partial(_refuse_debts, check) if enforced else _skip


def _refuse_debts(check: Callable[[], None]) -> None:
    """Name the debts that SQLite keeps in a table; let the database itself check everything else."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT object FROM audit_debt ORDER BY object LIMIT 5")
            debts = [row[0] for row in cursor.fetchall()]
        assert not debts, f"written without an event (go through a service, or audit.act and record): {debts}"
    check()


def _skip() -> None:
    """Check nothing."""


def surroundings() -> dict[str, str]:
    """Return the environment of a child process that is to work on the database and journal of the moment."""
    described = connection.settings_dict
    place = f"{described['USER']}:{described['PASSWORD']}@{described['HOST']}:{described['PORT']}"
    url = "sqlite:///" if connection.vendor == "sqlite" else f"postgres://{place}/"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "loanflow.settings",
        "DATABASE_URL": f"{url}{described['NAME']}",
        "LOANFLOW_JOURNAL": str(settings.LOANFLOW_JOURNAL),
    }


def remove_run() -> None:
    """Remove everything that the run has left: the template and the folder with keys, journal and files."""
    if (RUN / "template.done").exists():
        for each in ("furnished", "template"):
            engine().drop(name_of(each))
    shutil.rmtree(RUN, ignore_errors=True)
