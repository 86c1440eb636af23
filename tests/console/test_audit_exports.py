"""Large exports, workbooks and bundles are written in the background; their reader sees how far they are and takes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyrage
import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.services.exports import export_run
from apps.audit.standalone import loanflow_verify
from apps.audit.tags import Tag
from apps.core import clock
from tests.accounts import factories
from tests.accounts.log import count, newest
from tests.workflow import factories as workflow

pytestmark = pytest.mark.django_db
EXPORT, EXPORTS = reverse("console:audit_export"), reverse("console:audit_exports")
ASKED = {"format": "xlsx", "reason": "supervision", "words": "letter of 3 May"}


@pytest.fixture
def auditor(client: Client) -> Client:
    """Sign an auditor of all branches in."""
    factories.signed_in(client, factories.staff(Role.AUDITOR, handle="auditor-1"))
    return client


def take(client: Client, row: AuditExport) -> Any:
    return client.post(reverse("console:audit_export_file", args=[row.uuid]))


def test_an_export_is_asked_for_written_and_taken(auditor: Client):
    assert "You have no exports yet" in auditor.get(EXPORTS).content.decode()
    answer = auditor.post(EXPORT, ASKED, follow=True)
    text = answer.content.decode()
    assert "The export is being written." in text
    assert "Waiting" in text
    assert "Look again" in text
    row = AuditExport.objects.get()
    export_run(row.pk)
    assert "Take the file" in auditor.get(EXPORTS).content.decode()
    taken = take(auditor, row)
    data = b"".join(taken.streaming_content)
    assert taken["Content-Disposition"].endswith('-xlsx.zip"')
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["requester"], manifest["purpose"]["text"]) == ("auditor-1", "letter of 3 May")
    assert newest(Tag.FILE_OPENED)["purpose"]["code"] == "supervision"


def test_a_small_sheet_comes_at_once_a_large_one_and_a_bundle_later(auditor: Client, monkeypatch: pytest.MonkeyPatch):
    assert auditor.post(EXPORT, {**ASKED, "format": "bundle"}).url == EXPORTS
    assert auditor.post(EXPORT, {**ASKED, "format": "csv"})["Content-Type"] == "application/zip"
    monkeypatch.setattr("apps.console.audit_exporting.MOST_AT_ONCE", 1)
    assert auditor.post(EXPORT, {**ASKED, "format": "csv"}).url == EXPORTS


def test_nobody_takes_what_another_asked_for(auditor: Client):
    auditor.post(EXPORT, ASKED)
    row = AuditExport.objects.get()
    export_run(row.pk)
    other = Client()
    factories.signed_in(other, factories.staff(Role.AUDITOR, handle="auditor-2"))
    assert take(other, row).status_code == 404
    row.uuid = uuid4()
    assert take(auditor, row).status_code == 404
    assert [event.outcome for event in AuditEvent.objects.filter(action=Tag.FILE_OPENED)] == ["refused"]


def test_taking_needs_a_fresh_factor(auditor: Client):
    auditor.post(EXPORT, ASKED)
    row = AuditExport.objects.get()
    export_run(row.pk)
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert take(auditor, row).status_code in {302, 403}
    assert count(Tag.FILE_OPENED) == 0


def test_an_export_may_be_for_a_recipient_whose_key_the_log_names(auditor: Client):
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    answer = auditor.post(EXPORT, {**ASKED, "recipient": recipient.upper()}, follow=True)
    assert "The export is being written." in answer.content.decode()
    row = AuditExport.objects.get()
    assert AuditEvent.objects.get(pk=row.event).data["note"]["recipient"] == recipient
    export_run(row.pk)
    assert newest(Tag.LOG_EXPORTED)["note"]["encrypted"]["recipient"] == recipient


@pytest.mark.parametrize("typed", ["age1nobody", "AGE-SECRET-KEY-1QQQ", "somebody@example.test"])
def test_what_is_no_recipient_is_said_so_beside_the_field(auditor: Client, typed: str):
    answer = auditor.post(EXPORT, {**ASKED, "recipient": typed})
    assert answer.status_code == 400
    assert "begins with age1" in answer.content.decode()
    assert not AuditExport.objects.exists()


def test_the_page_of_bundles_says_of_what_they_are_and_how_they_are_verified(auditor: Client):
    assert "loanflow_verify.py" not in auditor.get(EXPORTS).content.decode()
    auditor.post(EXPORT, {**ASKED, "format": "bundle", "about": "LF-2026-000009"})
    text = auditor.get(EXPORTS).content.decode()
    assert "Case: LF-2026-000009" in text
    assert "python loanflow_verify.py BUNDLE.zip --pin HEADS" in text
    source = Path(loanflow_verify.__file__).read_bytes()
    assert hashlib.sha256(source).hexdigest() in text
    taken = auditor.get(f"{EXPORTS}?take=loanflow_verify.py")
    assert taken.content == source
    assert "attachment" in taken["Content-Disposition"]
    assert auditor.get(f"{EXPORTS}?take=../../settings.py")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("role", "there"), [(Role.AUDITOR, True), (Role.LOAN_OFFICER, False)])
def test_the_case_page_leads_whoever_may_export_to_its_evidence(client: Client, role: Role, there: bool):
    officer = workflow.worker()
    case = workflow.case(officer)
    factories.signed_in(client, officer if role == Role.LOAN_OFFICER else workflow.worker(role))
    page = html.unescape(client.get(case.get_absolute_url()).content.decode())
    link = f"{EXPORT}?about={case.number}&format=bundle"
    assert (link in page) is there
    if there:
        form = client.get(link).context["form"]
        assert (form["about"].value(), form["format"].value()) == (case.number, "bundle")
