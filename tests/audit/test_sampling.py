"""A sample is drawn the same by whoever knows the seed, whatever the order in which the events come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.audit.sampling import Sample, drawn, rank

NUMBERS = st.lists(st.integers(1, 10**9), unique=True, max_size=80)


@given(NUMBERS, st.integers(1, 100), st.text(max_size=8, alphabet="abc019"))
def test_it_holds_the_smallest_digests_and_counts_the_rest(numbers: list[int], size: int, seed: str):
    found = drawn(Sample(size, seed), iter(numbers))
    assert found.population == len(numbers)
    assert found.numbers == frozenset(sorted(numbers, key=lambda number: rank(seed, number))[:size])
    assert drawn(Sample(size, seed), reversed(numbers)) == found
    assert found.as_json() == {"size": size, "seed": seed, "population": len(numbers)}


def test_another_seed_draws_other_events():
    samples = {drawn(Sample(3, seed), range(1, 1000)).numbers for seed in "abcdefgh"}
    assert len(samples) == 8
