"""What of a form may be kept, and where it stands."""

from __future__ import annotations

import pytest
from django import forms
from django.http import QueryDict
from django.test import RequestFactory

from apps.core.drafting import address_of, again, basis, is_large, number, put_in, typed
from apps.core.forms import AmountField, CleanForm, DayField


class SecretForm(forms.Form):
    """What is never kept, and one word."""

    password = forms.CharField(widget=forms.PasswordInput)
    code = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))
    paper = forms.FileField()
    version = forms.IntegerField(widget=forms.HiddenInput)
    word = forms.CharField()


class FullForm(CleanForm):
    """Boxes of every kind."""

    amount = AmountField()
    day = DayField()
    ticked = forms.BooleanField(required=False)
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)


def test_passwords_codes_files_and_what_the_page_carries_are_never_kept() -> None:
    assert typed(SecretForm({"password": "p", "code": "123456", "version": "3", "word": "w"})) == {"word": "w"}
    assert not is_large(SecretForm())


def test_what_was_typed_comes_back_as_it_was_typed_right_or_wrong() -> None:
    kept = typed(FullForm({"amount": "12,00O", "day": "next week", "ticked": "on", "several": ["b"]}))
    form = FullForm(initial={"day": "2026-01-01", "several": ["a"]})
    put_in(form, {**kept, "gone": "a field of an older version"})
    shown = form.as_p()
    assert all(
        words in shown
        for words in (
            'value="12,00O"',
            'value="next week"',
            'name="ticked" class="form-check-input" id="id_ticked" checked',
        )
    )
    assert 'value="b" class="form-check-input" id="id_several_1" checked' in shown
    assert "errorlist" not in shown


def test_a_box_that_was_emptied_or_unticked_stays_so() -> None:
    first = {"amount": "5", "ticked": True, "several": ["a"]}
    kept = typed(FullForm(QueryDict("amount=&day="), initial=first))
    assert kept == {"amount": "", "ticked": False, "several": []}


@pytest.mark.parametrize(("first", "same"), [({"amount": "5"}, True), ({"amount": "6"}, False)])
def test_the_fingerprint_tells_whether_what_the_form_rests_on_has_changed(first: dict[str, str], same: bool) -> None:
    assert (basis(FullForm(initial=first)) == basis(FullForm(initial={"amount": "5"}))) is same


@pytest.mark.parametrize(
    ("given", "read"), [("7", 7), ("", 0), (None, 0), ("-1", 0), ("٣", 0), ("9" * 4000, 0), ("1; DROP", 0)]
)
def test_a_version_that_makes_no_sense_counts_as_none(given: str | None, read: int) -> None:
    assert number(given) == read


def test_a_form_is_told_from_another_by_its_query_but_not_by_whether_its_draft_is_shown() -> None:
    request = RequestFactory().get("/applications/new/?borrower=7&draft=use&x=1&x=2")
    assert address_of(request) == "/applications/new/?borrower=7&x=1&x=2"
    assert again(address_of(request)) == "/applications/new/?borrower=7&x=1&x=2&draft=use"
