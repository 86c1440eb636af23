"""Ratios, trends and debt service cover: a table of cases, then what must hold for all figures."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.credit_review import rules
from apps.credit_review.rules import Better, Direction, Figures, Terms

SOUND = Figures(
    revenue=Decimal(4_000_000), cost_of_sales=Decimal(2_600_000), operating_expenses=Decimal(800_000),
    depreciation=Decimal(120_000), interest_expense=Decimal(60_000), other_income=Decimal(0), tax=Decimal(105_000),
    net_profit=Decimal(315_000), cash=Decimal(200_000), receivables=Decimal(500_000), inventory=Decimal(400_000),
    current_assets=Decimal(1_150_000), fixed_assets=Decimal(1_800_000), total_assets=Decimal(3_000_000),
    current_liabilities=Decimal(700_000), long_term_debt=Decimal(800_000), total_liabilities=Decimal(1_500_000),
    equity=Decimal(1_500_000), debt_service=Decimal(240_000),
)  # fmt: skip
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)
CENTS = Decimal("0.20")
RATES = st.decimals(min_value=0, max_value=36, places=2)
TERMS = st.builds(
    Terms,
    amount=AMOUNTS,
    rate=RATES,
    months=st.integers(1, 60),
    repayment=st.sampled_from(["equal_instalment", "equal_principal"]),
)


def but(**changes: int | str) -> Figures:
    return dataclasses.replace(SOUND, **{name: Decimal(value) for name, value in changes.items()})


@st.composite
def statements(draw: st.DrawFn) -> Figures:
    """Figures of any business, earning or losing."""
    signed = st.decimals(min_value=-(10**8), max_value=10**9, places=2)
    return Figures(**{name: draw(signed if name in rules.SIGNED else AMOUNTS) for name in rules.FIGURE_NAMES})


def test_a_sound_statement_balances():
    assert rules.imbalances(SOUND) == {}


def test_rounding_to_whole_units_is_allowed():
    assert rules.imbalances(but(total_assets=3_000_001, net_profit=315_001)) == {}


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"total_assets": 3_100_000}, "total_assets", "3,100,000"),
        ({"equity": -20}, "total_assets", "1,499,980"),
        ({"net_profit": 500_000}, "net_profit", "315,000"),
        ({"cash": 900_000}, "current_assets", "1,800,000"),
        ({"fixed_assets": 2_000_000}, "total_assets", "3,150,000"),
        ({"long_term_debt": 900_000}, "total_liabilities", "1,600,000"),
    ],
)
def test_what_does_not_add_up_is_named_with_both_sums(changes: dict[str, int], field: str, says: str):
    found = rules.imbalances(but(**changes))
    assert set(found) == {field}
    assert any(says in sentence for sentence in found[field])


def test_two_faults_of_one_field_are_both_told():
    assert len(rules.imbalances(but(fixed_assets=2_500_000, total_assets=3_200_000))["total_assets"]) == 2


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("current_ratio", "1.6429"), ("quick_ratio", "1.0714"), ("debt_to_assets", "0.5"), ("gross_margin", "0.35"),
        ("net_margin", "0.0788"), ("interest_cover", "8"), ("receivable_days", "45.625"), ("inventory_days", "56.1538"),
        ("dscr", "2.0625"),
    ],
)  # fmt: skip
def test_ratios_of_a_sound_business(code: str, expected: str):
    assert rules.latest_ratios([SOUND])[code] == Decimal(expected)


def test_a_ratio_without_a_denominator_is_unknown():
    ratios = rules.latest_ratios([Figures()])
    assert set(ratios.values()) == {None}


def test_no_year_has_no_ratios():
    assert rules.latest_ratios([]) == {}
    assert all(line.latest is None for line in rules.ratio_lines([]))


@pytest.mark.parametrize(
    ("values", "better", "expected"),
    [
        (["1.0", "1.2", "1.5"], Better.HIGHER, Direction.BETTER),
        (["1.5", "1.2", "1.0"], Better.HIGHER, Direction.WORSE),
        (["0.5", "0.7"], Better.LOWER, Direction.WORSE),
        (["0.7", "0.5"], Better.LOWER, Direction.BETTER),
        (["1.00", "9", "1.04"], Better.HIGHER, Direction.LEVEL),
        (["-0.10", "0.10"], Better.HIGHER, Direction.BETTER),
        (["1.0", None], Better.HIGHER, Direction.UNKNOWN),
        ([None, "1.0", "2.0"], Better.HIGHER, Direction.BETTER),
        ([], Better.LOWER, Direction.UNKNOWN),
    ],
)
def test_trends(values: list[str | None], better: Better, expected: Direction):
    assert rules.trend([None if value is None else Decimal(value) for value in values], better) is expected


def test_lines_run_from_the_oldest_year_to_the_newest():
    line = next(line for line in rules.ratio_lines([but(debt_service=480_000), SOUND]) if line.ratio.code == "dscr")
    assert line.values == (Decimal("1.0312"), Decimal("2.0625"))
    assert (line.latest, line.direction) == (Decimal("2.0625"), Direction.BETTER)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (Terms(Decimal(120_000), Decimal(0), 24, "equal_instalment"), "60000"),
        (Terms(Decimal(120_000), Decimal(0), 6, "equal_instalment"), "120000"),
        (Terms(Decimal(100_000), Decimal(12), 12, "equal_instalment"), "106618.53"),
        (Terms(Decimal(100_000), Decimal(12), 24, "equal_instalment"), "56488.20"),
        (Terms(Decimal(120_000), Decimal(12), 12, "equal_principal"), "127800.00"),
        (Terms(Decimal(120_000), Decimal(12), 24, "equal_principal"), "71100.00"),
        (Terms(Decimal(120_000), Decimal(12), 1, "equal_principal"), "121200.00"),
    ],
)
def test_debt_service_of_the_first_year(terms: Terms, expected: str):
    assert rules.first_year_service(terms).quantize(Decimal("0.01")) == Decimal(expected)


def test_the_proposed_loan_counts_in_the_cover():
    loan = Terms(Decimal(120_000), Decimal(0), 24, "equal_instalment")
    assert rules.debt_service_cover(SOUND, [loan]) == Decimal("1.65")
    assert rules.debt_service_cover(SOUND, [loan, loan]) == Decimal("1.375")


def test_a_loss_covers_nothing_and_no_debt_needs_no_cover():
    assert rules.debt_service_cover(but(net_profit=-500_000)) == 0
    assert rules.debt_service_cover(but(debt_service=0)) is None


@given(statements(), TERMS, TERMS)
def test_more_debt_never_raises_the_cover(figures: Figures, loan: Terms, further: Terms):
    less, more = rules.debt_service_cover(figures, [loan]), rules.debt_service_cover(figures, [loan, further])
    assert less is None or (more is not None and more <= less)


@given(statements(), TERMS, AMOUNTS)
def test_more_profit_never_lowers_the_cover(figures: Figures, loan: Terms, gain: Decimal):
    richer = dataclasses.replace(figures, net_profit=figures.net_profit + gain)
    before, after = rules.debt_service_cover(figures, [loan]), rules.debt_service_cover(richer, [loan])
    assert (before is None) == (after is None)
    assert before is None or after >= before


@given(TERMS)
def test_a_year_of_service_lies_between_its_principal_and_principal_with_a_full_years_interest(terms: Terms):
    service, months = rules.first_year_service(terms), min(12, terms.months)
    everything = terms.amount + terms.amount * terms.rate / 100 * months / 12
    assert service <= everything + CENTS
    assert service >= terms.amount / terms.months * months - CENTS or terms.repayment == "equal_instalment"


@given(TERMS, AMOUNTS)
def test_a_larger_loan_never_costs_less(terms: Terms, more: Decimal):
    larger = dataclasses.replace(terms, amount=terms.amount + more)
    assert rules.first_year_service(larger) >= rules.first_year_service(terms) - CENTS


@given(statements(), AMOUNTS)
def test_more_liabilities_never_lower_the_leverage(figures: Figures, more: Decimal):
    before = rules.latest_ratios([figures])["debt_to_assets"]
    after = rules.latest_ratios([dataclasses.replace(figures, total_liabilities=figures.total_liabilities + more)])[
        "debt_to_assets"
    ]
    assert before is None or after >= before


@given(statements())
def test_every_ratio_is_a_number_or_unknown(figures: Figures):
    for value in rules.latest_ratios([figures]).values():
        assert value is None or value.is_finite()


@pytest.mark.parametrize(
    ("earlier", "later", "expected"), [(100, 130, "0.3"), (100, 50, "-0.5"), (0, 50, None), (100, 0, "-1")]
)
def test_growth(earlier: int, later: int, expected: str | None):
    assert rules.growth(Decimal(earlier), Decimal(later)) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(("age", "stale"), [(0, False), (30, False), (31, True)])
def test_a_report_is_stale_after_its_days(age: int, stale: bool):
    on = dt.date(2026, 11, 30)
    assert rules.is_stale(on - dt.timedelta(days=age), on, rules.BUREAU_DAYS) is stale


@pytest.mark.parametrize(
    ("founded", "needed"),
    [
        (None, 3), (dt.date(2010, 1, 1), 3), (dt.date(2024, 11, 22), 2), (dt.date(2024, 11, 23), 1),
        (dt.date(2026, 10, 1), 1), (dt.date(2027, 1, 1), 1),
    ],
)  # fmt: skip
def test_young_businesses_show_fewer_years(founded: dt.date | None, needed: int):
    assert rules.years_needed(founded, dt.date(2026, 11, 22)) == needed


@pytest.mark.parametrize(
    ("years", "expected"), [([2024, 2025, 2023], True), ([2023, 2025], False), ([2025], True), ([], True)]
)
def test_years_must_follow_each_other(years: list[int], expected: bool):
    assert rules.are_consecutive(years) is expected
