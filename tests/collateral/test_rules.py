"""What collateral is worth: a table of cases, then what must hold for all assets."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.collateral import rules
from apps.collateral.rules import AssetFacts, Cover, Encumbrance

TODAY = dt.date(2026, 11, 22)
HOUSE = AssetFacts(
    reference="house", haircut=Decimal("0.30"), valuation_days=365, has_title=True, value=Decimal(1_000_000),
    valued_on=dt.date(2026, 9, 1), liens_checked_on=dt.date(2026, 11, 20),
    covers=(Cover(Decimal(900_000), dt.date(2027, 1, 1), True),),
)  # fmt: skip
AMOUNTS = st.decimals(min_value=0, max_value=10**10, places=2)
HAIRCUTS = st.decimals(min_value=0, max_value=Decimal("0.99"), places=2)
LIENS = st.lists(st.builds(Encumbrance, rank=st.integers(1, 9), amount=AMOUNTS, is_ours=st.booleans()), max_size=4)
ASSETS = st.lists(
    st.builds(
        AssetFacts, reference=st.just("asset"), haircut=HAIRCUTS, valuation_days=st.just(365),
        value=st.none() | st.decimals(min_value=1, max_value=10**9, places=2), liens=LIENS.map(tuple), valued_on=st.just(TODAY),
    ),
    max_size=4,
)  # fmt: skip


def but(**changes: object) -> AssetFacts:
    return dataclasses.replace(HOUSE, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "prior", "haircut", "expected"),
    [
        (1_000_000, 0, "0.30", "700000.00"),
        (1_000_000, 400_000, "0.30", "420000.00"),
        (1_000_000, 1_400_000, "0.30", "0.00"),
        (1_000_000, 0, "0", "1000000.00"),
        (333_333, 0, "0.05", "316666.35"),
    ],
)
def test_lending_value(value: int, prior: int, haircut: str, expected: str):
    assert rules.lending_value(Decimal(value), Decimal(prior), Decimal(haircut), "CNY") == Decimal(expected)


@pytest.mark.parametrize(
    ("liens", "prior"),
    [
        ([], 0),
        ([Encumbrance(1, Decimal(100))], 100),
        ([Encumbrance(1, Decimal(100)), Encumbrance(2, Decimal(50))], 150),
        ([Encumbrance(1, Decimal(100)), Encumbrance(2, Decimal(80), is_ours=True)], 100),
        ([Encumbrance(1, Decimal(80), is_ours=True), Encumbrance(2, Decimal(50))], 0),
        ([Encumbrance(1, Decimal(80), is_ours=True)], 0),
    ],
)
def test_only_what_ranks_before_us_counts(liens: list[Encumbrance], prior: int):
    assert rules.prior_liens(liens) == prior


@pytest.mark.parametrize(
    ("loan", "value", "prior", "expected"),
    [(620, 1000, 0, "0.6200"), (620, 1000, 100, "0.7200"), (620, 0, 0, None), (0, 1000, 0, "0.0000")],
)
def test_loan_to_value(loan: int, value: int, prior: int, expected: str | None):
    assert rules.loan_to_value(Decimal(loan), Decimal(value), Decimal(prior)) == (expected and Decimal(expected))


def test_cover_says_how_many_times_the_loan_is_covered():
    assert rules.cover(Decimal(700), Decimal(500)) == Decimal("1.4")
    assert rules.cover(Decimal(700), Decimal(0)) is None


def test_assets_are_weighed_together():
    machine = but(
        reference="machine", haircut=Decimal("0.5"), value=Decimal(200_000), valued_on=dt.date(2026, 6, 1),
        liens=(Encumbrance(1, Decimal(50_000)),),
    )  # fmt: skip
    weighed = rules.weigh(Decimal(600_000), [HOUSE, machine], "CNY")
    assert (weighed.total_value, weighed.prior_liens) == (1_200_000, 50_000)
    assert weighed.lending_value == Decimal(775_000)
    assert (weighed.ltv, weighed.cover) == (Decimal("0.5417"), Decimal("1.2917"))
    assert (weighed.oldest, weighed.is_known) == (dt.date(2026, 6, 1), True)


@pytest.mark.parametrize("assets", [[], [but(value=None, valued_on=None)], [HOUSE, but(reference="shed", value=None)]])
def test_the_loan_to_value_is_not_known_before_all_is_valued(assets: list[AssetFacts]):
    assert not rules.weigh(Decimal(1), assets, "CNY").is_known


@pytest.mark.parametrize(("lending", "assumed", "below"), [(99, 100, True), (100, 100, False), (0, 0, False)])
def test_below_means_less_than_was_counted_on(lending: int, assumed: int, below: bool):
    assert rules.is_below(Decimal(lending), Decimal(assumed)) is below


@pytest.mark.parametrize(
    ("asset", "title", "liens", "insurance", "valuation"),
    [
        (HOUSE, False, False, False, False),
        (but(has_title=False), True, False, False, False),
        (but(liens_checked_on=None), False, True, False, False),
        (but(liens_checked_on=TODAY - dt.timedelta(days=31)), False, True, False, False),
        (but(liens_checked_on=TODAY - dt.timedelta(days=30)), False, False, False, False),
        (but(covers=()), False, False, True, False),
        (but(covers=(), is_insurable=False), False, False, False, False),
        (but(covers=(Cover(Decimal(900_000), TODAY, False),)), False, False, True, False),
        (but(covers=(Cover(Decimal(900_000), TODAY - dt.timedelta(days=1), True),)), False, False, True, False),
        (but(covers=(Cover(Decimal(699_999), TODAY, True),)), False, False, True, False),
        (
            but(covers=(Cover(Decimal(400_000), TODAY, True), Cover(Decimal(300_000), TODAY, True))),
            False,
            False,
            False,
            False,
        ),
        (but(valued_on=TODAY - dt.timedelta(days=366)), False, False, False, True),
        (but(value=None, valued_on=None), False, False, False, True),
    ],
)
def test_what_an_asset_lacks(asset: AssetFacts, title: bool, liens: bool, insurance: bool, valuation: bool):
    assert rules.lacks_title([asset]) == (["house"] if title else [])
    assert rules.lacks_lien_check([asset], TODAY) == (["house"] if liens else [])
    assert rules.lacks_insurance([asset], TODAY, "CNY") == (["house"] if insurance else [])
    assert rules.lacks_fresh_valuation([asset], TODAY) == (["house"] if valuation else [])


@given(AMOUNTS, AMOUNTS, HAIRCUTS)
def test_lending_value_lies_between_nothing_and_the_value(value: Decimal, prior: Decimal, haircut: Decimal):
    assert 0 <= rules.lending_value(value, prior, haircut, "CNY") <= value


@given(AMOUNTS, AMOUNTS, HAIRCUTS, AMOUNTS)
def test_more_liens_never_raise_the_lending_value(value: Decimal, prior: Decimal, haircut: Decimal, more: Decimal):
    before = rules.lending_value(value, prior, haircut, "CNY")
    assert rules.lending_value(value, prior + more, haircut, "CNY") <= before


@given(AMOUNTS, AMOUNTS, HAIRCUTS, HAIRCUTS)
def test_a_larger_haircut_never_raises_the_lending_value(value: Decimal, prior: Decimal, one: Decimal, other: Decimal):
    less, more = sorted((one, other))
    assert rules.lending_value(value, prior, more, "CNY") <= rules.lending_value(value, prior, less, "CNY")


@given(AMOUNTS, AMOUNTS, ASSETS)
def test_a_larger_loan_never_lowers_the_loan_to_value(loan: Decimal, more: Decimal, assets: list[AssetFacts]):
    before, after = (rules.weigh(amount, assets, "CNY").ltv for amount in (loan, loan + more))
    assert before is None or after >= before


@given(AMOUNTS, ASSETS, ASSETS)
def test_the_whole_is_the_sum_of_its_parts(loan: Decimal, some: list[AssetFacts], others: list[AssetFacts]):
    whole, one, other = (rules.weigh(loan, assets, "CNY") for assets in (some + others, some, others))
    assert whole.lending_value == one.lending_value + other.lending_value
    assert whole.total_value == one.total_value + other.total_value
    assert len(whole.unvalued) == len(one.unvalued) + len(other.unvalued)
