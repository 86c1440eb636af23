"""Exports in the background: asked for, written once, kept encrypted, taken by whoever asked alone, gone in time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from apps.audit import makings
from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.orders import order_note, order_of
from apps.audit.overview import CodeState
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, EventFilter, Scope
from apps.audit.services import act, exports, record
from apps.audit.services.exports import export_run, export_take, exports_expire, exports_of
from apps.audit.tags import Tag
from apps.audit.tasks import export_make, export_order
from apps.core import clock
from apps.core.actor import Actor, ActorKind
from apps.core.errors import BadInput, NotVisible, Unavailable
from apps.vault import files
from apps.vault.errors import CannotOpen
from apps.vault.models import EncryptedFile
from apps.vault.services import installation_owner
from tests.audit.factories import SYSTEM, branch, newest, person

pytestmark = pytest.mark.django_db
READER = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3, account_id=5)
OTHER = Actor(kind=ActorKind.PERSON, name="auditor-2", person_id=4, account_id=6)


def order(form: str = "xlsx", asked: EventFilter = NO_FILTER, scope: Scope = WHOLE_LOG) -> Order:
    return Order(asked, scope, form, Purpose("audit", "yearly review"))


def asked_for(**given: Any) -> AuditExport:
    return export_order(actor=READER, order=order(**given))


def ready(**given: Any) -> AuditExport:
    row = asked_for(**given)
    export_make.func(row.pk)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(
    "given",
    [
        order(),
        order("bundle", EventFilter(person=3, branch=2, case="LF-1", action="accounts.")),
        order("csv", EventFilter(object="x:1", cases=("LF-1", "LF-2"))),
        dataclasses.replace(order("csv"), recipient="age1somebody"),
        order(
            "jsonl",
            EventFilter(since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), until=dt.datetime(2026, 2, 1, tzinfo=dt.UTC)),
            Scope(
                branches=frozenset({1, 2}), areas=frozenset({"accounts"}), since=dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
            ),
        ),
    ],
)
def test_an_order_comes_out_of_the_log_as_it_went_in(given: Order):
    body = {"note": json.loads(json.dumps(order_note(given))), "purpose": {"code": "audit", "text": "yearly review"}}
    assert order_of(AuditEvent(body=json.dumps(body))) == given


def test_asking_is_on_record_and_enqueues_the_job():
    branch()
    row = asked_for(asked=EventFilter(outcome="done"))
    event = newest()
    assert (event.pk, event.action, event.purpose) == (row.event, Tag.EXPORT_ASKED, "audit")
    assert event.data["note"]["filter"] == {"outcome": "done"}
    assert (row.state, row.account) == (ExportState.WAITING, 5)
    (task,) = DBTaskResult.objects.all()
    assert task.args_kwargs["args"] == [row.pk]
    with pytest.raises(BadInput):
        asked_for(form="pdf")


def test_what_was_written_lies_encrypted_and_is_on_record(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("apps.audit.export.REPORTED", 1)
    for _each in range(3):
        branch()
    row = ready()
    assert (row.state, row.total, row.written) == (ExportState.READY, 4, 4)
    assert row.expires_at is not None
    assert row.file is not None
    exported = AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).get().data
    assert (exported["note"]["requester"], exported["on_behalf_of"]["name"]) == ("auditor-1", "auditor-1")
    assert b"PK" not in files.storage().open(row.file.storage_name).read()[:64]
    export_run(row.pk)
    assert AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).count() == 1, "a second worker leaves it alone"


def test_taking_it_is_on_record_and_for_who_asked_alone():
    branch()
    row = ready(form="csv")
    assert [each.pk for each in exports_of(READER)] == [row.pk]
    assert exports_of(OTHER) == []
    with pytest.raises(NotVisible):
        export_take(actor=OTHER, row=row)
    data = b"".join(export_take(actor=READER, row=row))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "manifest.json" in archive.namelist()
    event = newest()
    assert (event.action, event.kind, event.purpose) == (Tag.FILE_OPENED, "read", "audit")
    assert event.data["note"]["export"] == row.event


def test_it_goes_when_its_time_is_over(django_capture_on_commit_callbacks: Any):
    branch()
    row = ready(form="csv")
    assert exports_expire(SYSTEM) == 0
    with clock.at(clock.now() + dt.timedelta(days=8)):
        with pytest.raises(NotVisible):
            export_take(actor=READER, row=row)
        with django_capture_on_commit_callbacks(execute=True):
            assert exports_expire(SYSTEM) == 1
        assert exports_expire(SYSTEM) == 0
    row.refresh_from_db()
    assert row.state == ExportState.EXPIRED
    assert row.file is not None
    with pytest.raises(CannotOpen):
        files.open_stream(row.file)


def _papers_file(row: AuditExport) -> None:
    with act(actor=SYSTEM):
        other = files.store(
            person().key_owner, io.BytesIO(b"a borrower's paper"), name="x.pdf", content_type="a/b", max_bytes=99
        )
        record(Tag.PERSON_CHANGED, actor=SYSTEM, subject=other)
    AuditExport.objects.filter(pk=row.pk).update(file=other)


def _house_file(row: AuditExport) -> None:
    with act(actor=SYSTEM):
        other = files.store(
            installation_owner(), io.BytesIO(b"of the house"), name="x.pdf", content_type="a/b", max_bytes=99
        )
        record(Tag.PERSON_CHANGED, actor=SYSTEM, subject=other)
    AuditExport.objects.filter(pk=row.pk).update(file=other)


def _another_exports_file(row: AuditExport) -> None:
    other = ready(form="jsonl")
    AuditExport.objects.filter(pk=other.pk).update(file=None)
    AuditExport.objects.filter(pk=row.pk).update(file=other.file)


@pytest.mark.parametrize("swap", [_papers_file, _house_file, _another_exports_file])
def test_a_file_that_was_not_made_for_this_request_is_neither_opened_nor_erased(
    swap: Any, django_capture_on_commit_callbacks: Any
):
    branch()
    row = ready(form="csv")
    swap(row)
    row = AuditExport.objects.select_related("file").get(pk=row.pk)
    with pytest.raises(NotVisible):
        export_take(actor=READER, row=row)
    with clock.at(clock.now() + dt.timedelta(days=7, minutes=1)), django_capture_on_commit_callbacks(execute=True):
        AuditExport.objects.exclude(pk=row.pk).delete()
        assert exports_expire(SYSTEM) == 0
    assert (newest().action, newest().data["guard"]) == (Tag.JOB_FAILED, "other_file")
    row.refresh_from_db()
    assert row.state == ExportState.EXPIRED
    assert row.file is not None
    assert b"".join(files.open_stream(EncryptedFile.objects.get(pk=row.file.pk)))


def test_a_file_of_before_its_making_was_noted_still_goes_in_time(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    noted = exports.export_noted
    monkeypatch.setattr(exports, "export_noted", lambda *given, **more: noted(*given, **{**more, "making": None}))
    branch()
    row = ready(form="csv")
    with pytest.raises(NotVisible):
        export_take(actor=READER, row=row)
    with clock.at(clock.now() + dt.timedelta(days=8)), django_capture_on_commit_callbacks(execute=True):
        assert exports_expire(SYSTEM) == 1
    row = AuditExport.objects.select_related("file").get()
    assert row.file is not None
    assert row.file.erased_at is not None


@pytest.mark.parametrize("change", [{"account": 6}, {"account": 6, "event": -1}])
def test_a_row_that_was_given_to_somebody_else_gives_them_nothing(change: dict[str, int]):
    branch()
    row = ready(form="csv")
    AuditExport.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(NotVisible):
        export_take(actor=OTHER, row=AuditExport.objects.get(pk=row.pk))


@pytest.mark.parametrize(
    ("state", "error"),
    [(CodeState.ALTERED, NotVisible), (CodeState.KEY_MISSING, NotVisible), (CodeState.AWAY, Unavailable)],
)
def test_a_log_that_cannot_be_believed_hands_nothing_out(
    state: CodeState, error: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    branch()
    row = ready(form="csv")
    monkeypatch.setattr(makings, "code_state", lambda _event: state)
    with pytest.raises(error):
        export_take(actor=READER, row=row)


def test_what_fails_is_said_so(monkeypatch: pytest.MonkeyPatch):
    def broken(*_args: Any, **_more: Any) -> Any:
        raise RuntimeError("disk full")

    monkeypatch.setattr(exports, "export_written", broken)
    row = asked_for()
    with pytest.raises(RuntimeError, match="disk full"):
        export_make.func(row.pk)
    row.refresh_from_db()
    assert row.state == ExportState.FAILED
    assert (newest().action, newest().outcome) == (Tag.JOB_FAILED, "failed")
    assert str(row) == f"export {row.pk}"
