"""Fields and the base of forms: what is read is shown, what cannot be seen is not kept, numbers of any length are answered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from apps.core.forms import AmountField, CleanForm, DayField, MomentField
from apps.core.templatetags.loanflow import sections


class LoanForm(CleanForm):
    """An amount, a day, a moment, a word and a password."""

    amount = AmountField(label="Amount")
    day = DayField(label="Day", required=False)
    moment = MomentField(label="Moment", required=False)
    word = forms.CharField(label="Word", required=False)
    secret = forms.CharField(label="Secret", required=False, widget=forms.PasswordInput)
    months = forms.IntegerField(label="Months", required=False, min_value=1, max_value=600)


def taken(**typed: Any) -> LoanForm:
    """The form with what was typed, looked at."""
    form = LoanForm({"amount": "1", **typed})
    form.is_valid()
    return form


def beside(form: LoanForm, name: str) -> str:
    """What stands beside a field."""
    return Template("{% load loanflow %}{% understood field %}").render(Context({"field": form[name]}))


@pytest.mark.parametrize(
    ("language", "name", "typed", "read"),
    [
        ("en", "amount", "120万", "1,200,000.00\u00a0CNY"),
        ("zh-hans", "amount", "¥ 1200", "1,200.00\u00a0CNY"),
        ("en", "day", "2026年3月5日", "March 5, 2026, Thursday"),
        ("zh-hans", "day", "5 Mar 2026", "2026年3月5日，星期四"),
        ("en", "day", "2026-02-30", ""),
        ("en", "amount", "much", "CNY"),
        ("en", "amount", "", "CNY"),
        ("en", "word", "x", "None"),
    ],
)
def test_what_is_understood_stands_beside_the_field(language: str, name: str, typed: str, read: str) -> None:
    with translation.override(language):
        assert beside(taken(**{name: typed}), name) == read


def test_first_values_are_understood_too_and_so_are_those_of_a_draft() -> None:
    first = LoanForm(initial={"amount": Decimal(5), "day": "2026-03-05", "moment": "nonsense"})
    assert beside(first, "amount") == "5.00\u00a0CNY"
    assert beside(first, "day").startswith("March 5, 2026")
    assert beside(first, "moment") == ""


@pytest.mark.parametrize("name", ["amount", "months", "day", "moment"])
@pytest.mark.parametrize("typed", ["9" * 4000, "9" * 5000, "1e400", "-" + "9" * 4000, "0." + "0" * 4000 + "1"])
def test_a_number_of_any_length_is_answered_in_words(name: str, typed: str) -> None:
    assert taken(**{name: typed}).errors[name]


@pytest.mark.parametrize(("typed", "kept"), [("A\u202eB", "AB"), ("\u200b", ""), ("Cafe\u0301", "Café")])
def test_what_nobody_sees_is_not_kept(typed: str, kept: str) -> None:
    assert taken(word=typed).cleaned_data["word"] == kept


def test_a_password_is_kept_to_the_letter() -> None:
    assert taken(secret="a\u200bb").cleaned_data["secret"] == "a\u200bb"


def test_an_invisible_answer_to_a_required_question_is_missing() -> None:
    form = LoanForm({"amount": "1", "word": "\u200b\u200b"})
    form.fields["word"].required = True
    assert form.errors["word"] == ["This field is required."]


def test_a_field_added_later_refuses_nul_too() -> None:
    form = LoanForm({"amount": "1", "late": "a\x00b"})
    form.fields["late"] = forms.CharField(validators=[], strip=False)
    form.fields["late"].validators.clear()
    assert "late" in form.errors


def test_a_day_given_as_a_day_stays_one() -> None:
    assert DayField().clean(dt.date(2026, 3, 5)) == dt.date(2026, 3, 5)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("10000.0000", "10000"), ("100.5000", "100.5"), ("0.0000", "0"), ("1000000", "1000000"), ("0.05", "0.05"),
        ("12.345", "12.345"),
    ],
)  # fmt: skip
def test_an_amount_stands_in_its_field_with_the_places_it_needs(value: str, shown: str) -> None:
    assert AmountField().prepare_value(Decimal(value)) == shown
    assert AmountField().prepare_value("1,200 typed") == "1,200 typed"


class SectionedForm(CleanForm):
    """Four fields, three of them in two sections; one section has none."""

    halves = ("city",)
    sections = (("Where", ("city", "road")), ("What", ("trade", "gone")), ("Nothing", ()))
    note = forms.CharField()
    road = forms.CharField()
    city = forms.CharField()
    trade = forms.CharField()


def test_a_form_stands_in_its_sections_and_what_none_names_comes_first() -> None:
    told = [(title, [field.name for field in fields]) for title, fields in sections(SectionedForm())]
    assert told == [("", ["note"]), ("Where", ["city", "road"]), ("What", ["trade"])]
    assert sections(None) == []
