"""No way round: writes of many governed rows are told to the act, or refused with words that say what to do."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Upper

from apps.accounts.models import Branch
from apps.audit.acts import OutsideAct
from apps.audit.governed import governed_models
from apps.audit.reconcile import reconcile
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import verify
from apps.audit.watching import ActWatcher
from apps.core.watching import Unwatched, WatchedQuerySet, watch
from apps.monitoring.models import WorkerBeat
from apps.workflow.models import Notice
from tests.audit.factories import SYSTEM, branch, newest, unsaved_branch

APPS = Path(settings.BASE_DIR) / "apps"

OUTSIDE = {
    "update": lambda row: Branch.objects.filter(pk=row.pk).update(name="x"),
    "bulk_create": lambda row: Branch.objects.bulk_create([unsaved_branch()]),
    "bulk_update": lambda row: Branch.objects.bulk_update([row], ["name"]),
    "delete": lambda row: Branch.objects.filter(pk=row.pk).delete(),
}  # fmt: skip


def entries() -> dict[str, dict[str, Any]]:
    """What the newest event says, by object."""
    return {entry["object"]: entry for entry in newest().data["touched"]}


def key(row: Branch) -> str:
    return f"accounts_branch:{row.pk}"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", OUTSIDE)
def test_outside_an_act_it_is_refused_with_words_that_say_what_to_do(verb: str) -> None:
    row = branch()
    with pytest.raises(OutsideAct, match=rf"accounts.Branch: {verb}\(\) stands outside act"):
        OUTSIDE[verb](row)


@pytest.mark.django_db
def test_an_update_is_told_with_what_each_row_held_before() -> None:
    rows = [branch(name=name) for name in ("One", "Two")]
    with act(actor=SYSTEM):
        assert Branch.objects.filter(pk__in=[row.pk for row in rows]).update(name="Same") == 2
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    told = entries()
    assert [told[key(row)]["changes"]["name"] for row in rows] == [["One", "Same"], ["Two", "Same"]]
    assert all(told[key(row)]["op"] == "update" for row in rows)
    assert reconcile().count == 0


@pytest.mark.django_db
def test_an_update_that_takes_its_rows_out_of_its_own_filter_is_told_all_the_same() -> None:
    row = branch(name="One")
    with act(actor=SYSTEM):
        Branch.objects.filter(name="One").update(name="Two")
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert entries()[key(row)]["changes"] == {"name": ["One", "Two"]}


@pytest.mark.django_db
def test_what_the_database_computes_stands_in_the_image_alone() -> None:
    row = branch(name="One")
    with act(actor=SYSTEM):
        Branch.objects.filter(pk=row.pk).update(name=Upper(F("name")), path=Value(row.path), code=row.code)
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert "changes" not in entries()[key(row)]
    assert reconcile().count == 0


@pytest.mark.django_db
def test_rows_made_and_saved_together_are_told_one_by_one() -> None:
    with act(actor=SYSTEM):
        made = Branch.objects.bulk_create([unsaved_branch(name="One"), unsaved_branch(name="Two")])
        record(Tag.BRANCH_CREATED, actor=SYSTEM)
    assert {entries()[key(row)]["op"] for row in made} == {"create"}
    for row in made:
        row.name += "!"
    with act(actor=SYSTEM):
        assert Branch.objects.bulk_update(made, ["name"]) == 2
        assert Branch.objects.bulk_update([], ["name"]) == 0
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert [entries()[key(row)]["changes"] for row in made] == [{"name": ["One", "One!"]}, {"name": ["Two", "Two!"]}]


@pytest.mark.django_db
def test_rows_deleted_together_are_told_one_by_one() -> None:
    rows = [branch(), branch()]
    keys = {key(row) for row in rows}
    with act(actor=SYSTEM):
        Branch.objects.filter(pk__in=[row.pk for row in rows]).delete()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert {name for name, entry in entries().items() if entry["op"] == "delete"} == keys


def test_such_an_act_commits_under_the_tripwire(committed_db: str) -> None:
    row = branch(name="One")
    with act(actor=SYSTEM):
        Branch.objects.filter(pk=row.pk).update(name="Two")
        Branch.objects.bulk_create([unsaved_branch()])
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    row.refresh_from_db()
    assert (row.name, verify().intact, reconcile().count) == ("Two", True, 0)


@pytest.mark.parametrize("option", ["ignore_conflicts", "update_conflicts"])
def test_an_insert_that_leaves_open_what_it_did_is_refused(option: str) -> None:
    with pytest.raises(Unwatched, match=option):
        Branch.objects.bulk_create([], **{option: True})


def test_nothing_passes_while_nobody_watches() -> None:
    watch.fill(None)
    try:
        with pytest.raises(Unwatched):
            Branch.objects.update(name="x")
    finally:
        watch.fill(ActWatcher())


@pytest.mark.django_db
def test_rows_that_are_not_governed_pass() -> None:
    assert WorkerBeat.objects.update(worker="x") == 0
    assert Notice.objects.filter(pk=0).delete()[0] == 0


def test_every_manager_of_a_governed_model_is_watched() -> None:
    plain = [
        f"{model._meta.label}.{manager.name}"
        for model in governed_models()
        for manager in model._meta.managers
        if not isinstance(manager.get_queryset(), WatchedQuerySet)
    ]
    assert plain == []


WRITES = {"update", "bulk_create", "bulk_update", "delete", "_update", "_raw_delete", "_insert"}
ROUND = {"_base_manager", "get_base_queryset"}


def ways_round(source: str) -> list[int]:
    """Lines that write through a manager nobody watches."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and any(isinstance(node, ast.Attribute) and node.attr in ROUND for node in ast.walk(call.func))
    ]


def test_the_search_for_ways_round_finds_them() -> None:
    assert ways_round(
        "x = 1\nmodel._base_manager.filter(pk=1).update(a=2)\nModel.objects.filter(pk=1).update(a=2)"
    ) == [2]


def test_no_service_writes_through_a_manager_that_nobody_watches() -> None:
    found = {str(path): lines for path in APPS.rglob("*.py") if (lines := ways_round(path.read_text()))}
    assert found == {}


def test_no_service_writes_a_governed_table_in_sql() -> None:
    tables = "|".join(re.escape(model._meta.db_table) for model in governed_models())
    writing = re.compile(rf'\b(update|insert\s+into|delete\s+from)\s+"?({tables})\b', re.IGNORECASE)
    apart = {"migrations", "drill"}  # a drill attacks a copy of the database, as somebody with SQL would
    files = [path for path in APPS.rglob("*.py") if not apart & set(path.parts)]
    assert [str(path) for path in files if writing.search(path.read_text())] == []
