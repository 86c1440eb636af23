"""Encrypted files: stored and read as streams, whole or not at all, refused when anything about them was changed."""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.vault import crypto, files, stream
from apps.vault.errors import CannotOpen, Forgotten
from apps.vault.files import open_stream, store
from apps.vault.models import DataKey, EncryptedFile, KeyOwner
from apps.vault.services import owner_create
from apps.vault.suites import suite_of
from tests.vault.factories import again, borrower_owner

SYSTEM = Actor.system("test")
MIB = 2**20
CONTENT = b"a page of a business licence \xe7\x8e\x8b" * 5000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """Keep the files of a test in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def owner(db: None) -> KeyOwner:
    return borrower_owner()


def put(owner: KeyOwner, content: Any = CONTENT, **changes: Any) -> EncryptedFile:
    given = {"name": "licence.pdf", "content_type": "application/pdf", "max_bytes": 16 * MIB, **changes}
    return store(owner, io.BytesIO(content) if isinstance(content, bytes) else content, **given)


def path_of(file: EncryptedFile) -> Path:
    return Path(files.storage().path(file.storage_name))


def read(file: EncryptedFile, *span: int) -> bytes:
    return b"".join(open_stream(file, *span))


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_went_in(owner: KeyOwner) -> None:
    file = again(put(owner))
    assert read(file) == CONTENT
    assert (file.size, file.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert (file.content_type, file.original_name.reveal(), str(file.original_name)) == (
        "application/pdf",
        "licence.pdf",
        "••••.pdf",
    )


@pytest.mark.parametrize("name", ["aes-256-gcm", "sm4-gcm", "aes-256-gcm-siv"])
def test_a_file_is_sealed_by_the_suite_in_use_and_opens_whatever_is_in_use_later(
    owner: KeyOwner, settings: Any, name: str
) -> None:
    settings.LOANFLOW_SUITE = name
    file = put(owner)
    assert path_of(file).read_bytes()[4] == suite_of(name)
    settings.LOANFLOW_SUITE = "aes-256-gcm"
    assert read(file, 70_000, 90_000) == CONTENT[70_000:90_000]


@pytest.mark.parametrize("size", [0, 1, stream.CHUNK - 1, stream.CHUNK, stream.CHUNK + 1, 3 * stream.CHUNK])
def test_files_of_every_size_come_back(owner: KeyOwner, size: int) -> None:
    content = os.urandom(size)
    assert read(again(put(owner, content))) == content


@pytest.mark.parametrize(
    "wrap",
    [
        io.BytesIO,
        lambda content: SimpleUploadedFile("x", content),
        lambda content: iter([content[:10], b"", content[10:]]),
    ],
)
def test_uploads_open_files_and_pieces_are_all_taken(owner: KeyOwner, wrap: Any) -> None:
    assert read(put(owner, wrap(CONTENT))) == CONTENT


@pytest.mark.parametrize(
    "span", [(0, 10), (10, 20), (stream.CHUNK - 5, stream.CHUNK + 5), (len(CONTENT) - 3,), (10**9,), (5, 5)]
)
def test_a_range_is_a_slice(owner: KeyOwner, span: tuple[int, ...]) -> None:
    assert read(put(owner), *span) == CONTENT[slice(*span) if len(span) == 2 else slice(span[0], None)]


def test_nothing_plain_is_on_the_disk_and_only_its_owner_may_read(owner: KeyOwner, folder: Path) -> None:
    path = path_of(put(owner))
    assert b"licence" not in path.read_bytes()
    assert "licence" not in str(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert left_in(folder) == [path]


def test_two_files_of_one_content_look_different(owner: KeyOwner) -> None:
    assert path_of(put(owner)).read_bytes() != path_of(put(owner)).read_bytes()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\wang\\licence.pdf", "licence.pdf"),
        ("../../etc/passwd", "passwd"),
        ("n" * 300 + ".pdf", "n" * 239 + "n" * 12 + ".pdf"),
        ("", ""),
    ],
)
def test_names_lose_their_folders_and_keep_their_ending(owner: KeyOwner, given: str, kept: str) -> None:
    assert put(owner, name=given).original_name.reveal() == kept


# Whole or not at all.


@pytest.mark.parametrize(("limit", "said"), [(len(CONTENT) - 1, "0.15 MiB"), (0, "0.00 MiB")])
def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    owner: KeyOwner, folder: Path, limit: int, said: str
) -> None:
    with pytest.raises(BadInput, match=f"at most {said}"):
        put(owner, max_bytes=limit)
    assert (left_in(folder), EncryptedFile.objects.count()) == ([], 0)


def test_a_large_limit_is_said_in_whole_mebibytes(owner: KeyOwner) -> None:
    with pytest.raises(BadInput, match="at most 1 MiB"):
        put(owner, iter([bytes(MIB), b"x"]), max_bytes=MIB)


def test_an_upload_that_breaks_off_leaves_nothing(owner: KeyOwner, folder: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(3 * stream.CHUNK)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        put(owner, breaking())
    assert (left_in(folder), EncryptedFile.objects.count()) == ([], 0)


def test_a_row_that_cannot_be_saved_leaves_no_file(
    owner: KeyOwner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError("full")

    monkeypatch.setattr(EncryptedFile, "save", fail)
    with pytest.raises(DatabaseError):
        put(owner)
    assert left_in(folder) == []


def test_erasing_removes_the_bytes_and_keeps_the_row(owner: KeyOwner, folder: Path) -> None:
    file = put(owner)
    files.erase(file)
    assert left_in(folder) == []
    assert again(file).sha256 == hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(CannotOpen):
        open_stream(file)


# Tampering.


def test_a_truncated_file_is_refused_before_anything_is_given_out(owner: KeyOwner) -> None:
    file = put(owner)
    path = path_of(file)
    for size in (0, 5, path.stat().st_size - 1, stream.HEADER_BYTES + stream.SEALED_CHUNK):
        os.truncate(path, size)
        with pytest.raises(CannotOpen):
            open_stream(file)


def test_the_file_of_another_row_is_refused(owner: KeyOwner) -> None:
    one, other = put(owner), put(owner)
    path_of(one).write_bytes(path_of(other).read_bytes())
    with pytest.raises(CannotOpen):
        open_stream(one)
    one.storage_name, one.file_key = other.storage_name, other.file_key
    with pytest.raises(CannotOpen):
        open_stream(one)


def test_a_flipped_bit_far_on_stops_the_stream_there(owner: KeyOwner) -> None:
    file = put(owner)
    content = bytearray(path_of(file).read_bytes())
    content[-1] ^= 1
    path_of(file).write_bytes(content)
    given_out = open_stream(file)
    assert next(given_out) == CONTENT[: stream.CHUNK]
    with pytest.raises(CannotOpen):
        list(given_out)


@pytest.mark.parametrize("change", [{"size": 5}, {"file_key": b""}, {"file_key": bytes(70)}])
def test_a_changed_row_is_refused(owner: KeyOwner, change: dict[str, Any]) -> None:
    file = put(owner)
    EncryptedFile._base_manager.filter(pk=file.pk).update(**change)
    with pytest.raises(CannotOpen):
        open_stream(again(file))


def test_a_file_whose_owner_was_forgotten_is_gone(owner: KeyOwner) -> None:
    file = put(owner)
    DataKey._base_manager.filter(owner=owner).update(wrapped=b"", destroyed_at=file.created_at)
    files.keyring.clear()
    with pytest.raises(Forgotten):
        open_stream(again(file))


def test_nothing_is_stored_for_an_owner_without_a_key(db: None, folder: Path) -> None:
    bare = KeyOwner.objects.create(kind="borrower")
    with pytest.raises(Forgotten):
        put(bare)
    assert not folder.exists()


def test_an_abandoned_download_closes_the_file(owner: KeyOwner) -> None:
    given_out = open_stream(put(owner))
    next(given_out)
    given_out.close()  # type: ignore[attr-defined]
    assert list(given_out) == []


def test_a_files_key_is_sealed_anew_under_its_owners_present_key(owner: KeyOwner) -> None:
    file, stranger = put(owner), owner_create(kind="borrower")
    file.owner = stranger
    files.reseal_key(file)
    assert crypto.key_id_of(file.file_key) == stranger.active_cipher().key_id
    assert read(file) == CONTENT


def recorded_owner() -> KeyOwner:
    """Make an owner with its event, as a database that commits demands."""
    with act(actor=SYSTEM):
        made = borrower_owner()
        record(Tag.KEY_OWNER_CREATED, actor=SYSTEM, subject=made)
    return made


def storing(
    owner: KeyOwner, *, inner_fails: bool = False, outer_fails: bool = False, fails_afterwards: bool = False
) -> None:
    """Store a file in an act inside an act, either of which may be refused afterwards."""

    @act
    def inner(*, actor: Actor) -> None:
        file = put(owner)
        record(Tag.DOCUMENT_ADDED, actor=actor, subject=file)
        if inner_fails:
            raise Refused("state", "too late")

    with act(actor=SYSTEM):
        if fails_afterwards:
            transaction.on_commit(lambda: 1 / 0)
        with contextlib.suppress(Refused):
            inner(actor=SYSTEM)
        if outer_fails:
            raise Refused("state", "too late")


def test_a_file_of_an_act_that_rolls_back_is_erased(committed_db: str, folder: Path) -> None:
    owner = recorded_owner()
    with pytest.raises(Refused):
        storing(owner, outer_fails=True)
    assert (left_in(folder), EncryptedFile.objects.count()) == ([], 0)


def test_a_file_of_an_inner_act_that_was_refused_is_erased_though_the_outer_commits(
    committed_db: str, folder: Path
) -> None:
    storing(recorded_owner(), inner_fails=True)
    assert (left_in(folder), EncryptedFile.objects.count()) == ([], 0)


def test_a_file_of_an_act_that_commits_stays_even_when_something_fails_afterwards(
    committed_db: str, folder: Path
) -> None:
    owner = recorded_owner()
    with pytest.raises(ZeroDivisionError):
        storing(owner, fails_afterwards=True)
    file = EncryptedFile.objects.get()
    assert read(file) == CONTENT
    storing(owner)
    assert len(left_in(folder)) == 2
