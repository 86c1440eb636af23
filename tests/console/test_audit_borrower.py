"""Who saw or changed what of a borrower, when and why: for who may read the log, within their branches."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.body import Purpose
from apps.audit.selectors import Scope
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.borrowers.services import tie_declare
from apps.console.audit_forms import about
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


def test_the_language_that_a_paper_was_opened_in_is_a_word(client: Client, borrower: Borrower):
    why = Purpose("task:contracting")
    record_read(Tag.CONTRACT_OPENED, actor=SYSTEM, subject=borrower, purpose=why, fields=["zh-hans"])
    people.signed_in(client, people.staff(Role.AUDITOR, handle="auditor-1"))
    text = page(client, borrower, "kind=read")
    assert ">Chinese<" in text
    assert "zh-hans<" not in text


def test_another_branchs_borrower_is_not_there(client: Client, borrower: Borrower):
    people.signed_in(client, people.staff(Role.AUDITOR, people.branch("FAR"), handle="auditor-2"))
    assert client.get(reverse("console:audit_borrower", args=[borrower.pk])).status_code == 404
    assert client.get(reverse("console:audit_borrower", args=[10**9])).status_code == 404


def test_ones_own_business_is_refused(client: Client, borrower: Borrower):
    reader = people.staff(Role.AUDITOR, handle="auditor-3")
    tie_declare(
        actor=people.actor_for(people.staff(Role.COMPLIANCE_OFFICER)),
        borrower=borrower,
        person=reader.person,
        kind="own",
    )
    people.signed_in(client, reader)
    assert client.get(reverse("console:audit_borrower", args=[borrower.pk])).status_code == 403
    assert "letter of 3 May" not in client.get(reverse("console:audit_borrower", args=[borrower.pk])).content.decode()


def test_a_reader_of_one_branch_is_not_told_the_cases_of_another(borrower: Borrower):
    number = borrower.cases.get().number
    assert about(str(borrower.pk))["cases"] == (number,)
    assert about(str(borrower.pk), Scope(branches=frozenset({borrower.branch_id})))["cases"] == (number,)
    assert about(str(borrower.pk), Scope(branches=frozenset({people.branch("FAR").pk})))["cases"] == ()


def test_an_export_proves_nothing_about_what_lies_in_other_branches(client: Client, borrower: Borrower):
    given = {"format": "csv", "reason": "complaint", "words": "letter of 3 May"}
    page = reverse("console:audit_export")
    people.signed_in(client, people.staff(Role.AUDITOR, people.branch("FAR"), handle="auditor-4"))
    for asked in (str(borrower.pk), f"borrowers_borrower:{borrower.pk}", "borrowers_borrower:999999999"):
        answer = client.post(page, {**given, "about": asked})
        assert (answer.status_code, "nothing about this in your branches" in answer.content.decode()) == (400, True)
    people.signed_in(client, people.staff(Role.AUDITOR, handle="auditor-5"))
    assert client.post(page, {**given, "about": str(borrower.pk)}).status_code == 200
