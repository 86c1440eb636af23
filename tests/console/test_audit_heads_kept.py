"""A bundle continues the heads that its reader kept. Each test commits: on PostgreSQL a sealer sees nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.access.roles import Role
from apps.audit.heads import Head
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.notes import parse
from apps.audit.services.exports import export_run
from apps.audit.standalone import loanflow_verify
from tests.accounts import factories
from tests.audit.sealing import newest_head, seal
from tests.console.test_audit_exports import ASKED, EXPORT, take


@pytest.fixture
def auditor(committed_db: str) -> Client:
    """Sign an auditor of all branches in."""
    client = Client()
    factories.signed_in(client, factories.staff(Role.AUDITOR, handle="auditor-1"))
    return client


def test_a_bundle_of_a_case_shows_that_the_log_continues_the_heads_that_were_kept(
    auditor: Client, tmp_path: Path
) -> None:
    seal()
    pin = tmp_path / "heads"
    pin.write_text(newest_head().note)
    factories.branch("ZZ")
    seal()
    auditor.post(EXPORT, {**ASKED, "format": "bundle", "actor": "auditor-1", "heads": pin.read_text()})
    asked = AuditExport.objects.latest("pk")
    file = SimpleUploadedFile("heads", pin.read_bytes())
    auditor.post(EXPORT, {**ASKED, "format": "bundle", "actor": "auditor-1", "heads_file": file})
    auditor.post(EXPORT, {**ASKED, "format": "bundle", "actor": "auditor-1"})
    verdicts = []
    for row in AuditExport.objects.order_by("pk"):
        export_run(row.pk)
        bundle = tmp_path / f"{row.pk}.zip"
        bundle.write_bytes(b"".join(take(auditor, row).streaming_content))
        verdicts.append(loanflow_verify.main([str(bundle), "--pin", str(pin)]))
    assert verdicts == [0, 0, 1]
    assert AuditEvent.objects.get(pk=asked.event).data["note"]["heads"] == [
        Head.parsed(parse(pin.read_text()).text).size
    ]


@pytest.mark.parametrize(
    ("change", "form", "words"),
    [
        (lambda note: note[: len(note) // 2], "bundle", "This is no signed note."),
        (lambda note: note.split("\n\n", maxsplit=1)[0], "bundle", "This is no signed note."),
        (lambda note: note.replace("time 2", "time 1"), "bundle", "The log holds no head of"),
        (lambda note: note, "xlsx", "Only an evidence bundle continues heads"),
    ],
)
def test_heads_that_are_none_or_none_of_this_log_are_said_so(
    auditor: Client, change: Any, form: str, words: str
) -> None:
    seal()
    answer = auditor.post(EXPORT, {**ASKED, "format": form, "heads": change(newest_head().note)})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not AuditExport.objects.exists()
