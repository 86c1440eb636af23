"""The published rules of writing are the product's own, and what stands in no rule is not read: it changes nothing."""

from __future__ import annotations

import ast
import datetime as dt
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.db import models
from django.test import Client

from apps.audit.governed import clear_fields, governed_models
from apps.audit.models import AuditEvent, AuditTouch
from apps.core import clock
from apps.core.forms import AmountField
from apps.core.once import APART
from apps.vault.errors import Forgotten
from apps.vault.fields import EncryptedField
from tests.walks.fields import as_markdown, lines
from tests.walks.shown import Found, Shown, bound, undone

PUBLISH = os.environ.get("LOANFLOW_PUBLISH", "")
PAGE = Path(settings.BASE_DIR) / "docs" / "fields.md"
FORGED_TEXT, FORGED_NUMBER, FORGED_DAY = "forged by hand", "42424242", "2031-03-17"
MARKS = {FORGED_TEXT, FORGED_NUMBER, FORGED_DAY}
OWN_OF_PAGES = {*APART, "seen", "form_once", "draft", "draft_discard", "later"}
"""What every form carries for itself."""
FEWEST = 40
"""So many addresses take what is sent to them here, so that a forged field had its chance."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.timeout(1200)]


@pytest.mark.skipif(not PUBLISH, reason="make matrix writes the page")
def test_the_fields_are_walked_and_written(forms_shown: list[Found]) -> None:
    PAGE.write_text(as_markdown(lines(forms_shown)))


def test_the_page_in_docs_is_what_the_product_takes(forms_shown: list[Found]) -> None:
    assert PAGE.read_text() == as_markdown(lines(forms_shown)), "run make matrix"


def columns() -> dict[str, str]:
    """Every column of every governed table, with a forged value of its kind."""
    found: dict[str, str] = {}
    for model in governed_models():
        for field in model._meta.concrete_fields:
            found[field.name] = found[field.attname] = forged(field)
    return found


def forged(field: Any) -> str:
    """A value that nobody would have typed, of a field's kind."""
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateField):
        return FORGED_DAY
    if isinstance(field, (models.DecimalField, models.IntegerField, models.ForeignKey)):
        return FORGED_NUMBER
    return str(field.choices[-1][0]) if field.choices else FORGED_TEXT


def plausible(form: forms.Form) -> dict[str, Any]:
    """What somebody might send: what the form offers, and an answer of the right kind to everything else."""
    sent: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        found = value if value not in (None, "", [], ()) else _answer(field)
        if found not in (None, "") and not isinstance(field, forms.FileField):
            sent[form.add_prefix(name)] = found
    return sent


def _answer(field: forms.Field) -> Any:
    if isinstance(field, forms.ChoiceField):
        offered = [
            key for key, label in field.choices if key not in ("", None) and not isinstance(label, (list, tuple))
        ]
        return offered[:1] if isinstance(field, forms.MultipleChoiceField) else next(iter(offered), "")
    if isinstance(field, forms.BooleanField):
        return "on"
    if isinstance(field, (AmountField, forms.DecimalField, forms.IntegerField)):
        return "1000"
    if isinstance(field, forms.DateField):
        return (clock.today() + dt.timedelta(days=7)).isoformat()
    return (
        "li.wei@example.test"
        if isinstance(field, forms.EmailField)
        else "Words enough to be taken"[: getattr(field, "max_length", None)]
    )


def came_of_it(client: Client, address: str, sent: dict[str, Any]) -> tuple[int, Counter[Any], set[str]]:
    """Status of an answer, the settled columns of all rows that were written for it, and forged values found among them."""
    before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with undone():
        status = client.post(address, sent).status_code
        rows = list(written(before)) if status < 400 else []
        found = Counter((row._meta.label, *settled(row)) for row in rows)
        marks = {f"{row._meta.label}.{name}" for row in rows for name, value in values(row) if str(value) in MARKS}
    return status, found, marks


def written(after: int) -> Iterator[models.Model]:
    """Rows that events after a number are about."""
    by_table = {model._meta.db_table: model for model in governed_models()}
    touched = set(AuditTouch.objects.filter(event_id__gt=after).values_list("object", flat=True))
    for key in touched:
        table, _colon, number = str(key).rpartition(":")
        model = by_table.get(table)
        row = model._base_manager.filter(pk=number).first() if model is not None else None
        if row is not None:
            yield row


def settled(row: models.Model) -> tuple[Any, ...]:
    """Columns of a row that do not change from one sending to the next: no times, keys, numbers of rows, or digests."""
    moving = (
        models.DateTimeField,
        models.UUIDField,
        models.AutoField,
        models.ForeignKey,
        models.TextField,
        models.JSONField,
    )
    found = [field for field in row._meta.concrete_fields if field.name in clear_fields(type(row))]
    kept = [
        field
        for field in found
        if not isinstance(field, moving) and (field.choices or not isinstance(field, models.CharField))
    ]
    return tuple((field.name, getattr(row, field.attname)) for field in kept)


def values(row: models.Model) -> Iterator[tuple[str, Any]]:
    """Every column of a row, opened where it is sealed."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        yield field.name, opened(value) if isinstance(field, EncryptedField) and value else value


def opened(value: Any) -> Any:
    """A sealed value; nothing where its owner was forgotten."""
    try:
        return value.reveal()
    except Forgotten:
        return None


def test_a_forged_field_changes_nothing_whatever_form_it_comes_with(shown: list[Shown]) -> None:
    """Each form is sent twice, as a browser would and with every column of the database beside it: the same comes of it."""
    wrong, taken, every = [], set(), columns()
    for page, address, client, form in shown:
        sent = plausible(form)
        own = {*sent, *form.fields, *OWN_OF_PAGES}
        added = {name: value for name, value in every.items() if name not in own}
        plain = came_of_it(client, address, sent)
        if plain[0] >= 400:
            continue
        taken.add(page.name)
        for part in parts(added):
            status, found, marks = came_of_it(client, address, {**dict(part), **sent})
            if (status, found, marks) != (plain[0], plain[1], set()):
                wrong.append((page.name, status, marks, (found - plain[1]) or (plain[1] - found)))
    assert wrong == []
    assert len(taken) >= FEWEST, sorted(taken)


def parts(added: dict[str, str]) -> Iterator[list[tuple[str, str]]]:
    """The forged fields, as many at a time as Django takes in one request."""
    rest = iter(added.items())
    while part := list(itertools.islice(rest, 800)):
        yield part


def test_a_form_cleans_to_the_same_whatever_comes_beside_its_own_fields(shown: list[Shown]) -> None:
    every = columns()
    for page, _address, _client, form in shown:
        sent = plausible(form)
        beside = {name: value for name, value in every.items() if name not in form.fields}
        plain, laden = bound(form, sent), bound(form, {**beside, **sent})
        plain.full_clean()
        laden.full_clean()
        assert plainly(laden.cleaned_data) == plainly(plain.cleaned_data), page.name


def plainly(cleaned: dict[str, Any]) -> dict[str, Any]:
    """What a form cleans to, with rows in place of questions."""
    return {name: list(value) if isinstance(value, models.QuerySet) else value for name, value in cleaned.items()}


PASSED_ON_WHOLE = {
    "apps/access/gate.py", "apps/core/once.py",  # what a page posts again for who had to confirm; what tells two sendings apart
}  # fmt: skip


def test_what_was_sent_reaches_services_by_name_or_through_a_form() -> None:
    """No model form, and nobody unpacks a request: ``request.POST`` is given to a form, or asked for a name."""
    wrong = []
    for path in sorted((Path(settings.BASE_DIR) / "apps").rglob("*.py")):
        name, text = str(path.relative_to(settings.BASE_DIR)), path.read_text()
        assert "ModelForm" not in text, name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and name not in PASSED_ON_WHOLE:
                wrong += [
                    (name, ast.unparse(node))
                    for given in node.keywords
                    if given.arg is None and "POST" in ast.unparse(given.value)
                ]
                whole = isinstance(node.func, ast.Attribute) and node.func.attr in {"dict", "items", "lists", "values"}
                wrong += (
                    [(name, ast.unparse(node))] if whole and ast.unparse(node.func).startswith("request.POST") else []
                )
    assert wrong == []
