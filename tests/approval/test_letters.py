"""Whoever declines, the borrower is told why: letters of a knock-out, of the review's decline and of the approver's."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from apps.applications.services import knock_out
from apps.approval import handoff
from apps.approval.models import Letter
from apps.approval.selectors.offers import letter_open
from apps.approval.services import approval_decline
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review.services import decline
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again, case_accepted, case_in_intake
from tests.approval.factories import ONE, approver, case_needing, policy
from tests.borrowers import factories as borrowers
from tests.credit_review.factories import analyst
from tests.workflow.factories import reason

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reasons(db: None) -> None:
    """Reasons that letters quote."""
    reason(
        "knock_out", "too_young", name_en="The business has not existed long enough", name_zh="企业成立时间未达到要求"
    )
    reason("decline", "weak-cover", name_en="Debt service is not covered", name_zh="偿债能力不足")


def knocked_out() -> LoanCase:
    """A case that the officer declined on a knock-out."""
    actor = borrowers.officer()
    case = case_in_intake(actor, founded_on=clock.today())
    knock_out(actor=actor, case=case, version=case.version, reasons=["too_young"], text="Come again in a year.")
    return again(case)


def declined_at(state: str) -> LoanCase:
    """A case that the analyst declined, at intake or in the review."""
    case = case_in_intake(borrowers.officer()) if state == "intake" else case_accepted()
    decline(actor=analyst(case), case=case, version=case.version, reasons=["weak-cover"], text="Cash is thin.")
    return again(case)


def words_of(actor: Actor, letter: Letter, case: LoanCase) -> str:
    """Text of a letter."""
    pdf = io.BytesIO(b"".join(letter_open(actor, case, letter.pk).content))
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


@pytest.mark.parametrize(
    ("made", "state", "english", "chinese"),
    [
        (knocked_out, "", "has not existed long enough", "企业成立时间未达到要求"),
        (declined_at, "intake", "Debt service is not covered", "偿债能力不足"),
        (declined_at, "credit_review", "Debt service is not covered", "偿债能力不足"),
    ],
)
def test_a_decline_before_approval_is_told_in_both_languages(made: Any, state: str, english: str, chinese: str) -> None:
    case = made(state) if state else made()
    assert case.state == "declined"
    letters = {letter.language: letter for letter in Letter.objects.filter(case=case)}
    assert sorted(letters) == ["en", "zh-hans"]
    assert {(letter.kind, letter.offer_id, letter.decline_id) for letter in letters.values()} == {
        ("decline", None, None)
    }
    reader = borrowers.officer(case.branch)
    told = words_of(reader, letters["en"], case)
    for words in (case.number, english, "You may ask for a person to look at the decision again"):
        assert words in told
    assert "thin" not in told
    assert chinese in words_of(reader, letters["zh-hans"], case)
    assert AuditEvent.objects.filter(action=Tag.LETTER_ISSUED).count() == 2


def test_the_letter_of_a_knock_out_is_reached_from_the_case_page(client: Client) -> None:
    case = knocked_out()
    people.signed_in(client, borrowers.account_of("loan_officer", case.branch))
    page = client.get(case.get_absolute_url()).content.decode()
    for letter in Letter.objects.filter(case=case):
        address = reverse("approval:letter", args=[case.number, letter.pk])
        assert address in page
        assert client.get(address)["Content-Type"] == "application/pdf"


def test_what_cannot_be_told_is_not_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: Any) -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(handoff, "decline_letters", fails)
    with pytest.raises(RuntimeError):
        knocked_out()
    assert not LoanCase.objects.filter(state="declined").exists()


def test_a_decline_in_approval_writes_its_letters_once() -> None:
    policy()
    case = case_needing(ONE)
    approval_decline(actor=approver(ONE), case=case, version=case.version, reasons=["weak-cover"])
    letters = Letter.objects.filter(case=case)
    assert letters.count() == 2
    assert all(letter.decline_id for letter in letters)
