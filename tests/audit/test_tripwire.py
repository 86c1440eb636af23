"""Whatever writes a governed row without an event of the same transaction is refused at commit."""

import contextlib
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Branch
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import verify
from tests.audit.factories import SYSTEM, account, branch, rename, run, unsaved_branch

pytestmark = pytest.mark.usefixtures("shared_db")

SILENT = {
    "save": lambda row: Branch(pk=row.pk, code=row.code, name="x", path=row.path, uuid=row.uuid).save(),
    "create": lambda row: unsaved_branch().save(),
    "delete": lambda row: row.delete(),
    "queryset update": lambda row: Branch._base_manager.filter(pk=row.pk).update(name="x"),
    "queryset delete": lambda row: Branch._base_manager.filter(pk=row.pk).delete(),
    "bulk create": lambda row: Branch._base_manager.bulk_create([unsaved_branch(), unsaved_branch()]),
    "bulk update": lambda row: Branch._base_manager.bulk_update([Branch(pk=row.pk, name="x")], ["name"]),
    "raw update": lambda row: run("UPDATE accounts_branch SET name = 'x' WHERE id = %s", (row.pk,)),
    "raw delete": lambda row: run("DELETE FROM accounts_branch WHERE id = %s", (row.pk,)),
    "raw change of key": lambda row: run("UPDATE accounts_branch SET id = 987654 WHERE id = %s", (row.pk,)),
}  # fmt: skip


def state():
    return sorted(Branch.objects.values_list("pk", "code", "name"))


@pytest.mark.parametrize("around", [contextlib.nullcontext, transaction.atomic], ids=["autocommit", "transaction"])
def test_a_silent_write_is_refused_at_commit(around: Any):
    for way, write in SILENT.items():
        row = branch()
        before = state()
        with pytest.raises(IntegrityError), around():
            write(row)
        assert state() == before, way


def test_a_silent_write_in_an_act_is_refused_beside_an_event_of_something_else():
    for way in ("queryset update", "raw update", "bulk create", "raw delete"):
        row, other = branch(), branch()
        before, events = state(), AuditEvent.objects.count()
        with pytest.raises(IntegrityError), act(actor=SYSTEM):
            SILENT[way](row)
            record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=other)
        assert (state(), AuditEvent.objects.count()) == (before, events), way


def test_an_event_that_only_names_a_row_does_not_pay_for_a_write():
    row = branch()
    before = state()
    with pytest.raises(IntegrityError), act(actor=SYSTEM):
        SILENT["raw update"](row)
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
    assert state() == before


def test_yesterdays_event_does_not_pay_for_todays_write():
    row = branch()
    rename(row, "Two")
    with pytest.raises(IntegrityError):
        SILENT["raw update"](row)


def test_told_of_the_write_passes():
    row = branch()
    with act(actor=SYSTEM):
        SILENT["raw update"](row)
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])
    row.refresh_from_db()
    assert row.name == "x"
    assert verify().intact


def test_a_silent_link_is_refused_as_a_change_of_its_owner():
    someone, group = account(), Group.objects.create(name="shared readers")
    with pytest.raises(IntegrityError):
        someone.groups.add(group)
    with act(actor=SYSTEM):
        someone.groups.add(group)
        record(Tag.PERSON_CHANGED, actor=SYSTEM)
    assert someone.groups.count() == 1


def test_a_silent_write_inside_a_savepoint_that_rolled_back_costs_nothing():
    row = branch()
    with transaction.atomic():
        point = transaction.savepoint()
        SILENT["raw update"](row)
        transaction.savepoint_rollback(point)
    row.refresh_from_db()
    assert row.name != "x"


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="foreign keys can be switched off on SQLite alone")
def test_a_write_with_foreign_keys_switched_off_leaves_its_debt_for_verification(committed_db: str):
    row = branch()
    run("PRAGMA foreign_keys = OFF")
    SILENT["raw update"](row)
    run("PRAGMA foreign_keys = ON")
    report = verify()
    assert (report.intact, report.first_bad.kind) == (False, "debt")
    assert f"accounts_branch:{row.pk}" in report.first_bad.words


def test_tables_of_others_are_not_guarded():
    Group.objects.create(name="free")
    assert Group.objects.filter(name="free").update(name="freer") == 1
    assert connection.in_atomic_block is False


@pytest.mark.parametrize("way", ["raw update", "queryset update", "raw delete", "bulk update"])
def test_an_event_pays_only_for_what_was_written_before_it(way: str):
    row = branch()
    before, events = state(), AuditEvent.objects.count()
    with pytest.raises(IntegrityError), act(actor=SYSTEM) as opened:
        Branch.objects.filter(pk=row.pk).update(name="told")
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])
        SILENT[way](row)
        opened.pending.clear()  # what the act itself knows of it, too
    assert (state(), AuditEvent.objects.count()) == (before, events)


def test_two_events_each_pay_for_what_stands_between_them():
    row = branch()
    with act(actor=SYSTEM):
        for name in ("one", "two"):
            Branch.objects.filter(pk=row.pk).update(name=name)
            record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])
    rename(row, "three")
    assert verify().intact


def test_an_event_that_a_savepoint_undid_passes_nothing():
    row = branch()
    with act(actor=SYSTEM):
        Branch.objects.filter(pk=row.pk).update(name="one")
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])
            raise ZeroDivisionError
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])
    assert verify().intact
