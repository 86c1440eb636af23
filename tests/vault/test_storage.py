"""The storage of encrypted files: a file is there whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps.vault import storage
from apps.vault.storage import DurableStorage


class Breaking:
    """Content that breaks off."""

    def chunks(self) -> Iterator[bytes]:
        """Give something, then fail."""
        yield b"half"
        raise RuntimeError("broken off")


@pytest.fixture
def disk(tmp_path: Path) -> DurableStorage:
    return DurableStorage(location=tmp_path / "files")


def test_the_settings_keep_encrypted_files_in_it() -> None:
    assert isinstance(storages["vault"], DurableStorage)


def test_what_is_saved_is_read(disk: DurableStorage) -> None:
    name = disk.save("ab/file", ContentFile(b"content"))
    assert name == "ab/file"
    assert disk.open(name).read() == b"content"
    assert Path(disk.path(name)).stat().st_mode & 0o777 == 0o600


def test_a_write_that_breaks_off_leaves_nothing(disk: DurableStorage) -> None:
    with pytest.raises(RuntimeError, match="broken off"):
        disk._save("ab/file", Breaking())
    assert list(Path(disk.path("ab")).iterdir()) == []


def test_content_and_folder_are_on_the_disk_before_the_name_is_given_back(
    disk: DurableStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def watch(_handle: int) -> None:
        seen.append(sorted(path.name for path in Path(disk.path("ab")).iterdir()))

    monkeypatch.setattr(storage.os, "fsync", watch)
    disk.save("ab/file", ContentFile(b"content"))
    assert seen == [[".file.part"], ["file"]]


def test_two_writers_of_one_name_do_not_meet(disk: DurableStorage, tmp_path: Path) -> None:
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / ".file.part").write_bytes(b"of another writer")
    with pytest.raises(FileExistsError):
        disk.save("ab/file", ContentFile(b"content"))
    assert (tmp_path / "files" / "ab" / ".file.part").read_bytes() == b"of another writer"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd"])
def test_no_name_leads_out_of_the_folder(disk: DurableStorage, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        disk.save(name, ContentFile(b"content"))


def test_existing_content_is_not_overwritten(disk: DurableStorage) -> None:
    names: Any = [disk.save("ab/file", ContentFile(text)) for text in (b"one", b"two")]
    assert len(set(names)) == 2
    assert [disk.open(name).read() for name in names] == [b"one", b"two"]
