"""The matrix of a policy: each amount lies in one band, a grade is open where a kind of case has no row."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from apps.approval.rules import LEVELS, AuthorityRow, PolicyRules, authority_row, bands, gaps, left_over

ONE, TWO, THREE = LEVELS
GRADES = "ABCDE"


amounts = st.integers(1, 10**9).map(Decimal)
rows = st.lists(
    st.builds(
        AuthorityRow,
        st.sets(st.sampled_from(GRADES), min_size=1).map(frozenset),
        amounts,
        st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3).map(tuple),
        st.sampled_from([None, True, False]),
    ),
    max_size=8,
)


@given(rows=rows, secured=st.booleans(), amount=amounts)
def test_each_amount_lies_in_one_band_whose_row_is_the_one_that_decides(
    rows: list[AuthorityRow], secured: bool, amount: Decimal
) -> None:
    policy = PolicyRules(1, "CNY", tuple(rows))
    drawn = bands(policy, secured, GRADES)
    assert [band.low for band in drawn[1:]] == [band.high for band in drawn[:-1]]
    holding = [band for band in drawn if band.low < amount <= band.high]
    for grade in GRADES:
        covering = [row for row in rows if row.covers(grade, secured) and amount <= row.up_to]
        if not covering:
            assert all(band.rows[grade] is None for band in holding)
        else:
            [band] = holding
            found = band.rows[grade]
            assert found is not None
            assert found.up_to == authority_row(amount, grade, secured, policy).up_to


@given(rows=rows)
def test_a_grade_is_open_exactly_where_one_kind_of_case_has_no_row(rows: list[AuthorityRow]) -> None:
    policy = PolicyRules(1, "CNY", tuple(rows))
    whole = all(any(row.covers(grade, secured) for row in rows) for grade in GRADES for secured in (True, False))
    assert (list(gaps(policy, GRADES, frozenset())) == []) == whole


def test_what_a_product_lends_beyond_the_matrix_is_told() -> None:
    policy = PolicyRules(1, "CNY", (AuthorityRow(frozenset("A"), Decimal(100), (ONE,), True),))
    assert left_over(policy, True, Decimal(100), GRADES) is None
    assert left_over(policy, True, Decimal(101), GRADES) == 100
    assert left_over(policy, False, Decimal(1), GRADES) == 0
