"""The root key file: made once with the right modes, never overwritten, refused when loose or damaged."""

import base64
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from apps.vault.errors import KeyFileExists, KeysUnavailable
from apps.vault.keyservice import keyfile
from apps.vault.keyservice.keyfile import keyfile_add_root, keyfile_create, keyfile_read, root_key_id


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def rewrite(path: Path, **changes: Any) -> None:
    """Change entries of a key file's document."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_new_key_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.json"
    before = os.umask(0)
    try:
        root = keyfile_create(path)
    finally:
        os.umask(before)
    assert (mode_of(path.parent), mode_of(path)) == (0o700, 0o600)
    keys = keyfile_read(path)
    assert (keys.active, list(keys.material)) == (root, [root])
    assert root_key_id(keys.material[root]) == root
    assert list(path.parent.iterdir()) == [path]


def test_two_key_files_hold_two_keys(tmp_path: Path) -> None:
    assert keyfile_create(tmp_path / "one" / "root.json") != keyfile_create(tmp_path / "two" / "root.json")


def test_a_key_file_is_never_overwritten(key_path: Path) -> None:
    before = key_path.read_bytes()
    with pytest.raises(KeyFileExists, match="left as it is"):
        keyfile_create(key_path)
    assert key_path.read_bytes() == before
    assert list(key_path.parent.iterdir()) == [key_path]


def test_no_key_file_is_made_in_a_folder_that_others_may_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(KeysUnavailable, match="open to other users"):
        keyfile_create(tmp_path / "root.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o601, 0o620, 0o777])
def test_a_key_file_with_loose_modes_is_refused(key_path: Path, mode: int) -> None:
    key_path.chmod(mode)
    with pytest.raises(KeysUnavailable, match="open to other users"):
        keyfile_read(key_path)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_key_file_in_a_loose_folder_is_refused(key_path: Path, mode: int) -> None:
    key_path.parent.chmod(mode)
    with pytest.raises(KeysUnavailable, match="open to other users"):
        keyfile_read(key_path)


def test_a_read_only_key_file_will_do(key_path: Path) -> None:
    key_path.chmod(0o400)
    assert keyfile_read(key_path).active


def test_a_missing_key_file_is_one_sentence_and_no_new_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.json"
    with pytest.raises(KeysUnavailable, match=r"is missing .* makes no new one"):
        keyfile_read(path)
    assert not path.exists()


SPOILED = [
    {"format": "loanflow-root-keys/2"},
    {"active": "0" * 16},
    {"keys": {}},
    {"keys": []},
    {"keys": {"0" * 16: {"created": "", "material": base64.b64encode(bytes(32)).decode()}}, "active": "0" * 16},
    {"keys": {root_key_id(bytes(31)): {"material": base64.b64encode(bytes(31)).decode(), "created": ""}}},
    {"keys": {"x": {"material": "not base64!", "created": ""}}},
    {"keys": {"x": {}}},
    {"keys": {"x": {"material": None}}},
]


@pytest.mark.parametrize("changes", SPOILED)
def test_a_damaged_key_file_is_refused(key_path: Path, changes: dict[str, Any]) -> None:
    rewrite(key_path, **changes)
    with pytest.raises(KeysUnavailable, match="damaged"):
        keyfile_read(key_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"keys": {}}'])
def test_a_file_that_is_no_key_file_is_refused(key_path: Path, content: bytes) -> None:
    key_path.write_bytes(content)
    with pytest.raises(KeysUnavailable, match="damaged"):
        keyfile_read(key_path)


def test_a_root_key_is_added_and_the_old_one_kept(key_path: Path) -> None:
    old = keyfile_read(key_path)
    new = keyfile_add_root(key_path)
    keys = keyfile_read(key_path)
    assert keys.active == new != old.active
    assert set(keys.material) == {old.active, new}
    assert keys.material[old.active] == old.material[old.active]
    assert keys.created[old.active] == old.created[old.active]
    assert mode_of(key_path) == 0o600
    assert list(key_path.parent.iterdir()) == [key_path]


def test_a_draft_that_cannot_be_finished_leaves_no_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys" / "root.json"

    def full(_handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(keyfile.os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        keyfile_create(path)
    assert not path.exists()


def test_root_keys_show_nothing_of_themselves(key_path: Path) -> None:
    keys = keyfile_read(key_path)
    assert keys.material[keys.active].hex() not in repr(keys)
    assert base64.b64encode(keys.material[keys.active]).decode() not in repr(keys)
