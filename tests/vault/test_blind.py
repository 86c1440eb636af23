"""Finding without decrypting: what the index column holds, what it finds, and what it never claims."""

from typing import Any

import pytest
from django.db import models, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.vault import blind
from apps.vault.blind import NOWHERE, blind_index, confirm_matches, find
from apps.vault.errors import KeysUnavailable
from apps.vault.fields import BlindIndexField, EncryptedTextField
from apps.vault.indexkey import forget_index_key, index_key
from apps.vault.models import DataKey, KeyOwner
from apps.vault.services import installation_owner, owner_create
from tests.vault.factories import ID_NUMBER, again, borrower_owner, installation_made, specimen
from tests.vault.models import Specimen

PATH = "vault_tests.Specimen.id_number"
TAIL = "vault_tests.Specimen.tail_index"


def collide(row: Specimen, other: Specimen) -> None:
    """Give a row the indexes of another."""
    Specimen.objects.filter(pk=row.pk).update(id_number_index=other.id_number_index, tail_index=other.tail_index)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget_index_key()


def test_a_value_is_found_however_it_is_written(rows: None) -> None:
    row = specimen(id_number=ID_NUMBER)
    specimen(id_number="91370100MA3C4K2K7Y", key_owner=borrower_owner())
    for written in (ID_NUMBER, ID_NUMBER.lower(), f"  {ID_NUMBER} ", "９１370100MA3C4K2K7X"):
        assert list(Specimen.objects.filter(id_number_index=blind_index(PATH, written))) == [row]
        assert find(PATH, written, Specimen.objects.all()) == [row]


def test_the_last_four_find_all_who_share_them(rows: None) -> None:
    rows_found = [specimen(id_number=f"{number}92K7X", key_owner=borrower_owner()) for number in range(3)]
    specimen(id_number="92K7Y", key_owner=borrower_owner())
    assert find(TAIL, "2K7X", Specimen.objects.order_by("pk")) == rows_found


@pytest.mark.parametrize(("name", "low", "high"), [("id_number_index", -(2**63), 2**63), ("tail_index", 0, 2**24)])
def test_an_index_keeps_within_its_bits(rows: None, name: str, low: int, high: int) -> None:
    installation_owner()
    index = Specimen._meta.get_field(name)
    assert isinstance(index, BlindIndexField)
    found = [index.index(f"value {number:04}") for number in range(60)]
    assert all((value is not None and low < value < high) or value == 0 for value in found)
    assert len(set(found)) == 60 or name == "tail_index"


def test_two_indexes_and_two_installations_have_keys_of_their_own(rows: None) -> None:
    owner = installation_owner()
    before = (blind_index(PATH, "2K7X"), blind_index(TAIL, "2K7X"))
    assert before[0] >> 40 != before[1]
    DataKey._base_manager.filter(owner=owner).delete()
    owner.delete()
    installation_owner()
    assert blind_index(PATH, "2K7X") != before[0]


def test_what_comes_back_from_the_index_is_confirmed_by_decrypting(rows: None) -> None:
    row, other = specimen(), specimen(id_number="another", key_owner=borrower_owner())
    collide(other, row)
    hits = list(Specimen.objects.filter(id_number_index=blind_index(PATH, ID_NUMBER)).order_by("pk"))
    assert hits == [row, other]
    assert confirm_matches(PATH, ID_NUMBER, hits) == [row]
    assert find(PATH, ID_NUMBER, Specimen.objects.all()) == [row]


def test_rows_without_a_value_are_never_confirmed(rows: None) -> None:
    row = specimen(id_number="")
    assert (row.id_number_index, row.tail_index) == (None, None)
    assert confirm_matches(PATH, "", [row]) == []


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b"])
def test_looking_for_nothing_finds_nothing(rows: None, nothing: str) -> None:
    specimen(id_number="")
    specimen(id_number=nothing, key_owner=borrower_owner())
    assert blind_index(PATH, nothing) == NOWHERE
    assert list(Specimen.objects.filter(id_number_index=blind_index(PATH, nothing))) == []
    assert find(PATH, nothing, Specimen.objects.all()) == []


def test_no_index_is_the_value_that_finds_nothing(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lowest:
        def copy(self) -> "Lowest":
            return self

        def update(self, _value: bytes) -> None:
            """Take nothing in."""

        def digest(self) -> bytes:
            return b"\x80" + bytes(31)

    monkeypatch.setattr(blind, "_keyed", lambda _path: Lowest())
    assert blind.digest(PATH, "x", 64) == NOWHERE + 1


def test_an_unknown_path_is_an_error(rows: None) -> None:
    with pytest.raises(KeyError):
        blind_index("vault_tests.Specimen.name", "x")


# Kept in step with the value.


def test_the_index_follows_the_value(rows: None) -> None:
    row = again(specimen())
    row.id_number = "NEW NUMBER"
    row.save()
    assert find(PATH, "new number", Specimen.objects.all()) == [row]
    row.id_number = ""
    row.save()
    assert again(row).id_number_index is None
    row.id_number = "third"
    row.save(update_fields=["id_number", "id_number_index", "tail_index"])
    assert find(PATH, "third", Specimen.objects.all()) == [row]
    row.id_number = None
    row.id_number_index = 5
    assert Specimen._meta.get_field("id_number_index").pre_save(row, False) is None


def test_a_row_saved_for_another_reason_keeps_its_index_without_decrypting(
    rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = again(specimen())
    monkeypatch.setattr("apps.vault.fields.base.open_sealed", None)
    before = row.id_number_index
    row.plain = "changed"
    row.save()
    assert again(row).id_number_index == before is not None


def test_bulk_create_fills_indexes(rows: None) -> None:
    owner = borrower_owner()
    made = Specimen.objects.bulk_create(
        [Specimen(key_owner=owner, name="x", id_number=f"number {n}") for n in range(3)]
    )
    assert [find(PATH, f"number {n}", Specimen.objects.all()) for n in range(3)] == [[row] for row in made]


@pytest.mark.parametrize("named", [["id_number"], ["id_number", "tail_index"], ["id_number", "id_number_index"]])
def test_a_save_that_would_leave_an_index_stale_is_refused(rows: None, named: list[str]) -> None:
    row = specimen()
    row.id_number = "another"
    with pytest.raises(ValueError, match="without its index"):
        row.save(update_fields=named)
    assert again(row).id_number.reveal() == ID_NUMBER


# The index key.


def test_before_the_installation_is_made_nothing_is_indexed(rows: None) -> None:
    owner = owner_create(kind="borrower")
    with pytest.raises(KeysUnavailable, match=r"manage\.py init"), transaction.atomic():
        Specimen.objects.create(key_owner=owner, name="x", id_number="y")
    with pytest.raises(KeysUnavailable):
        blind_index(PATH, "x")


def test_the_index_key_is_wrapped_and_never_seals(rows: None) -> None:
    owner = installation_owner()
    key = owner.keys.get(use="index")
    assert index_key().material not in bytes(key.wrapped)
    assert owner.active_cipher().key_id != index_key().key_id


def test_a_committed_index_key_is_asked_for_once(committed_rows: str, django_assert_num_queries: Any) -> None:
    installation_made()
    index_key()
    with django_assert_num_queries(0):
        blind_index(PATH, "x")
    forget_index_key()
    with django_assert_num_queries(1):
        blind_index(PATH, "x")
        blind_index(TAIL, "x")


def test_an_index_key_that_is_rolled_back_indexes_nothing_afterwards(committed_rows: str) -> None:
    class Undone(Exception):
        """Rolls back."""

    def undo() -> int:
        try:
            with transaction.atomic():
                installation_owner()
                lost.append(blind_index(PATH, "x"))
                raise Undone
        except Undone:
            return len(lost)

    lost: list[int] = []
    assert undo() == 1
    with pytest.raises(KeysUnavailable):
        blind_index(PATH, "x")
    installation_made()
    assert blind_index(PATH, "x") not in lost


# What the field says of itself.


def test_derived_keys_are_bounded(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    installation_owner()
    monkeypatch.setattr(blind, "DERIVED_LIMIT", 1)
    first = blind_index(PATH, "x")
    assert blind_index(TAIL, "x") != first
    assert blind_index(PATH, "x") == first
    assert len(blind._derived) == 1


@pytest.mark.parametrize("bits", [0, 8, 32, 128])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        BlindIndexField(source="x", bits=bits)


def test_the_first_index_of_a_source_is_known_by_the_source_and_each_by_its_own_path() -> None:
    names = {index.path for index in blind.indexes()}
    assert {"vault_tests.Specimen.id_number_index", TAIL} <= names
    assert blind._indexes[PATH].name == "id_number_index"


def test_an_index_without_an_encrypted_source_fails_the_check() -> None:
    class Unsound(models.Model):  # noqa: DJ008 - never printed
        uuid = models.UUIDField()
        key_owner = models.ForeignKey(KeyOwner, models.PROTECT, related_name="+")
        clear = models.TextField()
        name = EncryptedTextField()
        of_clear = BlindIndexField(source="clear")
        of_nothing = BlindIndexField(source="missing")
        of_name = BlindIndexField(source="name")

        class Meta:
            app_label = "vault_tests"

    failed = [
        index.id for name in ("of_clear", "of_nothing", "of_name") for index in Unsound._meta.get_field(name).check()
    ]
    assert failed == ["vault.E011", "vault.E011"]
    for name in [path for path in blind._indexes if "Unsound" in path]:
        del blind._indexes[name]


@given(st.text(), st.text())
def test_framing_and_folding_keep_different_values_apart(some: str, other: str) -> None:
    fold = Specimen._meta.get_field("id_number_index").normaliser
    assert fold(fold(some)) == fold(some) or some != other


def test_index_and_data_keys_of_one_owner_may_both_be_live(rows: None) -> None:
    owner = installation_owner()
    assert sorted(DataKey.objects.live().filter(owner=owner).values_list("use", flat=True)) == ["data", "index"]


def test_an_abstract_row_has_no_index_of_its_own(rows: None) -> None:
    class Abstract(models.Model):
        name_index = BlindIndexField(source="name")

        class Meta:
            abstract = True

    assert not any("Abstract" in path for path in blind._indexes)
