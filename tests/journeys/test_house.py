"""The house itself: an auditor exports and verifies the log; a colleague is invited, and a second administrator lets the role count."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

from django.core import mail
from django.urls import reverse

from apps.access.models import RoleGrant
from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from tests.approval import factories as approval
from tests.journeys.desk import FORM
from tests.journeys.loglines import SIGNED_IN, acts_of, in_the_log, verified
from tests.journeys.people import Office

T = Tag


def test_an_auditor_exports_the_log_and_verifies_it(office: Office) -> None:
    case = approval.case_offered(branch=office.branch, amount=approval.amount_for(approval.ONE))
    auditor = office.person(Role.AUDITOR, "auditor-1")
    auditor.go("console:audit")
    auditor.page.get_by_role("button", name="Verify now").click()
    auditor.page.get_by_text("The log is intact").first.wait_for()

    auditor.page.get_by_role("link", name="Export…").click()
    auditor.fill(format={"value": "csv"}, reason={"value": "internal_audit"}, words="Yearly sample of approvals.")
    with auditor.page.expect_download() as taken:
        auditor.page.locator(f"{FORM} button[type=submit]").click()
    with zipfile.ZipFile(Path(taken.value.path())) as package:
        names = package.namelist()
        manifest = json.loads(package.read(next(name for name in names if name.endswith(".json"))))
        rows = list(
            csv.DictReader(io.StringIO(package.read(next(n for n in names if n.endswith(".csv"))).decode("utf-8-sig")))
        )
    assert "Yearly sample of approvals." in json.dumps(manifest)
    assert any(case.number in row.values() for row in rows)

    assert acts_of("auditor-1") == [*SIGNED_IN, T.LOG_VERIFIED]
    assert in_the_log("auditor-1")[T.LOG_EXPORTED] == 1
    assert "The log is intact." in verified()
    assert office.said() == []


def test_a_colleague_is_invited_and_others_agree_to_the_powerful_role(office: Office) -> None:
    first, second = (office.person(Role.ADMINISTRATOR, f"admin-{number}") for number in (1, 2))
    watches = office.person(Role.COMPLIANCE_OFFICER, "compliance-1")
    lead = office.person(Role.TEAM_LEAD, "lead-1")
    first.go("console:people")
    first.page.get_by_role("link", name=re.compile("Invite")).first.click()
    first.fill(
        handle="approver-9", name="Zhao Min", email="zhao@example.com", language={"value": "en"},
        roles=[Role.APPROVER_1.value], branch={"value": str(office.branch.pk)}, reason="Takes over approvals.",
    ).send()  # fmt: skip
    grant = RoleGrant.objects.get(role=Role.APPROVER_1, person__accounts__handle="approver-9")
    assert grant.is_waiting
    assert "/account/invitation/" in mail.outbox[-1].body

    first.open(reverse("console:grant_approve", args=[grant.uuid]))
    first.page.locator("main form button[type=submit]").click()
    assert "asked for this role yourself" in first.words()
    grant.refresh_from_db()
    assert grant.is_waiting

    for desk in (second, lead, watches):
        assert RoleGrant.objects.get(pk=grant.pk).is_waiting
        desk.go("console:grants")
        desk.page.locator(f'a[href*="{grant.uuid}/approve/"]').click()
        desk.send("form.card")
    assert not RoleGrant.objects.get(pk=grant.pk).is_waiting

    assert acts_of("admin-1") == [*SIGNED_IN, T.PERSON_INVITED, T.ROLE_ASKED]
    assert acts_of("admin-2") == [*SIGNED_IN, T.ROLE_AGREED]
    assert acts_of("lead-1") == [*SIGNED_IN, T.ROLE_AGREED]
    assert acts_of("compliance-1") == [*SIGNED_IN, T.ROLE_APPROVED]
    assert AuditEvent.objects.filter(outcome="refused", actor="admin-1").count() == 1
    assert "The log is intact." in verified()
    assert [line for line in office.said() if "403" not in line] == []
