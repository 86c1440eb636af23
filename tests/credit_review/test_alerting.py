"""Which facts call for which alert, and what each says."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.credit_review.alerting import AlertFacts, AlertKind, suggest, wording


@pytest.mark.parametrize(
    ("facts", "kind", "says"),
    [
        (AlertFacts(revenue_growth=Decimal("-0.42")), AlertKind.REVENUE_FALL, "42 %"),
        (AlertFacts(net_profit=Decimal("-1200000.50")), AlertKind.LOSS, "1,200,000.5"),
        (AlertFacts(equity=Decimal(-30000)), AlertKind.NEGATIVE_EQUITY, "30,000"),
        (AlertFacts(dscr=Decimal("0.8")), AlertKind.THIN_COVER, "0.8"),
        (AlertFacts(overdue_now=Decimal(500)), AlertKind.OVERDUE_NOW, "500"),
        (AlertFacts(worst_dpd=45), AlertKind.LONG_DELAY, "45"),
        (AlertFacts(enquiries=6), AlertKind.MANY_ENQUIRIES, "6"),
        (AlertFacts(shared={"phone": ("LF-2026-000003", "borrower 9")}), AlertKind.SHARED, "phone number is also found in LF-2026-000003"),
        (AlertFacts(shared={"shoes": ("borrower 9",)}), AlertKind.SHARED, "A detail"),
    ],
)  # fmt: skip
def test_each_fact_raises_its_alert_and_is_told_in_words(facts: AlertFacts, kind: AlertKind, says: str):
    (found,) = suggest(facts)
    assert found.kind == kind
    assert says in wording(found.kind, found.topic, found.data)


@pytest.mark.parametrize(
    "facts",
    [
        AlertFacts(),
        AlertFacts(revenue_growth=Decimal("-0.30"), net_profit=Decimal(0), equity=Decimal(0), dscr=Decimal("1.00")),
        AlertFacts(overdue_now=Decimal(0), worst_dpd=29, enquiries=3, shared={"phone": ()}),
    ],
)
def test_quiet_facts_raise_nothing(facts: AlertFacts):
    assert suggest(facts) == []


def test_each_shared_detail_is_an_alert_of_its_own():
    found = suggest(AlertFacts(shared={"phone": ("a",), "account": ("b",)}))
    assert [(each.kind, each.topic) for each in found] == [(AlertKind.SHARED, "account"), (AlertKind.SHARED, "phone")]


def test_what_a_person_noticed_points_to_the_note():
    assert "note" in wording(AlertKind.OTHER, "", {})


def test_damaged_figures_are_shown_as_they_stand():
    assert "unreadable" in wording(AlertKind.LOSS, "", {"value": "unreadable"})


@pytest.mark.parametrize("kind", AlertKind.values)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_has_words_in_every_language(kind: str, language: str):
    with translation.override(language):
        assert wording(kind, "phone", {"value": "-0.5", "files": "x"})


@given(st.decimals(min_value=-5, max_value=5, places=3), st.integers(0, 400), st.integers(0, 40))
def test_worse_facts_never_raise_fewer_alerts(growth: Decimal, delay: int, enquiries: int):
    facts = AlertFacts(revenue_growth=growth, worst_dpd=delay, enquiries=enquiries)
    worse = AlertFacts(revenue_growth=growth - 1, worst_dpd=delay + 30, enquiries=enquiries + 4)
    assert {each.kind for each in suggest(facts)} <= {each.kind for each in suggest(worse)}
