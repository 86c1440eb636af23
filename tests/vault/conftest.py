"""Tables of the specimens, a clean ring of keys for every test, and key files of a test's own.

The vault is below the log: its services are tried here without an act, and what acts make of them is the log's to test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from apps.vault.keyring import keyring
from apps.vault.keyservice.keyfile import keyfile_create
from tests.vault.models import ALL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the vault's own tests write without events."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("unrecorded")


def make_tables() -> None:
    """Make the specimens' tables in the database at hand."""
    with connection.schema_editor() as editor:
        for model in ALL:
            editor.create_model(model)


@pytest.fixture(scope="session")
def specimen_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the specimens' tables in this process's database."""
    with django_db_blocker.unblock():
        make_tables()


@pytest.fixture
def rows(specimen_tables: None, db: None) -> None:
    """Work with specimens inside a transaction that is rolled back."""


@pytest.fixture
def committed_rows(committed_db: str) -> str:
    """Work with specimens in a database of this test's own; the value is its name."""
    make_tables()
    return committed_db


@pytest.fixture(autouse=True)
def clean_keyring() -> Iterator[None]:
    """Begin and end with an empty ring of keys."""
    keyring.clear()
    yield
    keyring.clear()


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    """Return the path of a fresh key file."""
    path = tmp_path / "keys" / "root.json"
    keyfile_create(path)
    return path
