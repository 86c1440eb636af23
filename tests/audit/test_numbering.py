"""Each object counts its own events without a gap or a collision, however many write at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Branch
from apps.audit.acts import Number
from apps.audit.models import AuditTouch
from apps.audit.numbering import next_numbers
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.audit.verify import verify
from tests.audit.factories import SYSTEM, branch, rename, unsaved_branch

WRITERS, ROUNDS = 16, 6


def numbers_of(row: Any):
    return list(
        AuditTouch.objects.filter(object=f"accounts_branch:{row.pk}").order_by("event_id").values_list("n", flat=True)
    )


@pytest.mark.django_db
def test_an_object_counts_writes_looks_and_refusals_alike():
    row = branch()
    rename(row, "Two")
    record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=row)
    rename(row, "Three")
    assert numbers_of(row) == [1, 2, 3, 4]


@given(fresh=st.sets(st.text("ab", min_size=1)), taken=st.dictionaries(st.text("bcd", min_size=1), st.integers(1, 99)))
def test_numbers_held_by_the_act_go_on_without_a_query(fresh: set[str], taken: dict[str, int]):
    held = {key: Number(n, f"digest {n}") for key, n in taken.items()}
    found = next_numbers(fresh, taken.keys() - fresh, held)
    assert found.keys() == fresh | taken.keys()
    for key, number in found.items():
        assert number == (Number(held[key].n + 1, held[key].digest) if key in held else Number(1, ""))


@pytest.mark.django_db
def test_a_touch_is_shown_by_its_object_and_number():
    row = branch()
    assert str(AuditTouch.objects.get(object=f"accounts_branch:{row.pk}")) == f"accounts_branch:{row.pk} 1"


@pytest.mark.django_db
def test_rows_made_in_the_act_are_numbered_without_looking(django_assert_num_queries: Any):
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        rows = [unsaved_branch() for _ in range(3)]
        for row in rows:
            row.save()
        with django_assert_num_queries(2):  # the rows read back, and the event
            record(Tag.BRANCH_CREATED, actor=SYSTEM)


@pytest.mark.django_db
def test_a_recorded_change_costs_a_fixed_number_of_queries(django_assert_num_queries: Any):
    rows = [branch() for _ in range(3)]
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM)
        for row in rows:
            row.name = "x"
            row.save()
        with django_assert_num_queries(
            4 if connection.vendor == "postgresql" else 3
        ):  # lock, last numbers, rows, event
            record(Tag.BRANCH_CHANGED, actor=SYSTEM)


def test_sixteen_writers_on_shared_objects_never_collide(committed_db: str):
    rows = [branch() for _ in range(3)]
    barrier = threading.Barrier(WRITERS)

    def work(number: int) -> None:
        mine = rows if number % 2 else rows[::-1]
        barrier.wait()
        try:
            for _ in range(ROUNDS):
                with act(actor=SYSTEM):
                    record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=mine[number % 3], case=mine[(number + 1) % 3])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    report = verify()
    assert (report.intact, report.crash_count, report.checked) == (True, 0, WRITERS * ROUNDS + 3)
    assert sum(len(numbers_of(row)) for row in rows) == 2 * WRITERS * ROUNDS + 3
    for row in rows:
        assert numbers_of(row) == list(range(1, len(numbers_of(row)) + 1))


@pytest.mark.django_db
def test_a_row_whose_key_was_given_is_looked_up_like_any_other():
    row = branch()
    with act(actor=SYSTEM):
        pk = row.pk
        row.delete()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
        again = Branch(pk=pk, code="AGAIN", name="Again", path="AGAIN/")
        again.save(force_insert=True)
        record(Tag.BRANCH_CREATED, actor=SYSTEM)
    assert numbers_of(again) == [1, 2, 3]
