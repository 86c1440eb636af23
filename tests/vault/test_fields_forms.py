"""Model forms over encrypted fields: nothing stored is printed, an empty box keeps what is there."""

import datetime as dt
from typing import Any

import pytest
from django import forms

from apps.vault.fields.forms import secret_form_field
from tests.vault.factories import ID_NUMBER, again, borrower_owner, specimen
from tests.vault.models import Specimen

FIELDS = ("name", "id_number", "email", "born_on", "income", "extra")


class SpecimenForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Specimen
        fields = FIELDS


STORED = {"name": "王小明", "id_number": ID_NUMBER, "born_on": dt.date(1980, 2, 29)}


def test_an_edit_form_prints_masks_and_no_value(rows: None) -> None:
    row = again(specimen(**STORED))
    page = SpecimenForm(instance=row).as_p()
    assert "王小明" not in page
    assert ID_NUMBER not in page
    assert "1980" not in page
    assert 'placeholder="王••••"' in page
    assert 'placeholder="91370100••••••2K7X"' in page


def test_an_empty_box_keeps_what_is_stored(rows: None) -> None:
    row = again(specimen(**STORED))
    before = row.name.envelope()
    form = SpecimenForm({"name": "", "id_number": "", "born_on": ""}, instance=row)
    assert form.is_valid(), form.errors
    assert form.changed_data == []
    form.save()
    loaded = again(row)
    assert {name: getattr(loaded, name).reveal() for name in STORED} == STORED
    assert loaded.name.envelope() == before


def test_what_is_typed_replaces_what_is_stored(rows: None) -> None:
    row = again(specimen(**STORED))
    form = SpecimenForm({"name": "李四", "born_on": "1999-12-31", "income": "12.50", "extra": '{"a": 1}'}, instance=row)
    assert form.is_valid(), form.errors
    assert set(form.changed_data) == {"name", "born_on", "income", "extra"}
    form.save()
    loaded = again(row)
    assert loaded.name.reveal() == "李四"
    assert loaded.born_on.reveal() == dt.date(1999, 12, 31)
    assert (str(loaded.income.reveal()), loaded.extra.reveal()) == ("12.5", {"a": 1})


def test_a_new_row_must_be_given_what_it_needs(rows: None) -> None:
    row = Specimen(key_owner=borrower_owner())
    form = SpecimenForm({"name": ""}, instance=row)
    assert set(form.errors) == {"name"}
    form = SpecimenForm({"name": "王小明"}, instance=Specimen(key_owner=row.key_owner))
    assert again(form.save()).name.reveal() == "王小明"


@pytest.mark.parametrize(
    ("posted", "wrong"),
    [
        ({"name": "x" * 41}, "name"),
        ({"born_on": "30 February"}, "born_on"),
        ({"income": "much"}, "income"),
        ({"extra": "{"}, "extra"),
    ],
)
def test_wrong_input_keeps_what_was_typed_and_writes_nothing(rows: None, posted: dict[str, Any], wrong: str) -> None:
    row = again(specimen(**STORED))
    form = SpecimenForm(posted, instance=row)
    assert set(form.errors) == {wrong}
    assert str(posted[wrong]) in form.as_p().replace("&quot;", '"')
    assert again(row).name.reveal() == STORED["name"]


def test_no_form_field_stays_none() -> None:
    assert secret_form_field(None) is None
