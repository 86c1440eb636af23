"""What pages draw with: figures, times, badges, icons and fields, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock, figures, icons, labels, times
from apps.core.forms import CleanForm

NOW = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.UTC)
MINUTES = dt.timedelta(minutes=1)
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def drawn(text: str, **known: Any) -> str:
    """Render a piece of template at a fixed moment."""
    with clock.at(NOW):
        return Template("{% load loanflow %}" + text).render(Context(known)).strip()


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        (Decimal("1200000.0000"), "CNY", "CNY\u00a01,200,000.00"),
        (Decimal("1234.5"), "JPY", "JPY\u00a01,234"),
        (Decimal("0.0050"), "CNY", "CNY\u00a00.00"),
        (Decimal("-12.30"), "", "-12.30"),
        (5, "KWD", "KWD\u00a05.000"),
        (None, "CNY", "–"),
        ("", "CNY", "–"),
        ("nonsense", "CNY", "–"),
        (Decimal("NaN"), "CNY", "–"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_amounts_stand_with_their_currency_and_are_grouped_by_three_in_every_language(
    value: Any, currency: str, shown: str, language: str
) -> None:
    with override(language):
        assert drawn("{{ value|amount:currency }}", value=value, currency=currency) == shown


@pytest.mark.parametrize(("words", "shown"), [([], ""), (["owner"], "owner"), (["owner", "signer"], "owner, signer")])
def test_words_are_listed_with_the_mark_of_the_language(words: list[str], shown: str) -> None:
    assert drawn("{{ words|listed }}", words=words) == shown


@pytest.mark.parametrize(("points", "shown"), [(24, "+24"), (-4, "\u22124"), (0, "0")])
def test_points_stand_with_their_sign(points: int, shown: str) -> None:
    assert drawn("{{ points|signed }}", points=points) == shown


def test_a_word_announces_what_stands_after_it_and_stays_escaped() -> None:
    assert drawn("{{ word|colon }}<b>x</b>", word="<i>") == "&lt;i&gt;: <b>x</b>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("1200000.0000"), "CNY\u00a01,200,000"), (Decimal("1200000.50"), "CNY\u00a01,200,000.50")],
)
def test_brief_amounts_leave_out_decimals_that_are_all_zero(value: Decimal, shown: str) -> None:
    assert drawn("{{ value|amount_brief:'CNY' }}", value=value) == shown


@given(st.decimals(min_value=0, max_value=10**13, places=2))
def test_an_amount_reads_back_as_itself(value: Decimal) -> None:
    assert Decimal(figures.amount(value, "CNY").replace(",", "")) == value


def test_a_german_reader_sees_german_separators() -> None:
    with override("de"):
        assert figures.amount(Decimal("1234567.5"), "EUR") == "1.234.567,50"


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [
        ("percent", Decimal("5.3500"), "5.35\u202f%"),
        ("percent:1", Decimal(62), "62.0\u202f%"),
        ("percent", None, "–"),
        ("share", Decimal("0.62"), "62\u202f%"),
        ("share:1", "0.6249", "62.5\u202f%"),
        ("share", None, "–"),
        ("figure", Decimal("1.4100"), "1.41"),
        ("figure:2", 3, "3.00"),
        ("figure", Decimal(1200), "1,200"),
        ("figure", "", "–"),
        ("capped", 99, "99"),
        ("capped", 100, "99+"),
        ("grade_badge", "", "–"),
        ("since", None, "–"),
        ("exact", None, "–"),
        ("when", None, "–"),
        ("due_badge", None, "–"),
        ("masked", None, "–"),
        ("masked", "", "–"),
    ],
)
def test_plain_filters(tag: str, value: Any, shown: str) -> None:
    assert drawn("{{ value|" + tag + " }}", value=value) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (dt.timedelta(seconds=20), "just now"),
        (12 * MINUTES, "12 min ago"),
        (dt.timedelta(hours=5), "5 h ago"),
        (dt.timedelta(days=3), "3 d ago"),
        (-dt.timedelta(days=3), "in 3 d"),
        (dt.timedelta(days=60), "Sept. 22"),
        (dt.timedelta(days=400), "Oct. 17, 2025"),
    ],
)
def test_moments_are_relative_with_the_exact_one_at_hand(ago: dt.timedelta, shown: str) -> None:
    text = drawn("{{ moment|when }}", moment=NOW - ago)
    assert re.sub("<[^>]+>", "", text).replace("September", "Sept.").replace("October", "Oct.") == shown
    assert 'title="' in text
    assert "UTC" in text


@pytest.mark.parametrize(("day", "shown"), [(dt.date(2026, 3, 4), "March 4"), (dt.date(2025, 3, 4), "March 4, 2025")])
def test_days_have_their_year_when_it_is_not_this_one(day: dt.date, shown: str) -> None:
    assert shown in drawn("{{ day|when }}", day=day)


def test_a_chinese_day_is_written_alike_with_its_year_and_without() -> None:
    with override("zh-hans"):
        assert "8月14日" in drawn("{{ day|when }}", day=dt.date(2026, 8, 14))
        assert "08月" not in drawn("{{ day|when }}", day=dt.date(2026, 8, 14))
        assert "2025年8月14日" in drawn("{{ day|when }}", day=dt.date(2025, 8, 14))


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (dt.timedelta(minutes=59), "59 min"),
        (dt.timedelta(hours=47), "47 h"),
        (dt.timedelta(days=2), "2 d"),
        (dt.timedelta(days=89), "89 d"),
        (dt.timedelta(days=420), "14 mo"),
        (-dt.timedelta(hours=2), "2 h"),
    ],
)
def test_spans_take_their_largest_fitting_unit(length: dt.timedelta, shown: str) -> None:
    assert times.span(length) == shown


@pytest.mark.parametrize(
    ("due", "tone", "words"),
    [
        (dt.timedelta(hours=5), "orange", "5 h"),
        (dt.timedelta(hours=22), "green", "22 h"),
        (-dt.timedelta(hours=2), "red", "overdue 2 h"),
    ],
)
def test_deadlines_say_in_words_and_colour_how_near_they_are(due: dt.timedelta, tone: str, words: str) -> None:
    text = drawn("{{ due|due_badge }}", due=NOW + due)
    assert f"bg-{tone}-lt" in text
    assert f">{words}<" in text


def test_a_paused_clock_and_a_missing_deadline_are_told_apart() -> None:
    assert "paused" in drawn("{{ row|due_badge }}", row=SimpleNamespace(paused_seconds=3600, due_at=NOW))
    assert drawn("{{ row|due_badge }}", row=SimpleNamespace(paused_seconds=None, due_at=None)) == "–"


def test_states_are_badges_with_their_word() -> None:
    case = SimpleNamespace(state="waiting", get_state_display=lambda: "Waiting for the borrower")
    assert (
        drawn("{{ case|state_badge }}", case=case)
        == '<span class="badge bg-yellow-lt ">Waiting for the borrower</span>'
    )
    assert "bg-green-lt" in drawn("{{ 'paid'|state_badge:'Paid' }}")
    assert ">not known<" in drawn("{{ 'not_known'|state_badge }}")
    assert "bg-red-lt" in drawn("{{ 'D'|grade_badge }}")


def test_only_masks_are_printed() -> None:
    assert "W••••" in drawn("{{ value|masked }}", value=SimpleNamespace(masked="W••••"))
    assert "4417" in drawn(
        "{{ value|masked }}", value=SimpleNamespace(text="•••• 4417", sort="account", field="number")
    )
    shown = drawn("{{ value|masked }}", value="Wang Xiaoming")
    assert "Wang" not in shown
    assert "••••" in shown


def test_markup_in_values_is_shown_as_text() -> None:
    evil = '<script>alert("1")</script>'
    assert "<script>" not in drawn("{{ 'x'|state_badge:evil }}{% icon 'lock' label=evil %}", evil=evil)


def test_icons_are_silent_or_speak() -> None:
    silent, speaking = drawn('{% icon "lock" %}'), drawn('{% icon "lock" label="Locked" css="good" %}')
    assert 'aria-hidden="true"' in silent
    assert 'role="img" aria-label="Locked"' in speaking
    assert 'class="icon good"' in speaking


@pytest.mark.parametrize(("tone", "said"), [("good", "in order"), ("warn", "needs attention"), ("bad", "not in order")])
def test_a_coloured_icon_says_what_its_colour_means(tone: str, said: str) -> None:
    assert f'aria-label="{said}"' in drawn(f'{{% icon "circle-check" css="{tone}" %}}')


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "Lock"])
def test_an_icon_name_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="no name of an icon"):
        icons.paths_of(name)


def test_an_icon_that_is_not_installed_draws_nothing() -> None:
    assert icons.paths_of("there-is-no-such-icon") == ""


def icons_used() -> list[str]:
    """Names of icons in all templates."""
    found = {
        name for file in TEMPLATES.rglob("*.html") for name in re.findall(r'{% icon "([a-z0-9-]+)"', file.read_text())
    }
    return sorted(
        found | set(re.findall(r'icon_name="([a-z0-9-]+)"', " ".join(f.read_text() for f in TEMPLATES.rglob("*.html"))))
    )


@pytest.mark.skipif(
    not (Path(settings.NODE_MODULES) / icons.FOLDER).exists(), reason="front-end packages are not installed"
)
def test_every_icon_that_a_page_names_exists() -> None:
    assert [name for name in icons_used() if not icons.paths_of(name)] == []


@pytest.mark.parametrize(
    ("value", "largest", "width"), [(3, 10, "30.0"), (-24, 31, "77.4"), (50, 10, "100.0"), (1, 0, "0.0")]
)
def test_bars_are_drawn_without_inline_style(value: float, largest: float, width: str) -> None:
    text = drawn("{% bar value largest 'green' %}", value=value, largest=largest)
    assert f'width="{width}"' in text
    assert "style=" not in text


class SampleForm(CleanForm):
    """One field of every shape."""

    halves = ("name",)
    name = forms.CharField(label="Name", help_text="As in the licence.")
    agreed = forms.BooleanField(label="Agreed")
    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect, choices=[("a", "First"), ("b", "Second")])
    version = forms.IntegerField(widget=forms.HiddenInput)


def form_text(form: SampleForm) -> str:
    """Render a form."""
    return Template('{% include "core/form.html" %}').render(Context({"form": form}))


def test_fields_have_labels_help_and_marks() -> None:
    text = form_text(SampleForm())
    assert '<label class="form-label" for="id_name">' in text
    assert 'id="id_name_helptext"' in text
    assert 'aria-describedby="id_name_helptext"' in text
    assert "<fieldset" in text
    assert text.count("required-mark") == 3
    assert "error-summary" not in text
    assert "form-half" in text


def test_errors_stand_beside_the_field_and_are_summed_up_with_links() -> None:
    text = form_text(SampleForm({"name": ""}))
    assert 'id="id_name_error"' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text
    assert 'aria-invalid="true"' in text
    assert 'href="#id_name"' in text
    assert "is-invalid" in text
    assert 'role="alert"' in text


def test_what_was_typed_is_kept() -> None:
    assert 'value="Songhua &amp; Co."' in form_text(SampleForm({"name": "Songhua & Co."}))


def test_a_label_and_its_words_stand_with_a_colon_and_a_list_with_commas() -> None:
    assert drawn("{{ label|colon }}x", label="Phone") == labels.labelled("Phone", "x") == "Phone: x"
    assert labels.listed(["Purpose", "Amount"]) == "Purpose, Amount"
