"""Whatever services do in whatever order, the log stays whole and tells exactly of what was kept."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from apps.accounts.models import Branch
from apps.audit import writing
from apps.audit.images import image
from apps.audit.models import AuditEvent, AuditTouch
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.audit.verify import verify
from apps.core.errors import BadInput, Refused
from tests.audit.factories import SYSTEM, branch, newest, unsaved_branch

STEPS = ("create", "rename", "delete", "read", "refuse", "roll back", "savepoint", "inner act", "twice")
programs = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9)), max_size=12)


def change(row: Branch, name: str) -> None:
    row.name = name
    row.save()
    record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)


def step(kind: str, row: Branch) -> None:
    """One act of a kind on a row."""
    if kind == "create":
        branch()
        return
    with act(actor=SYSTEM):
        if kind == "delete":
            row.delete()
            record(Tag.BRANCH_CHANGED, actor=SYSTEM)
        elif kind == "read":
            record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=row)
        elif kind == "refuse":
            change(row, "refused")
            raise Refused("permission", "No.", subject=row)
        elif kind == "roll back":
            change(row, "undone")
            raise BadInput("no")
        elif kind in {"savepoint", "inner act"}:
            _half_undone(row, transaction.atomic() if kind == "savepoint" else act(actor=SYSTEM))
        else:
            for name in ("one", kind):
                change(row, name)


def _half_undone(row: Branch, around: Any) -> None:
    try:
        with around:
            change(row, "undone")
            raise BadInput("no")
    except BadInput:
        row.refresh_from_db()
    change(row, "kept")


@pytest.mark.django_db
@examples(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs)
def test_any_sequence_of_acts_leaves_a_whole_log_that_tells_the_last_state_of_each_row(
    program: list[tuple[str, int]], settings: Any, tmp_path: Path
):
    settings.LOANFLOW_JOURNAL = tmp_path / "journal"  # the process's own holds lines of tests that are undone
    for kind, place in program:
        rows = list(Branch.objects.order_by("pk"))
        row = rows[place % len(rows)] if rows else branch()
        try:
            step(kind, row)
        except (Refused, BadInput):
            assert kind in {"refuse", "roll back"}
    assert verify().intact
    last: dict[str, dict[str, Any]] = {}
    for body in AuditEvent.objects.order_by("pk").values_list("body", flat=True):
        for one in json.loads(body).get("touched", ()):
            if one["op"] != "name":
                last[one["object"]] = one
    standing = {f"accounts_branch:{row.pk}": image(row) for row in Branch.objects.all()}
    assert {key: one["after"] for key, one in last.items() if one["op"] != "delete"} == standing
    counts = Counter(AuditTouch.objects.values_list("object", flat=True))
    for key, count in counts.items():
        numbers = AuditTouch.objects.filter(object=key).order_by("n").values_list("n", flat=True)
        assert list(numbers) == list(range(1, count + 1))


@pytest.mark.parametrize("broken", ["_insert", "next_numbers", "read_back", "build"])
def test_a_change_whose_event_cannot_be_written_does_not_happen(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, broken: str
):
    def fail(*_arguments: Any) -> None:
        raise DatabaseError("the disk is full")

    row = branch()
    before = newest().pk
    with monkeypatch.context() as patched:
        patched.setattr(writing, broken, fail)
        with pytest.raises(DatabaseError), act(actor=SYSTEM):
            unsaved_branch().save()
            change(row, "never")
    row.refresh_from_db()
    assert (row.name.startswith("Branch"), Branch.objects.count(), newest().pk) == (True, 1, before)
    assert verify().intact
