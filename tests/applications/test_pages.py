"""Pages of intake: every one opens, and the way of a case can be walked with nothing but forms."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.borrowers import factories as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    return b.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def browser(client: Client, officer: Account) -> Client:
    people.signed_in(client, officer)
    return client


def url(name: str, case: LoanCase, *rest: object) -> str:
    return reverse(f"applications:{name}", args=[case.number, *rest])


DRAFT_PAGES = ("stage", "versions", "business", "person_add", "request", "facility_add", "consents", "declaration",
               "document_add", "duplicates_scan", "submit")  # fmt: skip


@pytest.mark.parametrize("name", DRAFT_PAGES)
def test_page_of_a_draft_opens(name: str, browser: Client, officer: Account) -> None:
    case = f.ready_draft(people.actor_for(officer))
    answer = browser.get(url(name, case))
    assert answer.status_code == 200, answer.content.decode()[:2000]
    assert case.number in answer.content.decode()
