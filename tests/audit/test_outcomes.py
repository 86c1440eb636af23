"""Refusals, declared failures and looks outlive the roll-back of the act they happened in."""

import pytest
from django.db import transaction

from apps.accounts.models import Branch
from apps.audit.acts import OutsideAct
from apps.audit.models import AuditEvent
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale, StepUpNeeded
from tests.audit.factories import SYSTEM, branch, newest, unsaved_branch


@act
def refuse(*, actor: Actor, refusal: Exception) -> None:
    unsaved_branch(code="UNDONE").save()
    raise refusal


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("refusal", "action", "guard"),
    [
        (Refused("permission", "No."), "tests.refuse", "permission"),
        (Refused("duty", "No.", action="workflow.sign"), "workflow.sign", "duty"),
        (StepUpNeeded(action=Tag.CASE_SIGNED), "workflow.signed", "step_up"),
        (NotVisible(), "tests.refuse", "scope"),
        (Stale(by="Ada", at="noon"), "tests.refuse", "stale"),
        (IllegalTransition("Draft", "Sign"), "Sign", "transition"),
    ],
)
def test_a_refusal_is_recorded_though_the_act_is_undone(refusal: Exception, action: str, guard: str):
    with pytest.raises(type(refusal)):
        refuse(actor=SYSTEM, refusal=refusal)
    event = newest()
    assert (event.action.removeprefix("test_outcomes."), event.outcome, event.data["guard"]) == (
        action.removeprefix("tests."), "refused", guard,
    )  # fmt: skip
    assert not Branch.objects.filter(code="UNDONE").exists()
    assert "Ada" not in event.body


@pytest.mark.django_db
def test_a_refusal_names_its_subject_under_the_subjects_own_number():
    row = branch()
    with pytest.raises(Refused):
        refuse(actor=SYSTEM, refusal=Refused("scope", "No.", subject=row))
    (told,) = newest().data["touched"]
    assert (told["object"], told["op"], told["n"]) == (f"accounts_branch:{row.pk}", "name", 2)


@pytest.mark.django_db
def test_a_refusal_forgets_a_subject_that_its_own_roll_back_undid():
    with pytest.raises(Refused), act(actor=SYSTEM):
        row = unsaved_branch()
        row.save()
        record(Tag.BRANCH_CREATED, actor=SYSTEM, subject=row)
        raise Refused("permission", "No.", subject=row)
    assert "touched" not in newest().data
    assert branch().pk is not None


@pytest.mark.django_db
def test_a_subject_that_was_never_saved_or_is_no_row_is_left_out():
    for subject in (unsaved_branch(), "some words"):
        with pytest.raises(Refused):
            refuse(actor=SYSTEM, refusal=Refused("scope", "No.", subject=subject))
        assert "subject" not in newest().data or "touched" not in newest().data


@pytest.mark.django_db
def test_bad_input_is_no_refusal():
    with pytest.raises(BadInput):
        refuse(actor=SYSTEM, refusal=BadInput("no"))
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_a_service_may_ask_for_its_failures_to_be_recorded():
    @act(record_failures=True, tag=Tag.JOB_FAILED)
    def job(*, actor: Actor) -> None:
        raise ZeroDivisionError("with a customer's name in it")

    with pytest.raises(ZeroDivisionError):
        job(actor=SYSTEM)
    event = newest()
    assert (event.action, event.outcome, event.data["note"]) == (
        "console.job_failed",
        "failed",
        {"error": "ZeroDivisionError"},
    )
    assert "customer" not in event.body


@pytest.mark.django_db
def test_what_a_check_writes_commits_with_its_refusal():
    row = branch()

    @act(commits_refusals=True)
    def check(*, actor: Actor) -> None:
        row.name = "one attempt used"
        row.save()
        raise Refused("code", "Wrong.", subject=row, action=Tag.FACTOR_FAILED)

    with pytest.raises(Refused):
        check(actor=SYSTEM)
    event = newest()
    assert (event.action, event.outcome, event.data["touched"][0]["op"]) == (
        "accounts.factor_failed",
        "refused",
        "update",
    )
    row.refresh_from_db()
    assert row.name == "one attempt used"


@pytest.mark.django_db
def test_a_check_that_passes_returns_and_records_as_usual():
    @act(commits_refusals=True)
    def check(*, actor: Actor) -> int:
        record(Tag.FACTOR_PROVED, actor=actor)
        return 7

    assert check(actor=SYSTEM) == 7
    assert newest().outcome == "done"


@pytest.mark.django_db
def test_a_check_may_record_its_refusal_itself():
    @act(commits_refusals=True)
    def check(*, actor: Actor) -> None:
        record(Tag.FACTOR_FAILED, actor=actor, outcome="refused", guard="code")
        raise Refused("code", "Wrong.")

    with pytest.raises(Refused):
        check(actor=SYSTEM)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_a_check_never_runs_inside_an_act_that_could_undo_it():
    @act(commits_refusals=True)
    def check(*, actor: Actor) -> None:
        raise Refused("code", "Wrong.")

    with pytest.raises(RuntimeError, match="cannot run inside another act"), act(actor=SYSTEM):
        check(actor=SYSTEM)


@pytest.mark.django_db
@pytest.mark.parametrize("raised", [Refused("permission", "No."), BadInput("no"), ZeroDivisionError()])
def test_a_look_inside_an_act_that_rolls_back_stays_recorded(raised: Exception):
    row = branch()
    with pytest.raises(type(raised)), act(actor=SYSTEM):
        record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=row, purpose="to call them", fields=["phone", "name"])
        raise raised
    (look,) = AuditEvent.objects.filter(kind="read")
    assert look.data["note"] == {"fields": ["name", "phone"]}
    assert look.data["purpose"] == {"code": "stated", "text": "to call them"}


@pytest.mark.django_db
def test_a_look_inside_a_savepoint_that_rolls_back_stays_recorded():
    row = branch()
    with act(actor=SYSTEM):
        with pytest.raises(BadInput), transaction.atomic():
            record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=row)
            raise BadInput("no")
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
    assert AuditEvent.objects.filter(kind="read").count() == 1


@pytest.mark.django_db
def test_an_interrupted_act_writes_nothing():
    with pytest.raises(KeyboardInterrupt), act(actor=SYSTEM):
        unsaved_branch().save()
        raise KeyboardInterrupt
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_a_refusal_that_carries_a_case_made_in_the_same_act_keeps_its_label():
    row = branch()
    with pytest.raises(Refused), act(actor=SYSTEM):
        made = unsaved_branch()
        made.save()
        row.case = made
        raise Refused("permission", "No.", subject=row)
    event = newest()
    assert event.case == f"branch {made.pk}"
    assert [one["object"] for one in event.data["touched"]] == [f"accounts_branch:{row.pk}"]


def test_a_refusal_survives_a_real_roll_back(committed_db: str):
    with pytest.raises(Refused):
        refuse(actor=SYSTEM, refusal=Refused("permission", "No."))
    assert newest().outcome == "refused"
    assert not Branch.objects.exists()


def test_a_look_outside_an_act_commits_before_anything_is_returned(committed_db: str):
    event = record_read(Tag.BORROWERS_LISTED, actor=SYSTEM)
    assert AuditEvent.objects.get(pk=event.pk).kind == "read"
    with pytest.raises(OutsideAct):
        record(Tag.BORROWERS_LISTED, actor=SYSTEM)
