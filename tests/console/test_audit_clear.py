"""Another person, who may read in clear whatever it covers, agrees to an export in clear or refuses it, on the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.opening_port import Readers
from apps.audit.selectors import EventFilter, Scope
from apps.audit.services.exports import export_run
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.borrowers.services import tie_declare
from apps.console.audit_forms import filter_words
from apps.console.opening import openable
from apps.core import clock
from apps.workflow.models import CaseBlock
from apps.workflow.services.sharing import case_block
from tests.accounts import factories as people
from tests.accounts.log import count, newest
from tests.applications import factories as applications
from tests.audit.recipients import RECIPIENT, opened
from tests.borrowers import factories as borrowers

pytestmark = pytest.mark.django_db
EXPORT, WAITING, MINE = (reverse(f"console:{name}") for name in ("audit_export", "audit_clear", "audit_exports"))
ASKED = {"format": "csv", "reason": "supervision", "words": "letter of 3 May", "recipient": RECIPIENT, "in_clear": "on"}


def client_of(account: Account) -> Client:
    client = Client()
    people.signed_in(client, account)
    return client


@pytest.fixture
def auditor() -> Client:
    people.institution()
    return client_of(people.staff(Role.AUDITOR, handle="auditor-1"))


@pytest.fixture
def compliance(auditor: Client) -> Client:
    return client_of(people.staff(Role.COMPLIANCE_OFFICER, handle="compliance-1"))


def page(name: str, row: AuditExport) -> str:
    return reverse(f"console:audit_clear_{name}", args=[row.uuid])


def asked(auditor: Client, **more: str) -> AuditExport:
    answer = auditor.post(EXPORT, {**ASKED, **more}, follow=True)
    assert "Another person has to agree now." in answer.content.decode()
    return AuditExport.objects.latest("pk")


def test_an_export_in_clear_goes_its_whole_way(auditor: Client, compliance: Client):
    borrower = borrowers.borrower(phone="+8613800001111")
    row = asked(auditor, about=str(borrower.pk))
    assert "Waits for another person" in auditor.get(MINE).content.decode()
    text = compliance.get(WAITING).content.decode()
    assert "auditor-1" in text
    assert "letter of 3 May" in text
    question = compliance.get(page("agree", row)).content.decode()
    assert "Let auditor-1 have this part of the log" in question
    assert newest(Tag.CLEAR_ASKED)["note"]["recipient_sha256"] in question
    assert compliance.post(page("agree", row)).status_code == 302
    export_run(row.pk)
    mine = auditor.get(MINE).content.decode()
    assert "answered by compliance-1" in mine
    taken = auditor.post(reverse("console:audit_export_file", args=[row.uuid]))
    record, inner = opened(b"".join(taken.streaming_content))
    assert record["second_person"]["name"] == "compliance-1"
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read(manifest["openings"]["file"]).decode("utf-8-sig"))))
        assert b"13800001111" not in archive.read(manifest["file"]), "the events stay as they are"
    phone = [
        each["value"] for each in rows if each["field"] == "phone" and each["object"].startswith("borrowers_borrower")
    ]
    assert phone == ["'+8613800001111"], "as text, not as a formula"
    look = newest(Tag.VALUES_OPENED)
    assert (look["kind"], look["subject"]["object"]) == ("read", f"borrowers_borrower:{borrower.pk}")
    assert "borrowers.Borrower.phone" in look["note"]["fields"]
    assert look["note"]["values"] == manifest["openings"]["states"]["opened"]
    assert not [each.pk for each in AuditEvent.objects.all() if "13800001111" in each.body]


def test_what_was_refused_is_not_written(auditor: Client, compliance: Client):
    row = asked(auditor)
    assert "Refuse what auditor-1 asks for?" in compliance.get(page("decline", row)).content.decode()
    assert compliance.post(page("decline", row)).status_code == 302
    assert "Refused" in auditor.get(MINE).content.decode()
    again = compliance.post(page("agree", row))
    assert (again.status_code, "answered already" in again.content.decode()) == (403, True)
    assert "No export waits for your answer" in compliance.get(WAITING).content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"recipient": ""}, "An export in clear is encrypted"),
        ({"recipient": "age1me"}, "begins with age1"),
        ({"format": "bundle"}, "A bundle proves the log as it is"),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_said_so_beside_the_field(auditor: Client, more: dict[str, str], words: str):
    answer = auditor.post(EXPORT, {**ASKED, **more})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert not AuditExport.objects.exists()


def test_masked_stays_the_default(auditor: Client):
    plain = {name: value for name, value in ASKED.items() if name != "in_clear"}
    assert auditor.post(EXPORT, plain)["Content-Type"] == "application/zip"
    assert count(Tag.CLEAR_ASKED) == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECURITY_OFFICER, Role.ADMINISTRATOR, Role.HEAD_OF_CREDIT])
def test_only_who_may_read_in_clear_answers(auditor: Client, role: Role):
    row = asked(auditor)
    other = client_of(people.staff(role))
    for address in (WAITING, page("agree", row), page("decline", row)):
        assert other.get(address).status_code == 403
    assert other.post(page("agree", row)).status_code == 403
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_somebody_with_both_roles_does_not_answer_themselves():
    people.institution()
    both = people.staff([Role.AUDITOR, Role.COMPLIANCE_OFFICER])
    client = client_of(both)
    row = asked(client)
    assert "another person answers" in client.get(WAITING).content.decode()
    answer = client.post(page("agree", row))
    assert (answer.status_code, "another person has to answer" in answer.content.decode()) == (403, True)
    assert newest(Tag.CLEAR_AGREED)["guard"] == "second_person"


def test_a_reader_of_one_branch_answers_for_that_branch_alone(auditor: Client):
    near, far = people.branch("NEAR"), people.branch("FAR")
    whole = asked(auditor)
    part = asked(client_of(people.staff(Role.AUDITOR, near)))
    client = client_of(people.staff(Role.COMPLIANCE_OFFICER, near, handle="near-compliance"))
    other = client_of(people.staff(Role.COMPLIANCE_OFFICER, far, handle="far-compliance"))
    assert client.get(page("agree", whole)).status_code == 404
    assert client.post(page("agree", whole)).status_code == 404
    assert other.post(page("agree", part)).status_code == 404
    assert f"Branches: {near.name}" in client.get(page("agree", part)).content.decode()
    assert client.post(page("agree", part)).status_code == 302
    assert client.get(page("agree", AuditExport(uuid=uuid4()))).status_code == 404


def test_answering_needs_a_fresh_factor(auditor: Client, compliance: Client):
    row = asked(auditor)
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert compliance.post(page("agree", row)).status_code in {302, 403}
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_who_is_tied_to_the_borrower_does_not_agree(auditor: Client):
    borrower = borrowers.borrower()
    tied = people.staff(Role.COMPLIANCE_OFFICER, handle="tied")
    head = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    tie_declare(actor=head, borrower=borrower, person=tied.person, kind="relative")
    row = asked(auditor, about=str(borrower.pk))
    client = client_of(tied)
    assert client.get(page("agree", row)).status_code == 403
    answer = client.post(page("agree", row))
    assert (answer.status_code, "your own business or that of a relative" in answer.content.decode()) == (403, True)
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_borrowers_of_readers_and_of_other_branches_stay_shut():
    near, far = people.branch("NEAR"), people.branch("FAR")
    mine, tied, blocked = (borrowers.borrower(branch=near) for _each in range(3))
    away = borrowers.borrower(branch=far)
    first, second = people.staff(Role.AUDITOR), people.staff(Role.COMPLIANCE_OFFICER)
    other = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    tie_declare(actor=other, borrower=tied, person=second.person, kind="relative")
    case = applications.draft(borrowers.officer(near), borrower=blocked)
    case_block(actor=other, case=case, handle=first.handle, reason="cousin")
    assert CaseBlock.objects.exists()
    owners = [each.key_owner_id for each in Borrower.objects.all()]
    both = (first.person_id, second.person_id)
    whole = openable(Readers(both), owners)
    assert set(whole) == {mine.key_owner_id, away.key_owner_id}
    part = openable(Readers(both, Scope(branches=frozenset({near.pk}))), owners)
    assert set(part) == {mine.key_owner_id}
    assert openable(Readers(both), []) == {}
    for scope in (Scope(branches=frozenset()), Scope(areas=frozenset({"audit"})), Scope(since=clock.now())):
        assert openable(Readers(both, scope), owners) == {}, "a part that no branch bounds opens nothing"


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "the whole log"),
        (Scope(branches=frozenset({7})), "Branches: Jinan"),
        (Scope(branches=frozenset({8})), "Branches: 8"),
        (Scope(areas=frozenset({"audit"})), "a part of the log"),
    ],
)
def test_the_second_person_is_told_which_part_of_the_log_it_is(scope: Scope, words: str):
    assert filter_words(EventFilter(), scope, {7: "Jinan"}) == words
    assert filter_words(EventFilter(outcome="done"), scope, {7: "Jinan"}).startswith("Outcome: done")


def test_the_first_page_of_who_may_answer_counts_what_waits(auditor: Client, compliance: Client):
    asked(auditor)
    assert "Exports in clear to answer" in compliance.get(reverse("console:home")).content.decode()


def test_the_log_leads_who_may_answer_there(auditor: Client, compliance: Client):
    log = reverse("console:audit")
    assert (WAITING in compliance.get(log).content.decode(), WAITING in auditor.get(log).content.decode()) == (
        True,
        False,
    )
