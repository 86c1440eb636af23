"""No start without the key file that wrapped what the database holds."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import models, transaction

from apps.vault.checks import check_key_file, root_keys_in_use, startup_check
from apps.vault.errors import KeysUnavailable
from apps.vault.keyservice.current import forget_key_service, key_service
from apps.vault.keyservice.keyfile import keyfile_add_root, keyfile_create
from apps.vault.models import DataKey
from apps.vault.services import owner_create


@pytest.fixture
def wrapped(db: None) -> None:
    """A database that holds wrapped keys."""
    owner_create(kind="borrower")
    owner_create(kind="person")


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Any) -> Path:
    """Point the settings at a key file that isn't there."""
    settings.LOANFLOW_KEY_FILE = tmp_path / "keys" / "root.json"
    return tmp_path / "keys" / "root.json"


def test_with_the_right_key_file_it_starts(wrapped: None) -> None:
    startup_check()
    assert check_key_file(None) == []
    assert list(root_keys_in_use()) == [key_service().active()]


def test_without_wrapped_keys_it_starts_before_any_key_file_is_made(db: None, elsewhere: Path) -> None:
    startup_check()
    assert not elsewhere.exists()


def test_a_missing_key_file_is_refused_in_one_sentence_and_none_is_made(wrapped: None, elsewhere: Path) -> None:
    with pytest.raises(KeysUnavailable) as refusal:
        startup_check()
    assert str(refusal.value) == (
        f"The key file {elsewhere} is missing or cannot be read: put it back, LoanFlow makes no new one in its place."
    )
    assert not elsewhere.exists()


def test_another_key_file_is_refused_and_left_alone(wrapped: None, elsewhere: Path) -> None:
    keyfile_create(elsewhere)
    before = elsewhere.read_bytes()
    with pytest.raises(KeysUnavailable, match="this is another key file") as refusal:
        startup_check()
    assert next(iter(root_keys_in_use())) in str(refusal.value)
    assert elsewhere.read_bytes() == before


def test_a_loose_key_file_is_refused(wrapped: None, elsewhere: Path) -> None:
    keyfile_create(elsewhere)
    elsewhere.chmod(0o644)
    with pytest.raises(KeysUnavailable, match="open to other users"):
        startup_check()


def test_every_root_key_in_use_must_be_there(db: None, elsewhere: Path) -> None:
    keyfile_create(elsewhere)
    owner_create(kind="borrower")
    first = elsewhere.read_bytes()
    keyfile_add_root(elsewhere)
    forget_key_service()
    owner_create(kind="borrower")
    assert len(list(root_keys_in_use())) == 2
    startup_check()
    elsewhere.write_bytes(first)
    forget_key_service()
    with pytest.raises(KeysUnavailable, match="another key file"):
        startup_check()


def test_destroyed_keys_need_no_root(wrapped: None, elsewhere: Path) -> None:
    DataKey._base_manager.update(destroyed_at=models.F("created_at"), wrapped=b"")
    startup_check()


def test_commands_refuse_too(wrapped: None, elsewhere: Path) -> None:
    [message] = check_key_file(None)
    assert message.id == "vault.E001"
    with pytest.raises(SystemCheckError, match="is missing or cannot be read"):
        call_command("check", fail_level="CRITICAL")


def test_before_the_first_migration_there_is_nothing_to_refuse(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataKey._meta, "db_table", "a_table_that_is_not_there")
    with transaction.atomic():
        assert check_key_file(None) == []
        transaction.set_rollback(True)
