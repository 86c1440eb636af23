"""Naughty strings in every field of every form: answered in words, nothing written by halves, what was typed still there.

The forms are found by asking each page of the URL table for its form; every text field of a form gets a string of its own,
and every string meets a text field of every form.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from apps.core.forms import AmountField
from tests.walks.shown import Shown, bound, done, filled, is_typed, kept, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.shared]


@pytest.fixture
def naughty(shared: Path) -> list[str]:
    """All strings, each once."""
    return [text for text in json.loads((shared / "vectors/hostile/blns.json").read_text()) if text.strip()]


@pytest.mark.every
def test_every_form_answers_naughty_strings(shown: list[Shown], naughty: list[str]) -> None:
    """The first round sends one string a field, the second as many as a field holds."""
    wrong, seen, words = [], set(), itertools.cycle(naughty)
    for page, address, client, form in shown:
        seen.add(page.name)
        for sent in (filled(form, words), filled(form, words, stuffed=True)):
            before = done()
            with undone():
                answer = client.post(address, sent)
                status = answer.status_code
                if status >= 500 or not (status < 400 or kept(answer, sent, form)):
                    wrong.append((page.name, status, sent))
                if status >= 400 and done() != before:
                    wrong.append((page.name, status, "written by halves"))
    assert wrong == []
    assert len(seen) > 100, sorted(seen)


def test_every_naughty_string_meets_a_text_field_of_every_form(shown: list[Shown], naughty: list[str]) -> None:
    """Here forms are cleaned without a page around them, at a hundredth of its cost."""
    met: set[tuple[Any, ...]] = set()
    for page, _address, _client, form in shown:
        kind = (type(form), *form.fields)  # one form stands on several pages
        typed = sum(map(is_typed, form.fields.values())) if kind not in met else 0
        for first in range(0, len(naughty), typed) if typed else ():
            words = itertools.chain(naughty[first:], itertools.repeat("x"))
            taken = bound(form, filled(form, words))
            taken.full_clean()
            for name, field in taken.fields.items():
                amount = taken.cleaned_data.get(name) if isinstance(field, AmountField) else None
                assert amount is None or amount.is_finite(), (page.key, name)
        met.add(kind)
    assert len(met) > 60
