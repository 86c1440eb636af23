"""The wrapper: closed until revealed, masked wherever it is printed."""

import copy
import json
import logging
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.template import Context, Template

from apps.vault.errors import KeysUnavailable
from apps.vault.keyservice import current
from apps.vault.secret import Secret
from tests.vault.factories import ID_NUMBER, again, specimen
from tests.vault.models import Specimen

NAME = "王小明"
PRINTERS: dict[str, Callable[[Any], str]] = {
    "str": str,
    "format": lambda secret: f"{secret}",
    "padded": lambda secret: f"{secret:>12}".strip(),
    "percent": lambda secret: "%s" % secret,  # noqa: UP031
    "json with default": lambda secret: json.loads(json.dumps(secret, default=str)),
    "template": lambda secret: Template("{{ secret }}").render(Context({"secret": secret})),
    "template masked": lambda secret: Template("{{ secret.masked }}").render(Context({"secret": secret})),
}


@pytest.fixture(params=["assigned", "saved", "loaded"])
def row(request: pytest.FixtureRequest, rows: None) -> Specimen:
    """A specimen before its saving, after it, and as loaded."""
    saved = specimen(name=NAME)
    if request.param == "assigned":
        saved.name, saved.id_number = NAME, ID_NUMBER
    return again(saved) if request.param == "loaded" else saved


@pytest.mark.parametrize("how", PRINTERS)
def test_printing_shows_the_mask(row: Specimen, how: str) -> None:
    assert PRINTERS[how](row.name) == "王••••"
    assert PRINTERS[how](row.id_number) == "91370100••••••2K7X"


def test_revealing_gives_the_value(row: Specimen) -> None:
    assert (row.name.reveal(), row.id_number.reveal()) == (NAME, ID_NUMBER)


def test_the_representation_names_the_field_and_opens_nothing(row: Specimen) -> None:
    assert repr(row.name) == "<Secret vault_tests.Specimen.name ••••>"
    assert repr([row.name]) == "[<Secret vault_tests.Specimen.name ••••>]"


def test_templates_cannot_reveal(row: Specimen) -> None:
    template = Template("[{{ row.name.reveal }}|{{ row.name.reveal.upper }}|{{ row.name.row.name }}]")
    assert NAME not in template.render(Context({"row": row}))


@pytest.mark.parametrize("encoder", [json.JSONEncoder, DjangoJSONEncoder])
def test_json_takes_no_secret_by_itself(row: Specimen, encoder: type[json.JSONEncoder]) -> None:
    with pytest.raises(TypeError):
        json.dumps({"name": row.name}, cls=encoder)


def test_pickling_and_hashing_are_refused(row: Specimen) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(row.name)
    with pytest.raises(TypeError, match="unhashable"):
        {row.name}  # noqa: B018


def test_a_row_with_a_value_just_assigned_is_not_pickled(rows: None) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(specimen())


def test_copies_are_the_secret_itself(row: Specimen) -> None:
    secret = row.name
    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret


@pytest.mark.parametrize(
    "operation", [lambda s: s + "x", lambda s: s[0], len, iter, lambda s: s < s, lambda s: "x" in s]
)
def test_a_secret_is_no_text(row: Specimen, operation: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        operation(row.name)


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        (NAME, True),
        ("王小", False),
        ("", False),
        (None, False),
        (b"", False),
        ([], False),
        (5, False),
        (NAME.encode(), False),
    ],
)
def test_comparing_compares_the_values(row: Specimen, other: object, equal: bool) -> None:
    assert (row.name == other) is equal
    assert (row.name != other) is not equal


def test_two_rows_with_one_value_are_equal_though_their_ciphertexts_differ(rows: None) -> None:
    some, other = specimen(name=NAME), specimen(name=NAME)
    assert some.name == other.name
    assert some.name.envelope() != other.name.envelope()
    assert some.name != specimen(name="other").name


def test_numbers_compare_by_value(rows: None) -> None:
    row = again(specimen(income=Decimal("1200.50")))
    assert row.income == Decimal("1200.5")
    assert row.income != Decimal("1200.51")
    assert row.income != "1200.50"


@pytest.mark.parametrize(("text", "truth"), [("", False), ("x", True)])
def test_truth_says_whether_there_is_anything_without_opening_it(
    rows: None, monkeypatch: pytest.MonkeyPatch, text: str, truth: bool
) -> None:
    saved = specimen(id_number=text)
    loaded = again(saved)
    monkeypatch.setattr("apps.vault.fields.base.open_sealed", None)
    assert bool(saved.id_number) is bool(loaded.id_number) is truth
    assert bool(Specimen(id_number=text).id_number) is truth


def test_nothing_is_decrypted_before_it_is_asked_for(rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = specimen()
    monkeypatch.setattr("apps.vault.fields.base.open_sealed", None)
    loaded = again(saved)
    assert isinstance(loaded.name, Secret)
    assert loaded.name.is_sealed
    with pytest.raises(TypeError):
        loaded.name.reveal()


def test_a_log_line_shows_the_mask(row: Specimen, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("anything").warning("row %s has %s, %r", row, row.name, row.__dict__)
    assert NAME not in caplog.text
    assert "王••••" in caplog.text


def test_a_mask_needs_no_key_service_once_it_is_away(
    rows: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    row = again(specimen())
    settings.LOANFLOW_KEY_FILE = tmp_path / "keys" / "root.json"
    current.forget_key_service()
    monkeypatch.setattr("apps.vault.keyring.keyring._ciphers", {})
    assert str(row.name) == "••••"
    with pytest.raises(KeysUnavailable):
        row.name.reveal()
