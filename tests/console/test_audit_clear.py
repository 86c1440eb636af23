"""Another person, who may read in clear whatever it covers, agrees to an export in clear or refuses it, on the page."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from apps.access.models import RoleGrant
from apps.access.roles import Role
from apps.access.services import role_found, role_revoke
from apps.accounts.models import Account
from apps.audit import makings
from apps.audit.makings import files_about
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.opening_port import Readers
from apps.audit.overview import CodeState
from apps.audit.selectors import NO_FILTER, Scope
from apps.audit.services import exports
from apps.audit.services.exporting import Export
from apps.audit.services.exports import export_run
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, LegalHold
from apps.borrowers.services import forget_approve, forget_ask, tie_declare
from apps.console.audit_forms import filter_words
from apps.console.opening import fields_shown, openable
from apps.core import clock
from apps.core.errors import Refused
from apps.vault.models import EncryptedFile
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


def answered(client: Client, name: str, row: AuditExport, **shown: Any) -> Any:
    """Answer what was shown: the page carries the number of the event that asked."""
    return client.post(page(name, row), {"asked": row.event, **shown})


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
    assert "account holder, account number" in question
    assert answered(compliance, "agree", row).status_code == 302
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


def of_long_ago() -> Borrower:
    with clock.at(clock.now() - dt.timedelta(days=12 * 366)):
        officer = borrowers.officer(people.branch("JN"))
        return borrowers.borrower(officer, people.branch("JN"), founded_on=dt.date(2001, 5, 4))


def forget(borrower: Borrower) -> None:
    first, second = (people.actor_for(people.staff(role)) for role in (Role.COMPLIANCE_OFFICER, Role.HEAD_OF_CREDIT))
    forget_approve(actor=second, request=forget_ask(actor=first, borrower=borrower, cause="due"))


@pytest.mark.parametrize("damage", [{}, {"state": ExportState.FAILED}, {"event": -1, "answer": None}])
def test_a_file_in_clear_does_not_outlive_the_forgetting(
    auditor: Client, compliance: Client, damage: dict[str, object]
):
    borrower, other = of_long_ago(), borrowers.borrower()
    rows = [asked(auditor, about=str(each.pk)) for each in (borrower, other)]
    for row in rows:
        answered(compliance, "agree", row)
        export_run(row.pk)
    AuditExport.objects.filter(pk=rows[0].pk).update(**damage)
    forget(borrower)
    gone, kept = (AuditExport.objects.select_related("file").get(pk=row.pk) for row in rows)
    assert gone.file is not None
    assert kept.file is not None
    assert (gone.state, kept.state) == (ExportState.EXPIRED, ExportState.READY)
    assert (gone.file.erased_at is None, kept.file.erased_at) == (False, None)
    assert newest(Tag.BORROWER_FORGOTTEN)["note"]["exports_in_clear"] == 1


def test_a_forged_look_has_no_file_destroyed(auditor: Client, compliance: Client, monkeypatch: pytest.MonkeyPatch):
    borrower = of_long_ago()
    row = asked(auditor, about=str(borrower.pk))
    answered(compliance, "agree", row)
    export_run(row.pk)
    monkeypatch.setattr(makings, "code_state", lambda _event: CodeState.ALTERED)
    assert files_about(borrower) == []


def test_who_is_forgotten_while_the_export_is_written_stays_forgotten(
    auditor: Client, compliance: Client, monkeypatch: pytest.MonkeyPatch
):
    borrower = of_long_ago()
    row = asked(auditor, about=str(borrower.pk))
    answered(compliance, "agree", row)
    write = exports.export_written

    def slowly(*args: Any, **more: Any) -> Export:
        made = write(*args, **more)
        forget(borrower)
        return made

    monkeypatch.setattr(exports, "export_written", slowly)
    with pytest.raises(Refused, match="was forgotten"):
        export_run(row.pk)
    assert AuditExport.objects.get().state == ExportState.FAILED
    assert not EncryptedFile.objects.exists()
    assert count(Tag.VALUES_OPENED) == 0


@pytest.mark.parametrize("name", ["agree", "decline"])
def test_what_was_shown_is_what_is_answered(auditor: Client, compliance: Client, name: str):
    shown, other = asked(auditor, about="LF-2026-000001"), asked(auditor)
    form = f'name="asked" value="{shown.event}"'
    assert form in compliance.get(page(name, shown)).content.decode()
    AuditExport.objects.filter(pk=shown.pk).update(event=other.event)
    answer = answered(compliance, name, shown)
    assert (answer.status_code, "not the one that you were shown" in answer.content.decode()) == (403, True)
    assert compliance.post(page(name, shown)).status_code == 400
    assert AuditExport.objects.get(pk=shown.pk).state == ExportState.ASKED


def test_what_was_refused_is_not_written(auditor: Client, compliance: Client):
    row = asked(auditor)
    assert "Refuse what auditor-1 asks for?" in compliance.get(page("decline", row)).content.decode()
    assert answered(compliance, "decline", row).status_code == 302
    assert "Refused" in auditor.get(MINE).content.decode()
    again = answered(compliance, "agree", row)
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
    assert answered(other, "agree", row).status_code == 403
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_somebody_with_both_roles_does_not_answer_themselves():
    people.institution()
    both = people.staff([Role.AUDITOR, Role.COMPLIANCE_OFFICER])
    client = client_of(both)
    row = asked(client)
    assert "another person answers" in client.get(WAITING).content.decode()
    answer = answered(client, "agree", row)
    assert (answer.status_code, "another person has to answer" in answer.content.decode()) == (403, True)
    assert newest(Tag.CLEAR_AGREED)["guard"] == "second_person"


def test_a_reader_of_one_branch_answers_for_that_branch_alone(auditor: Client):
    near, far = people.branch("NEAR"), people.branch("FAR")
    whole = asked(auditor)
    part = asked(client_of(people.staff(Role.AUDITOR, near)))
    client = client_of(people.staff(Role.COMPLIANCE_OFFICER, near, handle="near-compliance"))
    other = client_of(people.staff(Role.COMPLIANCE_OFFICER, far, handle="far-compliance"))
    assert client.get(page("agree", whole)).status_code == 404
    assert answered(client, "agree", whole).status_code == 404
    assert answered(other, "agree", part).status_code == 404
    assert f"Branches: {near.name}" in client.get(page("agree", part)).content.decode()
    assert answered(client, "agree", part).status_code == 302
    assert client.get(page("agree", AuditExport(uuid=uuid4()))).status_code == 404


def _role_ended(asker: Account) -> None:
    for grant in RoleGrant.objects.filter(person=asker.person):
        role_revoke(actor=people.SETUP, grant=grant, reason="left")


def _narrowed(asker: Account) -> None:
    _role_ended(asker)
    role_found(
        actor=people.SETUP, person=asker.person, role=Role.AUDITOR, branch=people.branch("NEAR"), reason="narrower"
    )


def _suspended(asker: Account) -> None:
    Account._base_manager.filter(pk=asker.pk).update(is_active=False)


@pytest.mark.unrecorded
@pytest.mark.parametrize("loses", [_role_ended, _narrowed, _suspended])
def test_who_asked_must_still_be_allowed_to_when_it_is_agreed_to(auditor: Client, compliance: Client, loses: Any):
    row = asked(auditor)
    loses(Account.objects.get(handle="auditor-1"))
    answer = answered(compliance, "agree", row)
    assert (answer.status_code, "may no longer export" in answer.content.decode()) == (403, True)
    assert answered(compliance, "decline", row).status_code == 302


def test_answering_needs_a_fresh_factor(auditor: Client, compliance: Client):
    row = asked(auditor)
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert answered(compliance, "agree", row).status_code in {302, 403}
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_who_is_tied_to_the_borrower_does_not_agree(auditor: Client):
    borrower = borrowers.borrower()
    tied = people.staff(Role.COMPLIANCE_OFFICER, handle="tied")
    head = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    tie_declare(actor=head, borrower=borrower, person=tied.person, kind="relative")
    row = asked(auditor, about=str(borrower.pk))
    client = client_of(tied)
    assert client.get(page("agree", row)).status_code == 403
    answer = answered(client, "agree", row)
    assert (answer.status_code, "your own business or that of a relative" in answer.content.decode()) == (403, True)
    assert AuditExport.objects.get().state == ExportState.ASKED


def test_what_may_be_shown_is_what_may_be_revealed_and_names():
    shown = {model._meta.label: fields_shown(model) for model in apps.get_models() if fields_shown(model)}
    assert set(shown) == {"borrowers.Borrower", "borrowers.Party", "borrowers.BankAccount"}
    assert {"legal_name", "identifier"} <= set(shown["borrowers.Borrower"])
    assert fields_shown(LegalHold) == ()


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


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ([{}], "the whole log"),
        ([{"branches": [1]}, {}], "the whole log"),
        ([{"branches": [1]}], "Branches: North"),
        ([{"cases": ["LF-2026-000001"], "branches": [1]}], "Places: North, LF-2026-000001"),
        ([{"objects": ["borrowers_borrower:7"]}], "Places: borrowers_borrower:7"),
        ([{"domains": ["keys", "log"]}], "Domains: Keys, The log itself"),
        ([{"branches": []}], "Places: none"),
        ([{"branches": [1]}, {"branches": [2], "domains": ["keys"]}], "Branches: North and beside it Branches: 2; Domains: Keys"),
    ],
)  # fmt: skip
def test_every_part_of_the_log_is_told_to_who_answers(bounds: list[dict[str, list[Any]]], words: str):
    first, *beside = [Scope(**{name: frozenset(value) for name, value in each.items()}) for each in bounds]
    scope = dataclasses.replace(first, beside=tuple(beside))
    assert filter_words(NO_FILTER, scope, {1: "North"}) == words


def test_the_days_that_bound_a_part_are_told():
    part = Scope(since=dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC), until=dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
    words = filter_words(NO_FILTER, part, {})
    assert ("From: 2026-05-01" in words, "Before: 2026-06-01" in words) == (True, True)


def _by_branch(row: Borrower) -> Scope:
    return Scope(branches=frozenset({row.branch_id}))


def _by_case(row: Borrower) -> Scope:
    case = applications.draft(borrowers.officer(row.branch), borrower=row)
    return Scope(branches=frozenset(), cases=frozenset({case.number}))


def _by_name(row: Borrower) -> Scope:
    return Scope(branches=frozenset(), objects=frozenset({f"borrowers_borrower:{row.pk}"}))


@pytest.mark.parametrize("part", [_by_branch, _by_case, _by_name])
@pytest.mark.parametrize("first", [Scope(branches=frozenset()), Scope(branches=frozenset({0}), domains=frozenset())])
def test_borrowers_of_every_part_are_shown_and_no_others(part: Any, first: Scope):
    one, other = (borrowers.borrower(branch=people.branch(code)) for code in ("NEAR", "FAR"))
    scope = dataclasses.replace(first, beside=(part(one),))
    assert set(openable(Readers((), scope), [one.key_owner_id, other.key_owner_id])) == {one.key_owner_id}


def test_the_first_page_of_who_may_answer_counts_what_waits(auditor: Client, compliance: Client):
    asked(auditor)
    assert "Exports in clear to answer" in compliance.get(reverse("console:home")).content.decode()


def test_the_log_leads_who_may_answer_there(auditor: Client, compliance: Client):
    log = reverse("console:audit")
    assert (WAITING in compliance.get(log).content.decode(), WAITING in auditor.get(log).content.decode()) == (
        True,
        False,
    )
