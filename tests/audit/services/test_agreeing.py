"""An export in clear is written only where the log itself proves that another person agreed in time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from apps.audit import agreements
from apps.audit.agreements import agreement_of
from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.overview import CodeState
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services.agreeing import clear_decline, clears_lapse
from apps.audit.services.exporting import export_made
from apps.audit.services.exports import export_ask, export_run
from apps.audit.tags import Tag
from apps.audit.tasks import export_agree, export_order
from apps.core import clock
from apps.core.actor import Actor, ActorKind, Factor
from apps.core.errors import BadInput, Refused, StepUpNeeded, Unavailable
from apps.vault import files
from tests.audit.factories import SYSTEM, branch
from tests.audit.recipients import RECIPIENT, opened

pytestmark = pytest.mark.django_db


def reader(person: int, *, behalf: int | None = None, age: int = 0) -> Actor:
    """Somebody whose factor was proved some minutes ago."""
    at = clock.now() - dt.timedelta(minutes=age)
    return Actor(
        kind=ActorKind.PERSON, name=f"reader-{person}", person_id=person, account_id=person + 100, on_behalf_of=behalf,
        factor=Factor.TOTP, factor_at=at,
    )  # fmt: skip


def order(form: str = "csv", recipient: str = RECIPIENT) -> Order:
    return Order(NO_FILTER, WHOLE_LOG, form, Purpose("audit", "yearly review"), recipient=recipient, in_clear=True)


def asked(actor: Actor | None = None) -> AuditExport:
    branch()
    return export_order(actor=actor or reader(3), order=order())


def again(row: AuditExport) -> AuditExport:
    return AuditExport.objects.get(pk=row.pk)


def test_asking_writes_nothing_and_enqueues_nothing():
    row = asked()
    assert (row.state, row.answer) == (ExportState.ASKED, None)
    assert not DBTaskResult.objects.exists()
    export_run(row.pk)
    assert again(row).state == ExportState.ASKED
    event = AuditEvent.objects.get(pk=row.event)
    assert (event.action, event.data["note"]["in_clear"]) == (Tag.CLEAR_ASKED, True)
    assert event.data["note"]["recipient"] == RECIPIENT


@pytest.mark.parametrize(
    ("given", "field"),
    [(order(recipient=""), "recipient"), (order(form="bundle"), "format"), (order(form="pdf"), "format")],
)
def test_what_makes_no_sense_is_refused(given: Order, field: str):
    with pytest.raises(BadInput) as refused:
        export_order(actor=reader(3), order=given)
    assert field in refused.value.errors
    assert not AuditExport.objects.exists()


def test_only_a_person_asks():
    with pytest.raises(Refused, match="Only a person"):
        export_order(actor=SYSTEM, order=order())


def test_no_way_leads_round_the_second_person():
    with pytest.raises(Refused, match="Nobody else has agreed"):
        export_made(order(), actor=reader(3))
    with pytest.raises(Refused, match="Nobody else has agreed"):
        export_ask(actor=reader(3), order=order())


def test_another_person_agrees_and_both_names_stand_in_file_and_log():
    row = asked()
    export_agree(actor=reader(4), row=row)
    (task,) = DBTaskResult.objects.all()
    assert task.args_kwargs["args"] == [row.pk]
    export_run(row.pk)
    assert again(row).state == ExportState.READY
    note = AuditEvent.objects.get(action=Tag.LOG_EXPORTED).data["note"]
    assert (note["requester"], note["second_person"]["name"]) == ("reader-3", "reader-4")
    assert note["second_person"]["event"] == again(row).answer
    assert note["encrypted"]["in_clear"] is True
    agreed = AuditEvent.objects.get(action=Tag.CLEAR_AGREED).data
    assert (agreed["person"], agreed["note"]["requester"], agreed["note"]["recipient"]) == (4, "reader-3", RECIPIENT)


@pytest.mark.parametrize("answer", [export_agree, clear_decline])
@pytest.mark.parametrize(
    ("asker", "second", "words"),
    [
        (reader(3), reader(3), "another person"),
        (reader(3), dataclasses.replace(reader(3), account_id=999, name="second-account"), "another person"),
        (reader(3, behalf=4), reader(4), "another person"),
        (reader(3), SYSTEM, "another person"),
    ],
)
def test_nobody_answers_their_own_request(answer: Any, asker: Actor, second: Actor, words: str):
    row = asked(asker)
    with pytest.raises(Refused, match=words):
        answer(actor=second, row=row)
    assert (again(row).state, again(row).answer) == (ExportState.ASKED, None)


@pytest.mark.parametrize("answer", [export_agree, clear_decline])
def test_an_answer_needs_a_fresh_factor(answer: Any):
    row = asked()
    with pytest.raises(StepUpNeeded):
        answer(actor=reader(4, age=6), row=row)


def test_what_is_refused_stays_refused_and_is_answered_once():
    row = asked()
    clear_decline(actor=reader(4), row=row)
    assert again(row).state == ExportState.REFUSED
    for answer in (export_agree, clear_decline):
        with pytest.raises(Refused, match="answered already"):
            answer(actor=reader(5), row=row)
    assert not DBTaskResult.objects.exists()


def test_what_nobody_answers_lapses(settings: Any):
    row = asked()
    assert clears_lapse(SYSTEM) == 0
    later = clock.now() + dt.timedelta(hours=settings.LOANFLOW_CLEAR_HOURS)
    with clock.at(later):
        with pytest.raises(Refused, match="time to answer"):
            export_agree(actor=reader(4), row=row)
        assert clears_lapse(SYSTEM) == 1
        assert clears_lapse(SYSTEM) == 0
    assert again(row).state == ExportState.LAPSED
    assert AuditEvent.objects.get(action=Tag.CLEAR_LAPSED).data["note"] == {"asked": row.event}


def _refusal(row: AuditExport) -> int | None:
    return clear_decline(actor=reader(4), row=row).answer


def _none(_row: AuditExport) -> int | None:
    return None


def _another_request(_row: AuditExport) -> int | None:
    return export_agree(actor=reader(4), row=asked()).answer


def _own_ask(row: AuditExport) -> int | None:
    return row.event


@pytest.mark.parametrize("answer", [_refusal, _none, _another_request, _own_ask])
def test_a_row_that_somebody_set_to_waiting_is_not_believed(answer: Any):
    row = asked()
    AuditExport.objects.filter(pk=row.pk).update(state=ExportState.WAITING, answer=answer(row))
    with pytest.raises(Refused, match="Nobody else has agreed"):
        export_run(row.pk)
    assert again(row).state == ExportState.FAILED
    assert not AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).exists()


def test_an_agreement_is_good_for_one_export():
    row = asked()
    export_agree(actor=reader(4), row=row)
    export_run(row.pk)
    AuditExport.objects.filter(pk=row.pk).update(state=ExportState.WAITING)
    with pytest.raises(Refused, match="already"):
        export_run(row.pk)
    assert AuditEvent.objects.filter(action=Tag.LOG_EXPORTED).count() == 1


def test_an_agreement_whose_time_was_over_is_not_believed(settings: Any):
    row = asked()
    AuditExport.objects.filter(pk=row.pk).update(answer_by=clock.now() + dt.timedelta(days=99))
    with clock.at(clock.now() + dt.timedelta(hours=settings.LOANFLOW_CLEAR_HOURS, minutes=1)):
        late = dataclasses.replace(reader(4), factor_at=clock.now())
        export_agree(actor=late, row=row)
    with pytest.raises(Refused, match="Nobody else has agreed"):
        agreement_of(again(row))


@pytest.mark.parametrize("answer", [export_agree, clear_decline])
def test_a_request_that_was_exchanged_meanwhile_is_not_answered(answer: Any):
    seen, other = asked(), asked()
    AuditExport.objects.filter(pk=seen.pk).update(event=other.event)
    with pytest.raises(Refused, match="not the one"):
        answer(actor=reader(4), row=seen)
    assert again(seen).state == ExportState.ASKED


def test_an_agreement_is_good_for_some_hours(settings: Any):
    row = asked()
    export_agree(actor=reader(4), row=row)
    later = clock.now() + dt.timedelta(hours=settings.LOANFLOW_CLEAR_HOURS, minutes=1)
    with clock.at(later), pytest.raises(Refused, match="too old"):
        export_run(row.pk)
    assert again(row).state == ExportState.FAILED


def test_nothing_comes_in_that_was_not_there_when_it_was_asked_for():
    row = asked()
    branch()
    export_agree(actor=reader(4), row=row)
    export_run(row.pk)
    note = AuditEvent.objects.get(action=Tag.LOG_EXPORTED).data["note"]
    assert (note["last"], note["upto"], again(row).total) == (row.event, row.event, note["rows"])


@pytest.mark.parametrize(
    ("state", "error"), [(CodeState.ALTERED, Refused), (CodeState.KEY_MISSING, Refused), (CodeState.AWAY, Unavailable)]
)
def test_an_agreement_whose_code_does_not_fit_is_not_believed(
    state: CodeState, error: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    row = asked()
    export_agree(actor=reader(4), row=row)
    assert agreement_of(again(row)).people == (3, 4)
    monkeypatch.setattr(agreements, "code_state", lambda _event: state)
    with pytest.raises(error):
        agreement_of(again(row))


def test_the_recipient_opens_it(tmp_path: Any):
    row = asked()
    export_agree(actor=reader(4), row=row)
    export_run(row.pk)
    file = again(row).file
    assert file is not None
    record, inner = opened(b"".join(files.open_stream(file)))
    assert (record["requester"], record["second_person"]["name"]) == ("reader-3", "reader-4")
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read(manifest["openings"]["file"]).decode("utf-8-sig").startswith("number,object,reference")
        assert "openings" in json.loads(archive.read("dictionary.json"))
