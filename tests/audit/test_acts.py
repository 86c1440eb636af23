"""An act is one transaction with one account of it: joined when nested, true to savepoints, refused when it can't be proved."""

import contextvars
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounts.models import Branch
from apps.audit import acts
from apps.audit.acts import OutsideAct, Unrecorded
from apps.audit.models import AuditEvent, AuditTouch
from apps.audit.services import act, record, record_read, written
from apps.audit.tags import Tag
from apps.audit.touched import Op
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from tests.audit.factories import SYSTEM, branch, newest, rename, run, unsaved_branch


@act
def open_branch(*, actor: Actor, code: str, refuse: bool = False) -> Branch:
    made = unsaved_branch(code=code)
    made.save()
    record(Tag.BRANCH_CREATED, actor=actor, subject=made)
    if refuse:
        raise Refused("permission", "No.")
    return made


@pytest.mark.django_db
def test_a_service_writes_and_records_in_one_transaction():
    made = open_branch(actor=SYSTEM, code="A1")
    event = newest()
    assert (event.action, event.outcome, event.object) == (
        "accounts.branch_created",
        "done",
        f"accounts_branch:{made.pk}",
    )
    assert acts.current() is None


@pytest.mark.django_db
def test_record_outside_an_act_raises():
    with pytest.raises(OutsideAct):
        record(Tag.SIGNED_IN, actor=SYSTEM)
    with pytest.raises(OutsideAct):
        written([unsaved_branch()])


def test_a_service_must_take_a_keyword_only_actor():
    with pytest.raises(TypeError, match="keyword-only actor"):

        @act
        def nobody() -> None: ...

    with pytest.raises(TypeError, match="keyword-only actor"):

        @act
        def positional(actor: Actor) -> None: ...


@pytest.mark.django_db
@pytest.mark.parametrize("impostor", [None, "system:tests", object()])
def test_a_service_takes_nothing_but_an_actor(impostor: Any):
    with pytest.raises(TypeError, match="takes an Actor"):
        open_branch(actor=impostor, code="A2")


def test_the_context_form_needs_its_actor():
    with pytest.raises(TypeError, match="must be given its actor"), act():
        pass


@pytest.mark.django_db
def test_an_act_that_leaves_a_write_unrecorded_is_undone():
    with pytest.raises(Unrecorded, match="accounts_branch:"), act(actor=SYSTEM):
        unsaved_branch(code="LOST").save()
    assert not Branch.objects.filter(code="LOST").exists()


@pytest.mark.django_db
def test_a_write_after_the_last_event_is_unrecorded():
    row = branch()
    with pytest.raises(Unrecorded), act(actor=SYSTEM):
        row.name = "first"
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
        row.name = "second"
        row.save()
    row.refresh_from_db()
    assert row.name.startswith("Branch")


@pytest.mark.django_db
def test_an_inner_act_joins_the_outer_one_and_its_writes_go_with_it():
    with pytest.raises(BadInput), act(actor=SYSTEM):
        open_branch(actor=SYSTEM, code="IN")
        raise BadInput("no")
    assert not Branch.objects.filter(code="IN").exists()
    assert not AuditEvent.objects.filter(action="accounts.branch_created").exists()


@pytest.mark.django_db
def test_an_inner_refusal_that_is_caught_leaves_nothing_half_written():
    with act(actor=SYSTEM):
        with pytest.raises(Refused):
            open_branch(actor=SYSTEM, code="NO", refuse=True)
        kept = open_branch(actor=SYSTEM, code="YES")
    assert list(Branch.objects.values_list("code", flat=True)) == ["YES"]
    assert list(AuditTouch.objects.values_list("object", "n")) == [(f"accounts_branch:{kept.pk}", 1)]


@pytest.mark.django_db
def test_numbers_taken_in_a_savepoint_that_rolls_back_are_taken_again():
    row = branch()
    with act(actor=SYSTEM):
        row.name = "one"
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
        with pytest.raises(BadInput), transaction.atomic():
            row.name = "two"
            row.save()
            record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
            raise BadInput("no")
        row.name = "three"
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
    numbers = AuditTouch.objects.filter(object=f"accounts_branch:{row.pk}").order_by("n").values_list("n", flat=True)
    assert list(numbers) == [1, 2, 3]
    assert newest().data["touched"][0]["changes"]["name"] == ["one", "three"]


@pytest.mark.django_db
def test_writes_of_a_savepoint_that_rolls_back_are_not_recorded():
    with act(actor=SYSTEM):
        with pytest.raises(BadInput), transaction.atomic():
            unsaved_branch(code="GONE").save()
            raise BadInput("no")
        kept = unsaved_branch(code="KEPT")
        kept.save()
        event = record(Tag.BRANCH_CREATED, actor=SYSTEM)
    assert [one["object"] for one in event.data["touched"]] == [f"accounts_branch:{kept.pk}"]


@pytest.mark.django_db
def test_the_act_is_closed_even_when_it_raises():
    with pytest.raises(ZeroDivisionError), act(actor=SYSTEM):
        _ = 1 // 0
    assert acts.current() is None
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_another_thread_does_not_join_an_act_though_it_inherits_the_context():
    seen = []
    with act(actor=SYSTEM) as opened:
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: seen.append(context.run(acts.current)))
        thread.start()
        thread.join()
        assert acts.current() is opened
    assert seen == [None]


@pytest.mark.django_db
def test_one_act_object_opens_again_and_again():
    opener = act(actor=SYSTEM)
    with opener, opener:
        open_branch(actor=SYSTEM, code="X1")
    with opener:
        open_branch(actor=SYSTEM, code="X2")
    assert Branch.objects.count() == 2


@pytest.mark.django_db
def test_rows_made_in_bulk_are_told_of():
    with act(actor=SYSTEM):
        rows = Branch._base_manager.bulk_create([unsaved_branch(), unsaved_branch()])
        written(rows, Op.CREATE)
        event = record(Tag.BRANCH_CREATED, actor=SYSTEM)
    assert {one["object"] for one in event.data["touched"]} == {f"accounts_branch:{row.pk}" for row in rows}
    assert all(one["op"] == "create" and one["n"] == 1 and one["changes"]["code"][1] for one in event.data["touched"])


@pytest.mark.django_db
def test_rows_changed_behind_the_orm_are_told_of():
    row = branch()
    with act(actor=SYSTEM):
        run("UPDATE accounts_branch SET name = 'renamed' WHERE id = %s", (row.pk,))
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row], changes={})
    (told,) = event.data["touched"]
    assert (told["op"], told["n"]) == ("update", 2)


def test_an_act_refuses_to_open_inside_a_foreign_transaction(committed_db: str):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), act(actor=SYSTEM):
        pass


def test_what_a_thread_of_its_own_does_is_an_act_of_its_own(committed_db: str):
    def work() -> None:
        branch(code="T1")
        connection.close()

    with act(actor=SYSTEM):
        pass
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert Branch.objects.filter(code="T1").exists()


@pytest.mark.django_db
def test_a_row_told_of_but_not_there_stops_the_act():
    with pytest.raises(LookupError, match="not in the database"), act(actor=SYSTEM):
        row = unsaved_branch()
        row.pk = 999_999
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, touched=[row])


@pytest.mark.django_db
def test_a_look_counts_once_when_nothing_goes_wrong():
    row = branch()
    with act(actor=SYSTEM):
        record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=row)
        rename(row, "same act")
    assert AuditEvent.objects.filter(kind="read").count() == 1
