"""Owners and keys: made together, revealed with a record, rotated without loss, destroyed for good."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused, Unavailable
from apps.vault import crypto
from apps.vault.errors import CannotOpen, Forgotten
from apps.vault.files import open_stream, store
from apps.vault.keyring import keyring
from apps.vault.keyservice.current import forget_key_service, key_service
from apps.vault.keyservice.keyfile import keyfile_add_root
from apps.vault.models import DataKey, KeyOwner
from apps.vault.ports import port
from apps.vault.services import (
    file_reseal,
    installation_owner,
    key_rotate,
    keys_rewrap,
    owner_create,
    owner_forget,
    reveal,
    row_reseal,
)
from tests.vault.factories import ID_NUMBER, again, borrower_owner, specimen
from tests.vault.models import Note, Specimen

ACTOR = Actor.system("tests")


@dataclasses.dataclass
class Notebook:
    """A recorder that remembers, or refuses."""

    entries: list[tuple[str, Any, dict[str, Any]]] = dataclasses.field(default_factory=list)
    refuses: bool = False

    def _enter(self, what: str, subject: Any, details: dict[str, Any]) -> None:
        if self.refuses:
            raise Unavailable("the journal is full")
        self.entries.append((what, subject, details))

    def revealed(self, *, actor: Actor, subject: Any, fields: Any, purpose: str) -> None:
        self._enter("revealed", subject, {"fields": list(fields), "purpose": purpose})

    def rotated(self, *, actor: Actor, subject: Any, note: dict[str, Any]) -> None:
        self._enter("rotated", subject, note)

    def forgotten(self, *, actor: Actor, subject: Any, note: dict[str, Any]) -> None:
        self._enter("forgotten", subject, note)

    def if_undone(self, undo: Callable[[], None]) -> None:
        """Leave out what only an act can roll back."""


@pytest.fixture(autouse=True)
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Fill the port with a notebook."""
    kept = Notebook()
    monkeypatch.setattr(port, "_recorder", kept)
    return kept


@pytest.fixture(params=[crypto.Suite.AES_256_GCM, crypto.Suite.SM4_GCM, crypto.Suite.AES_256_GCM_SIV])
def suite(request: pytest.FixtureRequest, settings: Any) -> crypto.Suite:
    """Seal with each suite in turn."""
    settings.LOANFLOW_SUITE = request.param.name.lower().replace("_", "-")
    return crypto.Suite(request.param)


def key_of(owner: KeyOwner) -> DataKey:
    return DataKey.objects.live().get(owner=owner, use="data")


def id_under(row: Any, name: str) -> bytes:
    return crypto.key_id_of(getattr(again(row), name).envelope())


# Making.


@pytest.mark.parametrize("kind", ["borrower", "person"])
def test_an_owner_is_made_with_a_wrapped_key_of_its_own(db: None, kind: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        owner = owner_create(kind=kind, label="import sba7a:1182")
        cipher = owner.active_cipher()
    key = key_of(owner)
    assert (key.key_id, key.suite, key.root_key_id) == (cipher.key_id.hex(), 1, key_service().active())
    assert cipher.material not in bytes(key.wrapped)
    assert (owner.kind, owner.label, str(owner)) == (kind, "import sba7a:1182", f"key owner {owner.pk}")


def test_no_two_owners_share_a_key(db: None) -> None:
    keys = {owner_create(kind="borrower").active_cipher().material for _ in range(20)}
    assert len(keys) == 20


def test_an_unknown_kind_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="not a valid OwnerKind"):
        owner_create(kind="visitor")


@pytest.mark.parametrize("label", ["Wang Xiaoming", "王小明 李四", "x" * 81, "import 1" + "2" * 80])
def test_a_label_that_could_be_a_name_is_refused(db: None, label: str) -> None:
    with pytest.raises(ValueError, match="never a name"):
        owner_create(kind="borrower", label=label)
    assert KeyOwner.objects.count() == 0


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("officer-12", "officer-12"),
        ("SBA7a 1182", "sba7a 1182"),
        ("sheet 客户12", "sheet ??12"),
        ("王小明", "???"),
        ("a\n1", "a?1"),
        ("", ""),
    ],
)
def test_a_label_is_kept_as_a_plain_reference(db: None, label: str, kept: str) -> None:
    assert owner_create(kind="borrower", label=label).label == kept


def test_every_suite_seals_and_opens(rows: None, suite: crypto.Suite) -> None:
    row = again(specimen())
    assert row.name.reveal() == "王小明"
    assert row.name.envelope()[1] == suite


def test_the_installation_has_one_owner_with_two_keys(db: None, django_assert_num_queries: Any) -> None:
    owner = installation_owner()
    with django_assert_num_queries(1):
        assert installation_owner() == owner
    assert sorted(owner.keys.values_list("use", flat=True)) == ["data", "index"]
    with pytest.raises(IntegrityError), transaction.atomic():
        owner_create(kind="installation")


def test_an_owner_has_one_live_key_of_a_use(db: None) -> None:
    key = key_of(owner_create(kind="borrower"))
    key.pk, key.key_id, key.uuid = None, "0" * 16, crypto.uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        key.save()


def test_an_owner_without_a_key_is_forgotten(db: None) -> None:
    with pytest.raises(Forgotten):
        KeyOwner.objects.create(kind="borrower").active_cipher()


def test_refreshing_an_owner_looks_for_its_key_again(db: None) -> None:
    owner = owner_create(kind="borrower")
    owner_forget(actor=ACTOR, owner=KeyOwner.objects.get(pk=owner.pk))
    owner.refresh_from_db()
    with pytest.raises(Forgotten):
        owner.active_cipher()


# Revealing.


def test_revealing_records_first_and_then_gives_the_values(rows: None, notebook: Notebook) -> None:
    row = again(specimen())
    shown = reveal(actor=ACTOR, row=row, fields=["name", "born_on"], purpose="credit review")
    assert shown == {"name": "王小明", "born_on": None}
    assert notebook.entries == [("revealed", row, {"fields": ["name", "born_on"], "purpose": "credit review"})]


def test_what_cannot_be_recorded_is_not_revealed(
    rows: None, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = specimen()
    monkeypatch.setattr("apps.vault.fields.base.open_sealed", None)
    notebook.refuses = True
    with pytest.raises(Unavailable, match="journal"):
        reveal(actor=ACTOR, row=row, fields=["name"], purpose="x")


@pytest.mark.parametrize("service", ["reveal", "rotate", "rewrap", "forget"])
def test_an_empty_port_refuses_and_nothing_happens(rows: None, service: str) -> None:
    row = specimen()
    before = list(DataKey.objects.order_by("pk").values())
    port.fill(None)
    calls: dict[str, Any] = {
        "reveal": lambda: reveal(actor=ACTOR, row=row, fields=["name"], purpose="x"),
        "rotate": lambda: key_rotate(actor=ACTOR, owner=row.key_owner),
        "rewrap": lambda: keys_rewrap(actor=ACTOR),
        "forget": lambda: owner_forget(actor=ACTOR, owner=row.key_owner),
    }
    with pytest.raises(Unavailable, match="cannot be recorded"):
        calls[service]()
    assert list(DataKey.objects.order_by("pk").values()) == before


# Rotating.


def test_a_new_data_key_seals_while_the_old_one_still_opens(rows: None, notebook: Notebook) -> None:
    row = again(specimen())
    old = key_of(row.key_owner)
    key_rotate(actor=ACTOR, owner=row.key_owner)
    new = key_of(row.key_owner)
    row.email = "wang@example.com"
    row.save()
    assert id_under(row, "name").hex() == old.key_id != new.key_id == id_under(row, "email").hex()
    keyring.clear()
    assert (again(row).name.reveal(), again(row).email.reveal()) == ("王小明", "wang@example.com")
    assert notebook.entries == [("rotated", row.key_owner, {"old": old.key_id, "new": new.key_id})]


def test_a_row_is_sealed_anew_once(rows: None) -> None:
    row = specimen(email="wang@example.com")
    index = row.id_number_index
    key_rotate(actor=ACTOR, owner=row.key_owner)
    loaded = again(row)
    assert [row_reseal(row=loaded), row_reseal(row=loaded), row_reseal(row=again(row))] == [True, False, False]
    key_id = row.key_owner.active_cipher().key_id
    assert {id_under(row, name) for name in ("name", "id_number", "email")} == {key_id}
    assert (again(row).id_number.reveal(), again(row).id_number_index) == (ID_NUMBER, index)


def test_a_row_without_indexes_and_with_blanks_is_sealed_anew(rows: None) -> None:
    parent = specimen()
    note = Note.objects.create(specimen=parent, body="body")
    blank = specimen(name="", id_number="", key_owner=parent.key_owner)
    key_rotate(actor=ACTOR, owner=parent.key_owner)
    note = again(note)
    assert [row_reseal(row=note), row_reseal(row=again(blank))] == [True, False]
    assert again(note).body.reveal() == "body"


def test_a_file_is_sealed_anew_without_touching_its_content(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    owner = borrower_owner()
    file = store(owner, [b"content"], name="x.pdf", content_type="application/pdf", max_bytes=100)
    sealed = (tmp_path / "files" / file.storage_name).read_bytes()
    key_rotate(actor=ACTOR, owner=owner)
    assert [file_reseal(file=again(file)), file_reseal(file=again(file))] == [True, False]
    assert b"".join(open_stream(again(file))) == b"content"
    assert crypto.key_id_of(bytes(again(file).file_key)) == id_under(file, "original_name")
    assert (tmp_path / "files" / file.storage_name).read_bytes() == sealed


def test_there_is_no_key_after_a_forgotten_one(rows: None) -> None:
    owner = specimen().key_owner
    owner_forget(actor=ACTOR, owner=owner)
    with pytest.raises(Forgotten):
        key_rotate(actor=ACTOR, owner=owner)


def test_a_rotation_that_cannot_be_recorded_changes_nothing(rows: None, notebook: Notebook) -> None:
    row = specimen()
    notebook.refuses = True
    with pytest.raises(Unavailable):
        key_rotate(actor=ACTOR, owner=row.key_owner)
    row.email = "wang@example.com"
    row.save()
    keyring.clear()
    assert again(row).email.reveal() == "wang@example.com"


def test_keys_are_wrapped_anew_under_a_new_root(rows: None, notebook: Notebook, settings: Any, key_path: Path) -> None:
    settings.LOANFLOW_KEY_FILE = key_path
    owned = [specimen(name=f"name {number}") for number in range(3)]
    root = keyfile_add_root(key_path)
    forget_key_service()
    assert [
        keys_rewrap(actor=ACTOR, limit=3),
        keys_rewrap(actor=ACTOR, limit=3),
        keys_rewrap(actor=ACTOR, limit=3),
    ] == [3, 2, 0]
    assert set(DataKey.objects.values_list("root_key_id", flat=True)) == {root}
    keyring.clear()
    assert [again(row).name.reveal() for row in owned] == ["name 0", "name 1", "name 2"]
    assert [(what, note) for what, _subject, note in notebook.entries] == [
        ("rotated", {"rewrapped": 3, "root": root}),
        ("rotated", {"rewrapped": 2, "root": root}),
    ]


# Forgetting.


def test_a_forgotten_owner_is_closed_for_good_and_no_other(rows: None, notebook: Notebook) -> None:
    row, other = specimen(), specimen(name="other", key_owner=owner_create(kind="borrower"))
    key_rotate(actor=ACTOR, owner=row.key_owner)
    assert owner_forget(actor=ACTOR, owner=row.key_owner) == 2
    with pytest.raises(Forgotten):
        again(row).name.reveal()
    assert str(again(row).name) == "forgotten"
    assert {bytes(key.wrapped) for key in row.key_owner.keys.all()} == {b""}
    assert all(key.destroyed_at for key in row.key_owner.keys.all())
    assert again(other).name.reveal() == "other"
    assert notebook.entries[-1] == ("forgotten", row.key_owner, {"keys": 2, "indexes": 2})


def test_a_forgotten_owner_is_no_longer_found(rows: None) -> None:
    row, other = specimen(), specimen(key_owner=owner_create(kind="borrower"))
    owner_forget(actor=ACTOR, owner=row.key_owner)
    assert (again(row).id_number_index, again(row).tail_index) == (None, None)
    assert again(other).id_number_index is not None
    assert list(Specimen.objects.filter(id_number_index=other.id_number_index)) == [other]


def test_nothing_more_is_sealed_for_a_forgotten_owner(rows: None) -> None:
    row = specimen()
    owner_forget(actor=ACTOR, owner=row.key_owner)
    row = again(row)
    row.email = "wang@example.com"
    with pytest.raises(Forgotten), transaction.atomic():
        row.save()
    row = again(row)
    row.plain = "still to be saved"
    row.save()
    assert again(row).plain == "still to be saved"


def test_forgetting_twice_destroys_nothing_more(rows: None) -> None:
    owner = specimen().key_owner
    assert [owner_forget(actor=ACTOR, owner=owner), owner_forget(actor=ACTOR, owner=owner)] == [1, 0]


def test_the_installation_is_not_forgotten(db: None) -> None:
    with pytest.raises(Refused) as refusal:
        owner_forget(actor=ACTOR, owner=installation_owner())
    assert refusal.value.guard == "installation"
    assert DataKey.objects.live().count() == 2


def test_forgetting_that_cannot_be_recorded_destroys_nothing(rows: None, notebook: Notebook) -> None:
    row = specimen()
    notebook.refuses = True
    with pytest.raises(Unavailable):
        owner_forget(actor=ACTOR, owner=row.key_owner)
    keyring.clear()
    assert again(row).name.reveal() == "王小明"
    assert again(row).id_number_index is not None


def test_a_key_fetched_while_it_is_destroyed_is_let_go_at_the_commit(
    rows: None, django_capture_on_commit_callbacks: Any
) -> None:
    row = specimen()
    cipher = row.key_owner.active_cipher()
    with django_capture_on_commit_callbacks(execute=True):
        owner_forget(actor=ACTOR, owner=row.key_owner)
        keyring.put(cipher)  # what another thread may have fetched in the meantime
    with pytest.raises(CannotOpen):
        again(row).name.reveal()
