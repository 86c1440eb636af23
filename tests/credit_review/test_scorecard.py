"""The points table: complete, in order, monotone where the risk is, and explained."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.credit_review import scorecard
from apps.credit_review.scorecard import SCORECARD, Attribute, score

RISING = {"years_in_business", "net_margin", "interest_cover", "dscr", "current_ratio", "audited"}
FALLING = {"debt_to_assets", "receivable_days", "worst_dpd", "overdue_now", "enquiries"}
GOOD = {
    "years_in_business": "8", "debt_to_assets": "0.45", "current_ratio": "1.6", "net_margin": "0.05", "interest_cover": "4",
    "dscr": "1.6", "revenue_growth": "0.1", "receivable_days": "60", "audited": "0", "worst_dpd": "0", "overdue_now": "0",
    "enquiries": "1",
}  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {each.code: st.none() | st.decimals(min_value=-100, max_value=1000, places=4) for each in SCORECARD.attributes}
)
IDS = [each.code for each in SCORECARD.attributes]


def answers(**changes: str | None) -> dict[str, Decimal | None]:
    return {code: None if value is None else Decimal(value) for code, value in (GOOD | changes).items()}


@pytest.mark.parametrize("attribute", SCORECARD.attributes, ids=IDS)
def test_bins_rise_and_the_last_takes_all_the_rest(attribute: Attribute):
    limits = [each.below for each in attribute.bins[:-1]]
    assert None not in limits
    assert limits == sorted(limits)
    assert attribute.bins[-1].below is None
    assert all(str(each.reason) for each in (*attribute.bins, attribute.unknown))


@pytest.mark.parametrize("attribute", [each for each in SCORECARD.attributes if each.code in RISING | FALLING], ids=str)
def test_points_follow_the_risk(attribute: Attribute):
    points = [each.points for each in attribute.bins]
    assert points == sorted(points, reverse=attribute.code in FALLING)
    assert attribute.unknown.points <= max(points)


def test_grades_fall_with_the_total_and_their_risk_rises():
    assert [grade.code for grade in SCORECARD.grades] == list("ABCDE")
    assert [grade.least for grade in SCORECARD.grades] == sorted(
        (grade.least for grade in SCORECARD.grades), reverse=True
    )
    assert [grade.pd for grade in SCORECARD.grades] == sorted(grade.pd for grade in SCORECARD.grades)


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, "A"),
        ({"debt_to_assets": "0.69", "dscr": "1.3", "enquiries": "2"}, "C"),
        (
            {"debt_to_assets": "0.69", "dscr": "1.1", "net_margin": "0.01", "worst_dpd": "20", "interest_cover": "1.5"},
            "D",
        ),
        ({"dscr": "0.5", "net_margin": "-0.2", "worst_dpd": "120", "overdue_now": "5000", "enquiries": "9"}, "E"),
        ({"years_in_business": "15", "debt_to_assets": "0.2", "dscr": "3", "audited": "1"}, "A"),
    ],
)
def test_grades_of_some_businesses(changes: dict[str, str], grade: str):
    assert score(SCORECARD, answers(**changes)).grade == grade


def test_the_total_is_the_start_and_the_points_shown():
    result = score(SCORECARD, answers())
    assert result.total == SCORECARD.start + sum(each.points for each in result.earned)
    assert [each.attribute for each in result.earned] == IDS
    assert (result.version, result.pd) == (SCORECARD.version, SCORECARD.grade_of(result.total).pd)


def test_nothing_known_is_a_poor_grade_and_no_error():
    assert score(SCORECARD, {}).grade in {"D", "E"}


def test_a_stranger_among_the_answers_is_an_error():
    with pytest.raises(ValueError, match="shoe_size"):
        score(SCORECARD, {"shoe_size": Decimal(43)})


def test_an_unknown_attribute_raises():
    with pytest.raises(KeyError):
        SCORECARD.attribute("shoe_size")


@given(ANSWERS)
def test_every_business_has_a_grade(given_answers: dict[str, Decimal | None]):
    result = score(SCORECARD, given_answers)
    assert result.grade in "ABCDE"
    assert result.total == SCORECARD.start + sum(each.points for each in result.earned)


@given(ANSWERS, st.decimals(min_value=0, max_value=100, places=2))
def test_a_longer_delay_never_helps(given_answers: dict[str, Decimal | None], more: Decimal):
    delay = given_answers["worst_dpd"] or Decimal(0)
    before = score(SCORECARD, given_answers | {"worst_dpd": delay}).total
    assert score(SCORECARD, given_answers | {"worst_dpd": delay + more}).total <= before


@given(ANSWERS, st.decimals(min_value=0, max_value=5, places=2))
def test_better_cover_never_hurts(given_answers: dict[str, Decimal | None], more: Decimal):
    cover = given_answers["dscr"] or Decimal(0)
    before = score(SCORECARD, given_answers | {"dscr": cover}).total
    assert score(SCORECARD, given_answers | {"dscr": cover + more}).total >= before


def test_the_strongest_reasons_come_first_and_none_without_points():
    result = score(SCORECARD, answers(debt_to_assets="0.69", enquiries="2", years_in_business="6"))
    helped, hurt = scorecard.telling(result.earned)
    assert [each.attribute for each in hurt] == ["debt_to_assets", "enquiries", "audited"]
    assert [abs(each.points) for each in helped] == sorted((abs(each.points) for each in helped), reverse=True)
    assert len(helped) == 4
    assert all(each.points > 0 for each in helped)


def test_every_version_used_is_kept():
    assert scorecard.SCORECARDS[SCORECARD.version] is SCORECARD
