"""The rules of approval: tables of cases and properties, without a database."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.approval import rules, wording
from apps.approval.rules import LEVELS, AuthorityRow, Flag, Limit, PolicyRules
from apps.audit.canonical import digest

ONE, TWO, THREE = LEVELS
GOOD, FAIR = frozenset("AB"), frozenset("C")

POLICY = PolicyRules(
    version=7,
    currency="CNY",
    authorities=(
        AuthorityRow(GOOD, Decimal(500_000), (ONE,)),
        AuthorityRow(GOOD, Decimal(2_000_000), (ONE, TWO)),
        AuthorityRow(GOOD, Decimal(9_000_000), (TWO, TWO, THREE)),
        AuthorityRow(FAIR, Decimal(200_000), (ONE, TWO), secured=True),
        AuthorityRow(FAIR, Decimal(200_000), (TWO, TWO), secured=False),
        AuthorityRow(FAIR, Decimal(1_000_000), (TWO, THREE), decline_level=TWO),
    ),
    limits=(
        Limit("ltv", "max", Decimal("0.70"), exception_level=TWO),
        Limit("dscr", "min", Decimal("1.25"), exception_level=TWO),
    ),
)


# --- who must sign ---


@pytest.mark.parametrize(
    ("amount", "grade", "secured", "needed"),
    [
        ("1", "A", True, (ONE,)),
        ("500000", "A", True, (ONE,)),
        ("500000.01", "A", True, (ONE, TWO)),
        ("2000000", "B", False, (ONE, TWO)),
        ("2000001", "B", False, (TWO, TWO, THREE)),
        ("200000", "C", True, (ONE, TWO)),
        ("200000", "C", False, (TWO, TWO)),
        ("200001", "C", False, (TWO, THREE)),
    ],
)
def test_amount_grade_and_security_decide_who_signs(amount: str, grade: str, secured: bool, needed: tuple[str, ...]):
    assert rules.authority_needed(Decimal(amount), grade, secured, POLICY) == needed


@pytest.mark.parametrize(("amount", "grade"), [("9000001", "A"), ("1000001", "C"), ("1", "D"), ("1", "")])
def test_nobody_has_authority_above_the_highest_row_or_for_a_grade_in_none(amount: str, grade: str):
    with pytest.raises(rules.NoAuthority):
        rules.authority_needed(Decimal(amount), grade, True, POLICY)


@pytest.mark.parametrize(
    ("needed", "exceptions", "raised"),
    [
        ((ONE,), (), (ONE,)),
        ((ONE,), (TWO,), (TWO,)),
        ((ONE, TWO), (TWO,), (ONE, TWO)),
        ((ONE, TWO), (TWO, THREE), (ONE, THREE)),
        ((TWO, THREE), (ONE,), (TWO, THREE)),
    ],
)
def test_an_exception_raises_the_highest_signature(
    needed: tuple[str, ...], exceptions: tuple[str, ...], raised: tuple[str, ...]
):
    assert rules.with_exceptions(needed, exceptions) == raised


@pytest.mark.parametrize(
    ("needed", "by", "raised"),
    [
        ((ONE, TWO), (), (ONE, TWO)),
        ((ONE, TWO), (ONE,), (TWO, TWO)),
        ((ONE, TWO), (ONE, TWO), (THREE, THREE)),
        ((TWO, THREE), (TWO,), (THREE, THREE)),
    ],
)
def test_a_referred_case_is_signed_at_the_next_level(
    needed: tuple[str, ...], by: tuple[str, ...], raised: tuple[str, ...]
):
    assert rules.after_referral(needed, by) == raised


@pytest.mark.parametrize(
    ("needed", "given", "missing"),
    [
        ((ONE,), (), (ONE,)),
        ((ONE,), (ONE,), ()),
        ((ONE, TWO), (TWO,), (ONE,)),
        ((ONE, TWO), (ONE,), (TWO,)),
        ((ONE, TWO), (TWO, TWO), ()),
        ((ONE, TWO), (THREE, ONE), ()),
        ((TWO, TWO, THREE), (ONE, ONE, ONE), (TWO, TWO, THREE)),
        ((TWO, TWO, THREE), (THREE, THREE), (TWO,)),
    ],
)
def test_a_higher_level_may_sign_for_a_lower_one_but_never_the_reverse(
    needed: tuple[str, ...], given: tuple[str, ...], missing: tuple[str, ...]
):
    assert rules.open_slots(needed, given) == missing


@pytest.mark.parametrize(
    ("given", "level", "fills"),
    [
        ((), ONE, True),
        ((ONE,), ONE, False),
        ((ONE,), TWO, True),
        ((TWO,), TWO, True),
        ((TWO,), ONE, True),
        ((ONE, TWO), THREE, False),
    ],
)
def test_a_signature_that_fills_no_slot_is_not_needed(given: tuple[str, ...], level: str, fills: bool):
    assert rules.fills_a_slot((ONE, TWO), given, level) is fills


@pytest.mark.parametrize(
    ("level", "needed", "decline_level", "final"),
    [
        (ONE, (ONE,), "", True),
        (ONE, (ONE, TWO), "", False),
        (TWO, (ONE, TWO), "", True),
        (THREE, (ONE, TWO), "", True),
        (TWO, (TWO, THREE), "", False),
        (TWO, (TWO, THREE), TWO, True),
        (ONE, (TWO, THREE), TWO, False),
    ],
)
def test_declining_for_good_needs_the_level_the_matrix_names(
    level: str, needed: tuple[str, ...], decline_level: str, final: bool
):
    assert rules.may_decline(level, needed, decline_level) is final


def test_above_the_top_there_is_nobody():
    assert [rules.above(level) for level in LEVELS] == [TWO, THREE, None]
    with pytest.raises(ValueError, match="not in tuple"):
        rules.rank("administrator")


levels = st.sampled_from(LEVELS)
signature_sets = st.lists(levels, min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(20_000_000), places=2)


@st.composite
def policies(draw: st.DrawFn) -> PolicyRules:
    """Policies that the house would put in force: each row drawn freely, contradictory matrices discarded by the rule itself."""
    bounds = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=4)))
    chain: list[tuple[str, ...]] = []
    for _bound in bounds:
        drawn = draw(signature_sets)
        chain.append(drawn if not chain or rules.dominates(drawn, chain[-1]) else chain[-1])
    rows = tuple(
        AuthorityRow(GOOD, Decimal(bound * 100_000), found) for bound, found in zip(bounds, chain, strict=True)
    )
    policy = PolicyRules(1, "CNY", rows)
    assert rules.policy_problems(policy) == []
    return policy


@given(policies(), amounts, amounts, st.lists(levels, max_size=3))
def test_more_money_never_needs_fewer_or_lower_signatures(
    policy: PolicyRules, one: Decimal, other: Decimal, exceptions: list[str]
):
    less, more = sorted((one, other))
    try:
        more_needed = rules.authority_needed(more, "A", True, policy, exceptions)
    except rules.NoAuthority:
        return
    assert rules.dominates(more_needed, rules.authority_needed(less, "A", True, policy, exceptions))


@given(signature_sets, st.lists(levels, max_size=3), st.lists(levels, max_size=3))
def test_exceptions_and_referrals_never_lower_what_is_needed(
    needed: tuple[str, ...], exceptions: list[str], by: list[str]
):
    assert rules.dominates(rules.with_exceptions(needed, exceptions), needed)
    assert rules.dominates(rules.after_referral(needed, by), needed)
    assert len(rules.after_referral(rules.with_exceptions(needed, exceptions), by)) == len(needed)


@given(signature_sets, st.lists(levels, max_size=5))
def test_the_fewest_slots_stay_open(needed: tuple[str, ...], given_levels: list[str]):
    """Compared with every way of laying the given signatures on the slots."""
    best = len(needed)
    for order in itertools.permutations([*given_levels, *[""] * len(needed)], len(needed)):
        filled = sum(
            bool(level) and rules.rank(level) >= rules.rank(slot) for level, slot in zip(order, needed, strict=True)
        )
        best = min(best, len(needed) - filled)
    assert len(rules.open_slots(needed, given_levels)) == best


@given(signature_sets, st.lists(levels, max_size=4), levels)
def test_one_more_signature_never_opens_a_slot(needed: tuple[str, ...], given_levels: list[str], level: str):
    before, after = rules.open_slots(needed, given_levels), rules.open_slots(needed, [*given_levels, level])
    assert len(before) - 1 <= len(after) <= len(before)


# --- policies that contradict themselves ---


@pytest.mark.parametrize(
    ("authorities", "says"),
    [
        ((), "empty"),
        ((AuthorityRow(GOOD, Decimal(1), ()),), "one to three"),
        ((AuthorityRow(GOOD, Decimal(1), (ONE,) * 4),), "one to three"),
        ((AuthorityRow(GOOD, Decimal(1), ("administrator",)),), "does not exist"),
        ((AuthorityRow(GOOD, Decimal(1), (ONE,), decline_level="nobody"),), "does not exist"),
        ((AuthorityRow(GOOD, Decimal(0), (ONE,)),), "above zero"),
        ((AuthorityRow(GOOD, Decimal(1), (ONE,)), AuthorityRow(GOOD, Decimal(1), (TWO,))), "same amount"),
        ((AuthorityRow(GOOD, Decimal(1), (ONE, TWO)), AuthorityRow(GOOD, Decimal(2), (TWO,))), "fewer or lower"),
        ((AuthorityRow(GOOD, Decimal(1), (THREE,)), AuthorityRow(GOOD, Decimal(2), (TWO, TWO))), "fewer or lower"),
    ],
)
def test_a_contradictory_matrix_is_named(authorities: tuple[AuthorityRow, ...], says: str):
    assert any(says in str(problem) for problem in rules.policy_problems(PolicyRules(1, "CNY", authorities)))


@pytest.mark.parametrize(
    "limit", [Limit("ltv", "about", Decimal(1)), Limit("ltv", "max", Decimal(1), exception_level="clerk")]
)
def test_a_limit_that_means_nothing_is_named(limit: Limit):
    assert len(rules.policy_problems(PolicyRules(1, "CNY", POLICY.authorities, (limit,)))) == 1


def test_a_sound_policy_has_no_problems():
    assert rules.policy_problems(POLICY) == []


# --- limits ---

LIMITS = (
    Limit("ltv", "max", Decimal("0.80"), exception_level=TWO),
    Limit("ltv", "max", Decimal("0.70"), grades=FAIR, exception_level=TWO),
    Limit("ltv", "max", Decimal("0.60"), products=frozenset({"mortgage"}), exception_level=THREE),
    Limit("ltv", "max", Decimal("0.50"), products=frozenset({"mortgage"}), grades=FAIR),
    Limit("dscr", "min", Decimal("1.25"), exception_level=TWO),
    Limit("dscr", "min", Decimal("1.40"), exception_level=TWO),
)


@pytest.mark.parametrize(
    ("measure", "product", "grade", "value"),
    [
        ("ltv", "working", "A", "0.80"),
        ("ltv", "working", "C", "0.70"),
        ("ltv", "mortgage", "A", "0.60"),
        ("ltv", "mortgage", "C", "0.50"),
        ("dscr", "working", "A", "1.40"),
    ],
)
def test_the_most_specific_limit_counts_and_then_the_strictest(measure: str, product: str, grade: str, value: str):
    limit = rules.limit_for(measure, product, grade, LIMITS)
    assert limit is not None
    assert limit.value == Decimal(value)


def test_a_measure_without_a_limit_is_unlimited():
    assert rules.limit_for("employees", "working", "A", LIMITS) is None
    assert rules.line_for("employees", "ratio", None, Decimal(34), None).flag is Flag.UNLIMITED


@pytest.mark.parametrize(
    ("bound", "value", "flag", "used", "level"),
    [
        ("max", "0.50", Flag.WITHIN, "71", ""),
        ("max", "0.66", Flag.WITHIN, "94", ""),
        ("max", "0.68", Flag.NEAR, "97", ""),
        ("max", "0.70", Flag.NEAR, "100", ""),
        ("max", "0.7001", Flag.EXCEPTION, "100", TWO),
        ("max", None, Flag.UNKNOWN, None, TWO),
        ("min", "0.70", Flag.WITHIN, None, ""),
        ("min", "0.69", Flag.EXCEPTION, None, TWO),
    ],
)
def test_a_figure_stands_to_its_limit(bound: str, value: str | None, flag: Flag, used: str | None, level: str):
    line = rules.line_for(
        "x", "ratio", None, Decimal(value) if value else None, Limit("x", bound, Decimal("0.70"), exception_level=TWO)
    )
    assert (line.flag, line.used, line.level) == (flag, Decimal(used) if used else None, level)


def test_lines_outside_their_limit_name_the_levels_that_must_sign():
    lines = [
        rules.line_for("ltv", "percent", None, Decimal("0.9"), LIMITS[0]),
        rules.line_for("ltv", "percent", None, Decimal("0.9"), LIMITS[3]),
        rules.line_for("ltv", "percent", None, Decimal("0.1"), LIMITS[0]),
    ]
    assert rules.exception_levels(lines) == (TWO, "")


# --- offers ---


@pytest.mark.parametrize(("days", "end"), [(1, "2026-11-22"), (30, "2026-12-21"), (365, "2027-11-21")])
def test_an_offer_ends_after_its_days(days: int, end: str):
    assert rules.offer_end(dt.date(2026, 11, 21), days) == dt.date.fromisoformat(end)


@pytest.mark.parametrize("days", [0, -1])
def test_an_offer_that_never_stood_is_refused(days: int):
    with pytest.raises(ValueError, match="at least a day"):
        rules.offer_end(dt.date(2026, 11, 21), days)


@pytest.mark.parametrize(("today", "open_"), [("2026-12-20", True), ("2026-12-21", True), ("2026-12-22", False)])
def test_an_offer_is_open_through_its_last_day(today: str, open_: bool):
    assert rules.is_open(dt.date(2026, 12, 21), dt.date.fromisoformat(today)) is open_


# --- decisions ---

DECISION = {
    "case": "LF-2026-004817",
    "amount": Decimal("1000000.00"),
    "conditions": ["mortgage"],
    "rate": Decimal("5.35"),
}


def test_a_decision_has_one_spelling_whatever_the_order_of_its_keys():
    assert rules.decision_text(DECISION) == rules.decision_text(dict(reversed(DECISION.items())))
    assert rules.decision_text(DECISION) == (
        '{"amount":"1000000.00","case":"LF-2026-004817","conditions":["mortgage"],"rate":"5.35"}'
    )


def test_the_fingerprint_is_separated_by_its_domain():
    text = rules.decision_text(DECISION)
    assert rules.fingerprint(text) == "72811cacb8dcb8af56f1b06fe26aed2a6ef49e657187842946ccb85e18525567"
    assert rules.fingerprint(text) != digest(text)


@pytest.mark.parametrize("key", sorted(DECISION))
def test_any_change_changes_the_fingerprint(key: str):
    changed = {**DECISION, key: "other"}
    assert rules.fingerprint(rules.decision_text(changed)) != rules.fingerprint(rules.decision_text(DECISION))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xy", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_equal_states_do_not_differ(value: object):
    assert rules.differences(value, value) == []


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)),
)
def test_different_states_differ_somewhere_and_back_again(one: dict[str, int], other: dict[str, int]):
    forward, back = rules.differences(one, other), rules.differences(other, one)
    assert bool(forward) == (one != other)
    assert [(change.path, change.after, change.before) for change in forward] == [
        (change.path, change.before, change.after) for change in back
    ]


def test_a_difference_says_where_and_what():
    before = {"amount": "1200000.00", "conditions": [{"code": "mortgage"}], "rate": "5.35"}
    after = {"amount": "1000000.00", "conditions": [{"code": "mortgage"}, {"code": "insurance"}], "rate": "5.35"}
    assert [(each.path, each.before, each.after) for each in rules.differences(before, after)] == [
        ("amount", '"1200000.00"', '"1000000.00"'),
        ("conditions.2.code", None, '"insurance"'),
    ]


@pytest.mark.parametrize(
    ("path", "kept", "read"),
    [
        ("conditions.1.kind", "precedent", "before payout"),
        ("facilities.1.repayment", "equal_instalment", "equal instalment"),
        ("needed.0", "approver_2", "Approver, level 2"),
        ("is_secured", "true", "yes"),
        ("asked", "1200000.00", "1,200,000"),
        ("facilities.1.rate", "5.35", "5.35\u202f%"),
        ("extra.talk.2.text", "2018", "2018"),
        ("grade", "A", "A"),
        ("amount", "much", "much"),
    ],
)
def test_a_change_of_a_memo_is_told_in_words_not_in_codes(path: str, kept: str, read: str) -> None:
    assert wording.held(path, kept) == read
