"""Mapping files and the cells they read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.applications.imports.mapping import ImportMapping, mapping_load, mapping_parse
from apps.core.errors import BadInput


def mapping(**fields: dict[str, Any]) -> ImportMapping:
    """A mapping of a name, an amount and what is given."""
    base = {"legal_name": {"column": "Name"}, "amount": {"column": "Sum", "kind": "amount"}}
    return mapping_parse({"source": "book", "id": "No", "currency": "CNY", "fields": base | fields})


def row(**cells: str) -> dict[str, str]:
    return {"No": "1", "Name": "Songhua Bakery", "Sum": "1000"} | cells


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("amount", "1,200,000.50", Decimal("1200000.50")),
        ("amount", "$60,000.00 ", Decimal("60000.00")),
        ("amount", "¥800000", Decimal(800000)),
        ("integer", "84", 84),
        ("date", "1997-02-28", dt.date(1997, 2, 28)),
        ("text", "  济南松花烘焙  ", "济南松花烘焙"),
        ("text", "evil\u202eeman", "evileman"),
    ],
)
def test_a_good_cell_is_read(kind: str, text: str, expected: object) -> None:
    values, wrong = mapping(region={"column": "X", "kind": kind}).read(2, row(X=text))
    assert wrong == []
    assert values["region"] == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("amount", "a lot"),
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("amount", "9" * 30),
        ("integer", "3.5"),
        ("integer", "-1"),
        ("integer", "٣"),
        ("integer", "9" * 12),
        ("date", "1997-02-30"),
        ("date", "28/02/1997"),
        ("text", "a\x00b"),
        ("text", "x" * 401),
    ],
)
def test_a_bad_cell_is_rejected_with_line_column_value_and_reason(kind: str, text: str) -> None:
    _values, wrong = mapping(region={"column": "X", "kind": kind}).read(7, row(X=text))
    assert [(reject.line, reject.column, reject.value) for reject in wrong] == [(7, "X", text)]
    assert wrong[0].reason


def test_every_wrong_cell_of_a_row_is_named() -> None:
    _values, wrong = mapping(employees={"column": "Staff", "kind": "integer"}).read(
        3, row(No="", Sum="none", Staff="few")
    )
    assert {reject.column for reject in wrong} == {"No", "Sum", "Staff"}


def test_an_empty_cell_is_nothing_unless_it_is_required() -> None:
    values, wrong = mapping(phone={"column": "Phone"}).read(2, row(Phone=" "))
    assert (values["phone"], wrong) == (None, [])
    _values, wrong = mapping(phone={"column": "Phone", "required": True}).read(2, row(Phone=" "))
    assert len(wrong) == 1


def test_choices_match_whole_values_before_prefixes() -> None:
    rule = {"column": "Code", "kind": "choice", "choices": {"31*": "Manufacturing", "3111": "Animal food"}}
    assert mapping(industry=rule).read(2, row(Code="3111"))[0]["industry"] == "Animal food"
    assert mapping(industry=rule).read(2, row(Code="3199"))[0]["industry"] == "Manufacturing"
    assert mapping(industry=rule).read(2, row(Code="99"))[1][0].value == "99"


def test_several_columns_are_joined_without_gaps() -> None:
    rule = {"columns": ["City", "State", "Zip"]}
    assert (
        mapping(address=rule).read(2, row(City="Evansville", State="", Zip="47711"))[0]["address"]
        == "Evansville, 47711"
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"currency": "XXX"}, "XXX"),
        ({"fields": {}}, "amount"),
        ({"fields": {"grade": {"column": "G"}}}, "grade"),
        ({"fields": {"legal_name": {}}}, "legal_name"),
        ({"fields": {"amount": {"column": "S", "kind": "money"}}}, "amount"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(change: dict[str, Any], word: str) -> None:
    good = {"source": "book", "id": "No", "currency": "CNY", "fields": {}}
    with pytest.raises(BadInput, match=word):
        mapping_parse(good | change)


def test_a_mapping_without_its_head_says_what_it_lacks() -> None:
    with pytest.raises(BadInput, match="currency, fields, id, source"):
        mapping_parse({})


def test_the_built_in_mapping_reads_its_columns() -> None:
    loaded = mapping_load("sba7a")
    assert loaded.currency == "USD"
    assert {"Name", "City", "State", "Zip", "NAICS", "Term", "NoEmp", "GrAppv", "LoanNr_ChkDgt"} == loaded.columns


def test_an_unknown_mapping_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sba7a"):
        mapping_load("nosuch")
    broken = tmp_path / "broken.toml"
    broken.write_text("source = ")
    with pytest.raises(BadInput, match="cannot be read"):
        mapping_load(str(broken))


@given(st.dictionaries(st.sampled_from(["No", "Name", "Sum"]), st.text(max_size=60)))
def test_no_text_makes_the_reader_fail(cells: dict[str, str]) -> None:
    values, wrong = mapping().read(2, cells)
    assert wrong or values["source_id"]
