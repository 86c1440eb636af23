"""The database that holds the rich world: made once a run, copied for each module that walks through it."""

from __future__ import annotations

import collections
import fcntl
import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.conf import settings
from django.db import connections, transaction

from apps.audit.services.sealing import log_seal
from apps.audit.services.signing import sealer_actor
from tests import databases
from tests.accounts import factories as people
from tests.borrowers import factories as borrowers
from tests.statements import NOTES
from tests.walks import world
from tests.walks.world import World
from tests.workflow import factories as workflow

TOLD = databases.RUN / "furnished.json"
FILES = databases.RUN / "furnished-files"
SPENT = 2000  # serial numbers that the world's factories may have used in another process


@contextmanager
def copied() -> Iterator[World]:
    """Work on a copy of the furnished database, with the files that its rows speak of; then it is gone."""
    with copy() as name, at(name) as made:
        yield made


@contextmanager
def copy() -> Iterator[str]:
    """Make a copy of the furnished database, which is dropped in the end; the value is its name."""
    _made()
    name = databases.name_of(f"furnished-{uuid4().hex[:8]}")  # each process of the run has its own
    databases.engine().copy(databases.name_of("furnished"), name)
    try:
        yield name
    finally:
        databases.engine().drop(name)


@contextmanager
def at(name: str) -> Iterator[World]:
    """Work on a copy that others work on later: what is written is to be taken back. Files are there again whatever was erased."""
    made, before = _made(), databases.current()
    shutil.copytree(FILES, settings.MEDIA_ROOT, dirs_exist_ok=True)  # a test that forgot a borrower has erased some
    for module in (people, borrowers, workflow):
        collections.deque(itertools.islice(module.numbers, SPENT), maxlen=0)
    databases.switch(name)
    try:
        yield made
    finally:
        databases.switch(before)


def _made() -> World:
    """The world; the first process of the run that asks makes it."""
    with (databases.RUN / "furnished.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not TOLD.exists():
            with NOTES.shared(databases.RUN.name):  # for every module that walks, not for the first of them
                _make()
        told = json.loads(TOLD.read_text())
    return World(told["handles"], told["cases"])


def _make() -> None:
    with databases.copied("furnishing") as name:
        whole = transaction.atomic()
        whole._from_testcase = True  # one commit for all: hundreds of them take minutes on a busy PostgreSQL
        with whole:
            made = world.build()
        log_seal(actor=sealer_actor())
        connections.close_all()
        databases.engine().copy(name, databases.name_of("furnished"))
    shutil.copytree(settings.MEDIA_ROOT, FILES, dirs_exist_ok=True)
    TOLD.write_text(made.told())
