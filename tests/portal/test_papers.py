"""Papers a borrower takes away: each look on record, nobody else's, and nothing of the institution's own."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.approval.models import Letter
from apps.approval.services import approval_decline
from apps.audit.models import AuditEvent
from apps.borrowers.models import BorrowerAccess
from apps.borrowers.services import access_end
from apps.post_loan.models import Loan
from apps.workflow.models import LoanCase
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.approval import factories as approval
from tests.disbursement import factories as disbursement
from tests.portal import factories as portal
from tests.workflow import factories
from tests.worlds import once_a_module

paid = once_a_module(disbursement.case_paid)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paid")]


def bytes_of(response: Any) -> bytes:
    """Content of a streamed or plain answer."""
    return b"".join(response) if response.streaming else bytes(response.content)


def looks(action: str) -> int:
    """Looks on record."""
    return AuditEvent.objects.filter(action=action, outcome="done").count()


def paper_urls(case: LoanCase) -> dict[str, str]:
    """Addresses of a case's papers, by the action that each look leaves."""
    letter, loan = Letter.objects.filter(case=case).first(), Loan.objects.get(case=case)
    assert letter is not None
    return {
        "approval.letter_opened": reverse("portal:letter", args=[case.number, letter.pk]),
        "disbursement.contract_opened": reverse("portal:contract", args=[case.number, "zh-hans"]),
        "portal.statement_taken": reverse("portal:statement", args=[loan.number, "pdf"]),
    }


def test_letters_contract_and_statement_are_read_and_each_look_is_on_record(client: Client, paid: LoanCase) -> None:
    portal.entered(client, paid)
    page = client.get(reverse("portal:case", args=[paid.number])).content.decode()
    for action, address in paper_urls(paid).items():
        before = looks(action)
        assert address in page or "statement" in address
        answer = client.get(address)
        assert bytes_of(answer).startswith(b"%PDF"), address
        assert answer["Content-Type"] == "application/pdf"
        assert "no-store" in answer["Cache-Control"]
        assert looks(action) == before + 1, action


def test_the_schedule_as_csv_adds_up(client: Client, paid: LoanCase) -> None:
    portal.entered(client, paid)
    loan = Loan.objects.get(case=paid)
    answer = client.get(reverse("portal:statement", args=[loan.number, "csv"]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == loan.term_months + 1
    assert sum(float(row[2]) for row in rows[1:]) == pytest.approx(float(loan.principal))
    assert looks("portal.statement_taken") == 1
    assert client.get(reverse("portal:statement", args=[loan.number, "xlsx"])).status_code == 404
    assert client.get(reverse("portal:contract", args=[paid.number, "fr"])).status_code == 404


def test_nobody_else_reads_them(client: Client, paid: LoanCase) -> None:
    stranger = factories.case()
    portal.entered(client, stranger)
    for address in paper_urls(paid).values():
        assert client.get(address).status_code == 404, address
    letter = Letter.objects.filter(case=paid).first()
    assert letter is not None
    assert client.get(reverse("portal:letter", args=[stranger.number, letter.pk])).status_code == 404, (
        "under one's own case"
    )
    people.signed_in(client, factories.worker(Role.LOAN_OFFICER))
    for address in paper_urls(paid).values():
        assert client.get(address).status_code == 403, address


def test_who_no_longer_acts_reads_nothing(client: Client, paid: LoanCase) -> None:
    account = portal.entered(client, paid)
    access = BorrowerAccess.objects.get(account=account)
    access_end(actor=people.actor_for(factories.worker(branch=paid.branch)), access=access)
    for address in paper_urls(paid).values():
        assert client.get(address)["Location"].startswith("/account/sign-in/")


BACK_OFFICE = (
    "approval:offer", "applications:stage", "applications:versions", "credit_review:review", "disbursement:contract",
)  # fmt: skip


@pytest.mark.parametrize("name", BACK_OFFICE)
def test_the_banks_own_pages_of_the_case_stay_shut(client: Client, paid: LoanCase, name: str) -> None:
    portal.entered(client, paid)
    assert client.get(reverse(name, args=[paid.number])).status_code == 403


def test_no_page_of_a_loan_tells_a_grade_or_a_name_of_staff(client: Client, paid: LoanCase) -> None:
    portal.entered(client, paid)
    handles = [account.handle for account in people.Account.objects.filter(kind="staff")]
    loan = Loan.objects.get(case=paid)
    for address in (
        reverse("portal:case", args=[paid.number]),
        reverse("portal:loan", args=[loan.number]),
        reverse("portal:home"),
    ):
        text = client.get(address).content.decode()
        assert not [handle for handle in handles if handle in text], address
        for inside in ("Risk grade", "Decision memo", "Probability of default", "memo"):
            assert inside not in text, (address, inside)


def test_a_decline_letter_is_read(client: Client) -> None:
    factories.reason("decline", "short-history")
    approval.policy()
    case = approval.case_needing(approval.ONE)
    approval_decline(
        actor=approval.approver(),
        case=case,
        version=case.version,
        reasons=["short-history"],
        dissent="The owner drinks.",
    )
    case.refresh_from_db()
    portal.entered(client, case)
    letter = Letter.objects.filter(case=case, kind="decline").first()
    assert case.state == State.DECLINED
    assert letter is not None
    page = client.get(reverse("portal:case", args=[case.number])).content.decode()
    assert "Letter on our decision" in page
    assert "drinks" not in page
    assert bytes_of(client.get(reverse("portal:letter", args=[case.number, letter.pk]))).startswith(b"%PDF")
