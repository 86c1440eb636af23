"""What a form showed at first, and what of it stands otherwise when it is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms

from apps.core.forms import AmountField, CleanForm
from apps.core.pictures import differences, picture


class TermsForm(CleanForm):
    """Fields of every kind, one of them secret."""

    amount = AmountField(label="Amount", currency="CNY")
    kind = forms.ChoiceField(label="Kind", choices=[("new", "New loan"), ("topup", "Top-up")])
    several = forms.MultipleChoiceField(label="Papers", choices=[("a", "Lease"), ("b", "Licence")])
    urgent = forms.BooleanField(label="Urgent", required=False)
    words = forms.CharField(label="Words")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


FIRST = {
    "amount": Decimal("5.00"),
    "kind": "new",
    "several": ["a"],
    "urgent": False,
    "words": "x" * 500,
    "password": "p",
}


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ({}, {}),
        ({"amount": Decimal("7.50")}, {"Amount": ("5.00\u00a0CNY", "7.50\u00a0CNY")}),
        ({"kind": "topup"}, {"Kind": ("New loan", "Top-up")}),
        ({"several": ["a", "b"]}, {"Papers": ("Lease", "Lease, Licence")}),
        ({"urgent": True}, {"Urgent": ("no", "yes")}),
        ({"words": ""}, {"Words": (f"{'x' * 120}…", "–")}),
        ({"words": f"{'x' * 499}y"}, {"Words": (f"{'x' * 120}…", f"{'x' * 120}…")}),
        ({"password": "q"}, {}),
    ],
)
def test_what_differs_is_shown_in_words(now: dict[str, Any], shown: dict[str, tuple[str, str]]) -> None:
    assert differences(TermsForm(initial={**FIRST, **now}), picture(TermsForm(initial=FIRST))) == shown


@pytest.mark.parametrize(
    "given", ["", "{", "[]", "7", '{"words": 3}', '{"words": ["a"]}', '{"gone": ["a", "b"]}', "9" * 5000]
)
def test_a_picture_that_makes_no_sense_shows_nothing(given: str) -> None:
    assert differences(TermsForm(initial=FIRST), given) == {}


def test_words_from_outside_stay_short() -> None:
    told = differences(TermsForm(initial=FIRST), f'{{"words": ["0", "{"<b>" * 4000}"]}}')
    assert told["Words"][0] == f"{('<b>' * 40)}…"
