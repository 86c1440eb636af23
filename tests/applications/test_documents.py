"""Documents: looked through, encrypted, opened on record, judged by who has opened them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings

from apps.access.roles import Role
from apps.applications import services
from apps.applications.models import Document, DocumentOpening
from apps.applications.services.locking import UNSETTLED
from apps.applications.uploads import UploadRefused
from apps.applications.views.finding import paper_of
from apps.audit.models import AuditEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.workflow.models import LoanCase
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("intake"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    return world.case("intake")


def test_document_is_kept_encrypted_and_reads_back(officer: Actor, case: LoanCase) -> None:
    content = b"month,canary in clear\n1,2\n"
    added = services.document_add(
        actor=officer, case=case, code="bank_statements", stream=io.BytesIO(content), name="canary-name.csv"
    )
    assert b"".join(services.document_open(actor=officer, document=added)) == content
    kept = [path.read_bytes() for path in Path(settings.LOANFLOW_VAR).rglob("*") if path.is_file()]
    assert kept
    assert not [one for one in kept if b"canary in clear" in one]
    assert not [body for body in AuditEvent.objects.values_list("body", flat=True) if "canary" in body]


def test_a_form_names_a_paper_that_is_there_or_brings_one_or_has_none(officer: Actor, case: LoanCase) -> None:
    added, foreign = f.document(officer, case, "licence"), f.document(officer, f.draft(officer), "licence")
    assert paper_of(officer, case, {"document": str(added.pk)}, "licence") == added
    assert paper_of(officer, case, {"document": ""}, "licence") is None
    with pytest.raises(NotVisible):
        paper_of(officer, case, {"document": str(foreign.pk)}, "licence")


def test_opening_is_on_record_with_the_task_as_purpose(officer: Actor, case: LoanCase) -> None:
    added = f.document(officer, case, "licence")
    services.document_open(actor=officer, document=added)
    event = AuditEvent.objects.order_by("-id")[0]
    assert event.action == "applications.document_opened"
    assert "task:intake" in event.body
    assert added.sha256 in event.body


def test_opening_counts_once_a_person(officer: Actor, case: LoanCase) -> None:
    added = f.document(officer, case, "licence")
    for _each in range(2):
        services.document_open(actor=officer, document=added)
    services.document_open(actor=b.officer(), document=added)
    assert DocumentOpening.objects.filter(document=added).count() == 2


def test_refused_opening_is_not_counted(officer: Actor, case: LoanCase) -> None:
    added, stranger = f.document(officer, case, "licence"), b.officer(people.branch("B2"))
    with pytest.raises(NotVisible):
        services.document_open(actor=stranger, document=added)
    assert not DocumentOpening.objects.exists()
    assert AuditEvent.objects.order_by("-id")[0].outcome == "refused"


def test_bad_file_leaves_nothing(officer: Actor, case: LoanCase) -> None:
    with pytest.raises(UploadRefused):
        services.document_add(actor=officer, case=case, code="licence", stream=io.BytesIO(b""), name="a.pdf")
    with pytest.raises(BadInput):
        services.document_add(actor=officer, case=case, code="no such thing", stream=f.png(), name="a.png")
    assert not Document.objects.filter(case=case, code__in=["licence", "no such thing"]).exists()


def test_document_needs_the_right_to_add_it(case: LoanCase) -> None:
    with pytest.raises(Refused):
        f.document(b.actor_of(Role.AUDITOR), case, "licence")


def test_ended_case_takes_documents_that_it_is_reopened_with(officer: Actor) -> None:
    f.reason("too_young", "knock_out")
    young = f.case_in_intake(officer, founded_on=clock.today())
    services.knock_out(actor=officer, case=young, version=young.version, reasons=["too_young"])
    added = f.opened(officer, f.document(officer, f.again(young), "licence"))
    assert services.document_verify(actor=officer, document=added).state == "accepted"


def test_completed_case_takes_no_documents(case: LoanCase, officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.applications.services.documents.UNSETTLED", UNSETTLED - {case.state})
    with pytest.raises(Refused) as refused:
        f.document(officer, case, "licence")
    assert refused.value.guard == "state"
    assert State.COMPLETED not in UNSETTLED


def test_document_is_opened_before_it_is_accepted(officer: Actor, case: LoanCase) -> None:
    added = f.document(officer, case, "licence")
    with pytest.raises(Refused) as refused:
        services.document_verify(actor=officer, document=added)
    assert refused.value.guard == "unopened"
    f.opened(officer, added)
    assert services.document_verify(actor=officer, document=added).state == "accepted"


def test_rejected_document_says_why_and_asks_for_a_better_one(officer: Actor, case: LoanCase) -> None:
    added = f.document(officer, case, "licence")
    for why in ("", "   ", "x" * 401):
        with pytest.raises(BadInput):
            services.document_reject(actor=officer, document=added, why=why)
    rejected = services.document_reject(actor=officer, document=added, why="canary: stamp unreadable")
    assert (rejected.state, rejected.rejected_why.reveal()) == ("rejected", "canary: stamp unreadable")
    assert "canary" not in AuditEvent.objects.order_by("-id")[0].body
    assert "checklist_complete" in f.again(case).missing


def test_document_is_judged_once(officer: Actor, case: LoanCase) -> None:
    added = f.opened(officer, f.document(officer, case, "licence"))
    services.document_verify(actor=officer, document=added)
    for judge in (
        lambda: services.document_verify(actor=officer, document=added),
        lambda: services.document_reject(actor=officer, document=added, why="late"),
    ):
        with pytest.raises(Refused) as refused:
            judge()
        assert refused.value.guard == "judged"


def test_analyst_may_add_and_open_but_not_judge(officer: Actor, case: LoanCase) -> None:
    analyst = b.actor_of(Role.CREDIT_ANALYST)
    added = f.opened(analyst, f.document(analyst, case, "other"))
    with pytest.raises(Refused) as refused:
        services.document_verify(actor=analyst, document=added)
    assert refused.value.guard == "permission"


def test_checklist_is_written_when_a_case_enters_intake(officer: Actor, case: LoanCase) -> None:
    codes = dict(case.checklist.values_list("code", "required"))
    assert codes == {
        "licence": True, "identity": True, "statements": True, "bank_statements": True, "resolution": True, "tax": False,
    }  # fmt: skip


def test_secured_case_asks_for_the_title(officer: Actor) -> None:
    case = f.case_in_intake(officer, product_=f.product(secured=True))
    assert case.checklist.filter(code="title", required=True).exists()
