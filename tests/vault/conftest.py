"""A clean ring of keys for every test, and key files of a test's own.

The vault is below the log: its services are tried here without an act, and what acts make of them is the log's to test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.vault.keyring import keyring
from apps.vault.keyservice.keyfile import keyfile_create
from tests.vault.services import Standing, kms_standing, transit_standing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the vault's own tests write without events."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("unrecorded")


@pytest.fixture
def rows(db: None) -> None:
    """Work with specimens inside a transaction that is rolled back."""


@pytest.fixture
def committed_rows(committed_db: str) -> str:
    """Work with specimens in a database of this test's own; the value is its name."""
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


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Vault's stand-in, one for the session."""
    with transit_standing(tmp_path_factory.mktemp("transit")) as found:
        yield found


@pytest.fixture(scope="session")
def kms_url() -> Iterator[str]:
    """KMS's stand-in, one for the session."""
    with kms_standing() as url:
        yield url
