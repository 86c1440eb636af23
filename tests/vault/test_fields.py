"""Encrypted fields on real rows: sealed by every way of writing, bound to their place, closed to every question."""

import copy
import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models, transaction
from django.db.migrations.writer import MigrationWriter
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.vault import crypto, fields
from apps.vault.errors import CannotOpen
from apps.vault.fields import EncryptedField, EncryptedTextField
from apps.vault.models import EncryptedFile, KeyOwner
from apps.vault.services import owner_create
from tests.vault.factories import ID_NUMBER, again, borrower_owner, specimen
from tests.vault.models import Note, Specimen

VALUES = {
    "name": "王小明",
    "id_number": ID_NUMBER,
    "email": "wang@example.com",
    "born_on": dt.date(1980, 2, 29),
    "income": Decimal("1250000.55"),
    "extra": {"score": [1, 2.5, None], "说明": "好", "open": True},
}
in_one_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


def stored(row: models.Model, column: str) -> Any:
    """Read a column behind the ORM's back."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])
        value = cursor.fetchone()[0]
    return bytes(value) if isinstance(value, memoryview) else value


def overwrite(row: models.Model, column: str, value: Any) -> None:
    """Write a column behind the ORM's back."""
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{row._meta.db_table}" SET "{column}" = %s WHERE id = %s', [value, row.pk])


def revealed(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name).reveal() for name in VALUES}


def field_of(name: str) -> EncryptedField:
    found = Specimen._meta.get_field(name)
    assert isinstance(found, EncryptedField)
    return found


# Writing and reading.


def test_values_come_back_as_they_were(rows: None) -> None:
    row = specimen(**VALUES)
    assert revealed(row) == revealed(again(row)) == VALUES


@pytest.mark.parametrize("name", VALUES)
def test_the_column_holds_an_envelope_under_the_owners_key(rows: None, name: str) -> None:
    row = specimen(**VALUES)
    envelope = stored(row, name)
    assert envelope[:2] == bytes([crypto.VERSION, crypto.Suite.AES_256_GCM])
    assert crypto.key_id_of(envelope) == row.key_owner.active_cipher().key_id
    assert field_of(name).encode_value(VALUES[name]) not in envelope


@in_one_database
@given(
    name=st.text(max_size=40),
    born_on=st.dates(),
    income=st.decimals(allow_nan=False, allow_infinity=False),
    extra=st.recursive(
        st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
)
def test_any_value_of_the_kind_survives(rows: None, **values: Any) -> None:
    row = again(specimen(**values))
    assert {name: getattr(row, name).reveal() for name in values} == values


def test_bulk_create_seals(rows: None) -> None:
    owner = borrower_owner()
    made = Specimen.objects.bulk_create([Specimen(key_owner=owner, name=f"name {n}") for n in range(3)])
    assert [again(row).name.reveal() for row in made] == ["name 0", "name 1", "name 2"]


def test_bulk_update_seals(rows: None) -> None:
    row = specimen(**VALUES)
    row.name, row.born_on = "another", dt.date(2000, 1, 1)
    Specimen.objects.bulk_update([row], ["name", "born_on"])
    assert (again(row).name.reveal(), again(row).born_on.reveal()) == ("another", dt.date(2000, 1, 1))


def test_update_fields_writes_what_it_names(rows: None) -> None:
    row = specimen(**VALUES)
    row.name, row.email = "another", "other@example.com"
    row.save(update_fields=["name"])
    assert (again(row).name.reveal(), again(row).email.reveal()) == ("another", VALUES["email"])


def test_an_untouched_value_is_not_sealed_again(rows: None) -> None:
    row = again(specimen(**VALUES))
    before = {name: stored(row, name) for name in VALUES}
    row.plain = "changed"
    row.save()
    row.save()
    assert {name: stored(row, name) for name in VALUES} == before


def test_refresh_from_db_brings_back_what_is_stored(rows: None) -> None:
    row = specimen(**VALUES)
    row.name = "never saved"
    row.refresh_from_db()
    assert row.name.reveal() == VALUES["name"]
    assert row.name.is_sealed


def test_a_deferred_value_is_fetched_when_it_is_asked_for(rows: None, django_assert_num_queries: Any) -> None:
    row = Specimen.objects.only("plain").get(pk=specimen(**VALUES).pk)
    with django_assert_num_queries(2):
        assert row.name.reveal() == VALUES["name"]  # the name, then the row's uuid: its key is at hand


def test_a_page_of_rows_of_many_owners_fetches_its_keys_at_once(rows: None, django_assert_num_queries: Any) -> None:
    for number in range(12):
        specimen(name=f"name {number}", key_owner=borrower_owner())
    fields.base.keyring.clear()
    with django_assert_num_queries(2):  # the rows, their keys
        page = list(Specimen.objects.order_by("pk"))
        assert [row.name.reveal() for row in page] == [f"name {number}" for number in range(12)]


def test_an_owner_with_its_keys_at_hand_saves_without_a_query_a_field(
    rows: None, django_assert_num_queries: Any
) -> None:
    owner = owner_create(kind="borrower")
    with django_assert_num_queries(1):
        Specimen.objects.create(key_owner=owner, **{**VALUES, "id_number": ""})


def test_a_loaded_row_asks_once_for_its_owner_and_once_for_the_key(rows: None, django_assert_num_queries: Any) -> None:
    row = again(specimen(**VALUES))
    row.name, row.email, row.born_on = "another", "x@example.com", dt.date(2000, 1, 1)
    with django_assert_num_queries(3):
        row.save()


def test_the_owner_may_stand_at_the_end_of_a_path(rows: None) -> None:
    parent = specimen()
    note = again(Note.objects.create(specimen=parent, body="a long story"))
    assert note.body.reveal() == "a long story"
    assert str(note.body) == "••••"
    assert crypto.key_id_of(stored(note, "body")) == parent.key_owner.active_cipher().key_id


# Nothing, and emptiness.


@pytest.mark.parametrize("name", ["email", "born_on", "income", "extra"])
def test_null_stays_null(rows: None, name: str) -> None:
    row = specimen(**{name: None})
    assert stored(row, name) is None
    assert getattr(row, name) is getattr(again(row), name) is None
    assert list(Specimen.objects.filter(**{f"{name}__isnull": True})) == [row]
    assert list(Specimen.objects.exclude(**{f"{name}__isnull": True})) == []


def test_empty_text_is_an_empty_column(rows: None) -> None:
    row = specimen(id_number="")
    assert stored(row, "id_number") == b""
    for held in (row.id_number, again(row).id_number):
        assert not held
        assert (held.reveal(), str(held)) == ("", "")


def test_a_text_that_was_never_given_is_empty(rows: None) -> None:
    row = Specimen(key_owner=borrower_owner())
    assert row.name.reveal() == ""
    assert row.born_on is None


@pytest.mark.parametrize("value", [{}, [], "", 0, False])
def test_an_empty_json_value_is_a_value(rows: None, value: Any) -> None:
    held = again(specimen(extra=value)).extra
    assert held
    assert (held.reveal(), str(held)) == (value, "••••")


# Bound to their place.


def test_a_value_moved_to_another_row_is_refused(rows: None) -> None:
    owner = borrower_owner()
    one, other = specimen(name="one", key_owner=owner), specimen(name="other", key_owner=owner)
    overwrite(other, "name", stored(one, "name"))
    with pytest.raises(CannotOpen):
        again(other).name.reveal()
    assert str(again(other).name) == "cannot be opened"
    assert again(one).name.reveal() == "one"


def test_a_value_moved_to_another_field_is_refused(rows: None) -> None:
    row = specimen()
    overwrite(row, "email", stored(row, "name"))
    with pytest.raises(CannotOpen):
        again(row).email.reveal()


def test_a_value_moved_to_another_table_is_refused(rows: None) -> None:
    row = specimen()
    note = Note.objects.create(specimen=row, body="body", uuid=row.uuid)
    overwrite(note, "body", stored(row, "name"))
    with pytest.raises(CannotOpen):
        again(note).body.reveal()


def test_a_row_given_another_uuid_is_refused(rows: None) -> None:
    row = specimen()
    Specimen.objects.filter(pk=row.pk).update(uuid=uuid.uuid4())
    with pytest.raises(CannotOpen):
        again(row).name.reveal()


@pytest.mark.parametrize("junk", [b"x", bytes(9), bytes(10), bytes(40), b"\x01\x01" + bytes(60)])
def test_junk_in_the_column_is_refused(rows: None, junk: bytes) -> None:
    row = specimen()
    overwrite(row, "name", junk)
    with pytest.raises(CannotOpen):
        again(row).name.reveal()


def test_assigning_the_secret_of_another_row_seals_it_anew(rows: None) -> None:
    one, other = specimen(name="one"), specimen(name="other", key_owner=owner_create(kind="borrower"))
    other.name = again(one).name
    other.save()
    assert again(other).name.reveal() == "one"
    assert crypto.key_id_of(stored(other, "name")) == other.key_owner.active_cipher().key_id


def test_assigning_a_rows_own_secret_changes_nothing(rows: None) -> None:
    row = again(specimen())
    before = stored(row, "name")
    row.name = row.name
    row.save()
    assert stored(row, "name") == before


# Refused.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 5),
        ("name", ["x"]),
        ("born_on", "1980-02-29"),
        ("born_on", dt.datetime(1980, 2, 29, tzinfo=dt.UTC)),
        ("income", 1.5),
        ("income", True),
        ("income", "1"),
        ("income", Decimal("NaN")),
        ("income", Decimal("Infinity")),
        ("extra", dt.date(1980, 1, 1)),
        ("extra", object()),
    ],
)
def test_a_value_of_another_kind_is_refused_without_printing_it(rows: None, name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"vault_tests.Specimen.{name} takes no {type(value).__name__}$"):
        Specimen(**{name: value})


def test_json_that_is_no_json_is_refused_at_saving(rows: None) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        specimen(extra=[float("nan")])


def test_text_that_is_too_long_is_refused_without_printing_it(rows: None) -> None:
    with pytest.raises(ValidationError) as refusal:
        specimen(name="x" * 41)
    assert refusal.value.message_dict == {"name": ["Use at most 40 characters."]}


@pytest.mark.parametrize(
    "question",
    [
        Q(name="王小明"),
        Q(name=None),
        Q(name__exact="x"),
        Q(name__icontains="x"),
        Q(name__in=["x"]),
        Q(name__gt="x"),
        Q(born_on__year=1980),
        Q(extra__score=1),
        Q(name__startswith="x"),
    ],
)
def test_every_question_but_for_null_is_refused(rows: None, question: Q) -> None:
    with pytest.raises(FieldError):
        Specimen.objects.filter(question)


@pytest.mark.parametrize("value", ["x", 5, dt.date(2000, 1, 1)])
def test_a_queryset_does_not_write_plain_values(rows: None, value: Any) -> None:
    row = specimen()
    with pytest.raises(TypeError, match=r"is written by save\(\)"):
        Specimen.objects.filter(pk=row.pk).update(name=value)


def test_a_queryset_may_blank_a_value(rows: None) -> None:
    row = specimen(**VALUES)
    Specimen.objects.update(email=None, id_number=b"")
    assert again(row).email is None
    assert again(row).id_number.reveal() == ""


def test_values_and_annotations_give_ciphertext_only(rows: None) -> None:
    specimen(**VALUES)
    for row in (
        *Specimen.objects.values(*VALUES),
        Specimen.objects.annotate(copy=models.F("name")).values("copy").get(),
    ):
        assert not any(str(value) in str(row) for value in VALUES.values())


def test_an_expression_may_be_assigned(rows: None) -> None:
    row = specimen(email="")
    row.email = models.Value(None, output_field=models.BinaryField())
    row.save()
    assert again(row).email is None


def test_a_row_without_its_owner_is_not_saved(rows: None) -> None:
    for row in (Specimen(name="x"), Note(body="x")):
        with pytest.raises(ValueError, match="has no key owner"):
            row.save()


# What Django's own machinery does with the fields.


def test_printing_a_row_prints_no_value(rows: None) -> None:
    row = specimen(**VALUES)
    printed = f"{row} {row!r} {row.__dict__} {vars(again(row))}"
    assert not any(str(value) in printed for value in VALUES.values() if isinstance(value, str))


def test_serialising_gives_ciphertext_and_reads_it_back(rows: None) -> None:
    file = EncryptedFile.objects.create(
        owner=borrower_owner(),
        storage_name="x",
        size=1,
        sha256="0",
        content_type="text/plain",
        original_name="王小明.pdf",
    )
    text = serializers.serialize("json", [again(file)])
    assert "小明" not in text
    EncryptedFile._base_manager.all().delete()
    for restored in serializers.deserialize("json", text):
        restored.save()
    assert again(file).original_name.reveal() == "王小明.pdf"
    assert Specimen._meta.get_field("income").value_to_string(Specimen()) == ""


def test_cleaning_validates_what_was_assigned_and_leaves_what_was_sealed(rows: None) -> None:
    row = specimen(**VALUES)
    row.full_clean()
    row.name = "x" * 41
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert set(refusal.value.message_dict) == {"name"}
    row.name = "fine"
    row.full_clean()
    assert row.name.reveal() == "fine"


def test_cleaning_misses_a_value_that_must_be_there(rows: None) -> None:
    row = Specimen(key_owner=borrower_owner(), name="")
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert set(refusal.value.message_dict) == {"name"}


def test_the_attribute_of_the_class_is_the_descriptor() -> None:
    assert Specimen.name.field is Specimen._meta.get_field("name")


@pytest.mark.parametrize("name", ["name", "id_number", "email", "born_on", "income", "extra", "id_number_index"])
def test_fields_describe_themselves_to_migrations(name: str) -> None:
    field = Specimen._meta.get_field(name)
    _name, path, args, kwargs = field.deconstruct()
    assert path == f"apps.vault.fields.{type(field).__name__}"
    again = getattr(fields, type(field).__name__)(*args, **kwargs)
    assert again.deconstruct()[1:] == (path, args, kwargs)
    assert (again.null, again.blank, again.editable) == (field.null, field.blank, field.editable)
    MigrationWriter.serialize(field)


def test_all_kinds_are_columns_of_bytes() -> None:
    kinds = {name: Specimen._meta.get_field(name).get_internal_type() for name in VALUES}
    assert set(kinds.values()) == {"EncryptedTextField"} or set(kinds.values()) == {"BinaryField"}


@pytest.mark.parametrize("mask", ["half", "NAME", " "])
def test_an_unknown_mask_is_refused(mask: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Mask"):
        EncryptedTextField(mask=mask)


def test_a_model_without_uuid_or_owner_fails_the_check() -> None:
    class Bare(models.Model):  # noqa: DJ008 - never printed
        name = EncryptedTextField(owner="someone.key_owner")

        class Meta:
            app_label = "vault_tests"

    messages = [str(message.msg) for message in Bare._meta.get_field("name").check()]
    assert messages == [
        "The model has no 'uuid', which its encrypted fields need.",
        "The model has no 'someone', which its encrypted fields need.",
    ]


def test_an_owner_may_be_a_property_and_sound_models_pass_the_check() -> None:
    class Held(models.Model):  # noqa: DJ008 - never printed
        uuid = models.UUIDField()
        name = EncryptedTextField(owner="keeper")

        class Meta:
            app_label = "vault_tests"

        @property
        def keeper(self) -> KeyOwner | None:
            return None

    assert Held._meta.get_field("name").check() == []
    assert EncryptedFile.check() == Specimen.check() == []


def test_the_base_of_the_fields_is_of_no_kind() -> None:
    field = EncryptedField()
    for call in (field.takes, field.encode_value, field.decode_value):
        with pytest.raises(NotImplementedError):
            call(b"")


def test_a_transform_is_refused(rows: None) -> None:
    with pytest.raises(FieldError):
        list(Specimen.objects.order_by("name__lower"))


# Keys that come and go between two savings.


def test_a_value_whose_key_was_rolled_back_is_sealed_under_the_next(rows: None) -> None:
    row = Specimen(name="王小明", plain="x")
    with transaction.atomic():
        row.key_owner = borrower_owner()
        row.save()
        transaction.set_rollback(True)
    row.pk, row.key_owner = None, borrower_owner()
    row.save(force_insert=True)
    fields.base.keyring.clear()
    assert again(row).name.reveal() == "王小明"


def test_a_value_whose_key_is_lost_is_not_saved_again(rows: None) -> None:
    row = Specimen(name="王小明")
    with transaction.atomic():
        row.key_owner = borrower_owner()
        row.save()
        transaction.set_rollback(True)
    fields.base.keyring.clear()
    row.pk, row.key_owner = None, borrower_owner()
    with pytest.raises(CannotOpen), transaction.atomic():
        row.save(force_insert=True)


def test_saving_a_deferred_value_fetches_it(rows: None) -> None:
    row = Specimen.objects.defer("name").get(pk=specimen(**VALUES).pk)
    row.save(update_fields=["name"])
    assert again(row).name.reveal() == VALUES["name"]


def test_a_field_cleans_a_bare_value() -> None:
    assert field_of("name").clean("fine", None) == "fine"
    with pytest.raises(ValidationError):
        field_of("name").clean("", None)


# Copies of rows.


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_row_just_made_is_sealed_for_itself(rows: None, copied: Any) -> None:
    file = EncryptedFile(owner=borrower_owner(), storage_name="x", size=1, sha256="0", original_name="王小明.pdf")
    file.save()
    twin = EncryptedFile(owner=file.owner, storage_name="y", size=1, sha256="0")
    twin.__dict__["original_name"] = copied(file.__dict__["original_name"])
    twin.save()
    assert again(twin).original_name.reveal() == again(file).original_name.reveal() == "王小明.pdf"


def test_a_copy_of_a_loaded_row_under_another_uuid_is_refused_rather_than_lost(rows: None) -> None:
    twin = again(specimen(**VALUES))
    twin.pk, twin.uuid = None, uuid.uuid4()
    with pytest.raises(CannotOpen), transaction.atomic():
        twin.save(force_insert=True)
    for name, value in VALUES.items():
        setattr(twin, name, value)
    twin.save(force_insert=True)
    assert revealed(again(twin)) == VALUES


def test_a_row_deleted_and_inserted_again_keeps_its_values(rows: None) -> None:
    row = again(specimen(**VALUES))
    Specimen.objects.filter(pk=row.pk).delete()
    row.save(force_insert=True)
    assert revealed(again(row)) == VALUES
