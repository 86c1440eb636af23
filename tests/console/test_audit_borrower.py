"""Who saw or changed what of a borrower, when and why: for who may read the log, within their branches."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.applications import factories as applications
from tests.audit.factories import SYSTEM
from tests.borrowers.factories import officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def borrower() -> Borrower:
    """A borrower with a case, whose file was looked at for a reason."""
    case = applications.draft(officer())
    why = Purpose("complaint", "letter of 3 May")
    record_read(Tag.BORROWER_REVEALED, actor=SYSTEM, subject=case.borrower, purpose=why, fields=["phone"])
    return case.borrower


def page(client: Client, borrower: Borrower, query: str = "") -> str:
    answer = client.get(f"{reverse('console:audit_borrower', args=[borrower.pk])}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_who_what_when_and_why(client: Client, borrower: Borrower):
    people.signed_in(client, people.staff(Role.AUDITOR, handle="auditor-1"))
    text = page(client, borrower)
    assert "system:tests" in text
    assert "letter of 3 May" in text
    assert "phone" in text
    assert newest(Tag.LOG_READ)["note"]["filter"]["object"] == f"borrowers_borrower:{borrower.pk}"
    looks = page(client, borrower, "kind=read")
    assert looks.count("data-row ") + looks.count("data-row>") == 1
    assert page(client, borrower, "kind=nonsense").count("data-row>") > 1


def test_another_branchs_borrower_is_not_there(client: Client, borrower: Borrower):
    people.signed_in(client, people.staff(Role.AUDITOR, people.branch("FAR"), handle="auditor-2"))
    assert client.get(reverse("console:audit_borrower", args=[borrower.pk])).status_code == 404
    assert client.get(reverse("console:audit_borrower", args=[10**9])).status_code == 404
