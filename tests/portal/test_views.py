"""The portal: what a borrower sees and does, and what stays inside the institution."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import ROLE_TABLE, Role
from apps.accounts.models import Account
from apps.applications.models import Document
from apps.applications.services import document_reject
from apps.approval.models import Offer
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core import clock
from apps.portal.services import MESSAGES_AN_HOUR
from apps.post_loan.models import Loan
from apps.workflow.models import LoanCase, Message, Notice
from apps.workflow.process import Event
from apps.workflow.services.talk import message_send
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.approval import factories as approval
from tests.disbursement import factories as disbursement
from tests.portal.factories import entered
from tests.workflow import factories

pytestmark = pytest.mark.django_db
HOME, LOANS = reverse("portal:home"), reverse("portal:loans")


def url(case: LoanCase, name: str = "case") -> str:
    """Address of a page of a case."""
    return reverse(f"portal:{name}", args=[case.number])


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


@pytest.fixture
def waiting(officer: Account, smooth: None) -> LoanCase:
    """Return a case in which the borrower was asked something."""
    return factories.moved(
        factories.submitted(officer),
        Event.ASK_BORROWER,
        officer,
        text="Where is the licence?",
        data={"due_on": clock.today()},
    )


def test_home_lists_own_cases_with_what_is_awaited(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    assert client.get("/")["Location"] == HOME
    text = words(client.get(HOME))
    for part in (waiting.number, "Working capital", "CNY\u00a01,200,000", "We wait for your answer.", "Review"):
        assert part in text
    for inside in ("My work", "Search", "Institution", "MFA"):
        assert inside not in text, inside


def test_a_case_of_another_borrower_is_not_there(client: Client, waiting: LoanCase) -> None:
    other = factories.case()
    entered(client, other)
    assert waiting.number not in words(client.get(HOME))
    for name in ("case", "document", "answer", "accept", "negotiate", "withdraw", "message"):
        assert client.get(url(waiting, name)).status_code == 404, name


def test_inner_notes_grades_and_people_stay_inside(client: Client, waiting: LoanCase, officer: Account) -> None:
    message_send(actor=people.actor_for(officer), case=waiting, audience="colleague", body="I doubt these figures")
    entered(client, waiting)
    text = words(client.get(url(waiting)))
    assert "Where is the licence?" in text
    for inside in ("I doubt these figures", officer.handle, "Risk grade", "Duties", "Checks"):
        assert inside not in text
    assert AuditEvent.objects.filter(action=Tag.CASE_OPENED).count() == 1


@pytest.mark.parametrize("role", [role for role in ROLE_TABLE if role != Role.BORROWER])
def test_staff_have_no_portal_and_borrowers_no_back_office(client: Client, role: Role) -> None:
    people.signed_in(client, factories.worker(role))
    assert client.get(HOME).status_code == 403


def test_borrowers_reach_no_page_of_the_back_office(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    for name in ("console:work", "workflow:cases", "console:search", "console:process"):
        assert client.get(reverse(name)).status_code == 403, name
    assert client.get(waiting.get_absolute_url()).status_code == 403


def test_an_answer_brings_the_case_back_to_who_asked(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    response = client.post(url(waiting, "answer"), {"version": waiting.version, "text": "In the branch, with Ms Li."})
    assert response["Location"] == url(waiting)
    waiting.refresh_from_db()
    assert waiting.state == State.INTAKE
    text = words(client.get(url(waiting)))
    assert "In the branch, with Ms Li." in text
    assert "Thank you." in text


def test_the_page_of_the_answer_repeats_the_question_and_the_house_has_a_name(
    client: Client, waiting: LoanCase
) -> None:
    entered(client, waiting)
    page = words(client.get(url(waiting, "answer")))
    assert "Where is the licence?" in page
    assert "Please answer by" in page
    wrong = client.post(url(waiting, "answer"), {"version": waiting.version, "text": ""})
    assert "Where is the licence?" in words(wrong)
    house = people.institution().name
    shown = words(client.get(url(waiting)))
    assert shown.count(house) >= 2, "above the page, and over what the bank wrote"
    assert "Your branch" not in shown


@pytest.mark.parametrize(("answer", "status"), [("", 400), ("   ", 400), ("x" * 4001, 400), ("nul\x00", 400)])
def test_an_answer_that_cannot_be_taken_is_told_so(client: Client, waiting: LoanCase, answer: str, status: int) -> None:
    entered(client, waiting)
    assert client.post(url(waiting, "answer"), {"version": waiting.version, "text": answer}).status_code == status
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING


def test_a_second_answer_is_told_that_it_is_too_late_and_the_words_are_kept(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    client.post(url(waiting, "answer"), {"version": waiting.version, "text": "First"})
    response = client.post(url(waiting, "answer"), {"version": waiting.version, "text": "Second"})
    assert response.status_code == 409
    assert "Second" in words(response)


def test_documents_are_handed_in_and_what_became_of_them_is_told(
    client: Client, waiting: LoanCase, officer: Account
) -> None:
    entered(client, waiting)
    page = words(client.get(url(waiting, "document")))
    assert "Business licence" in page
    assert "Photograph of a visit" not in page
    file = SimpleUploadedFile("licence.png", applications.png().getvalue(), content_type="image/png")
    response = client.post(url(waiting, "document"), {"code": "other", "file": file})
    assert response["Location"] == url(waiting)
    assert "received" in words(client.get(url(waiting)))
    case = factories.moved(LoanCase.objects.get(pk=waiting.pk), Event.ANSWER_RECORDED, officer, text="By phone")
    row = Document.objects.select_related("case").get(case=case)
    document_reject(actor=people.actor_for(factories.worker()), document=row, why="The stamp cannot be read.")
    text = words(client.get(url(waiting)))
    assert "please send a better one" in text
    assert "The stamp cannot be read." in text


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.pdf", b""), ("page.html", b"<html><script>alert(1)</script></html>"), ("cut.pdf", b"%PDF-1.7\n1 0 obj")],
)
def test_a_file_that_cannot_be_taken_is_told_so(client: Client, waiting: LoanCase, name: str, content: bytes) -> None:
    entered(client, waiting)
    response = client.post(url(waiting, "document"), {"code": "other", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 400
    assert "error-summary" in words(response)
    assert Document.objects.count() == 0


def test_an_answer_brings_its_document_along(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    file = SimpleUploadedFile("licence.png", applications.png().getvalue(), content_type="image/png")
    data = {"version": waiting.version, "text": "Here it is.", "file": file}
    unnamed = client.post(url(waiting, "answer"), data)
    assert unnamed.status_code == 400
    assert 'id="id_code_error"' in words(unnamed)
    file.seek(0)
    assert client.post(url(waiting, "answer"), {**data, "code": "licence"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == State.INTAKE
    assert Document.objects.get(case=waiting).code == "licence"
    bad = SimpleUploadedFile("x.html", b"<script>alert(1)</script>")
    again = client.post(url(waiting, "answer"), {**data, "code": "licence", "file": bad})
    assert again.status_code in {400, 409}


def test_an_answer_too_late_leaves_its_document_out(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    client.post(url(waiting, "answer"), {"version": waiting.version, "text": "First"})
    file = SimpleUploadedFile("licence.png", applications.png().getvalue(), content_type="image/png")
    data = {"version": waiting.version, "text": "Second", "file": file, "code": "licence"}
    assert client.post(url(waiting, "answer"), data).status_code == 409
    assert not Document.objects.exists()


def test_the_bank_is_written_to_at_any_time_and_colleagues_are_told_apart(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    assert client.post(url(waiting, "message"), {"body": "When may I come?"}).status_code == 302
    assert Message.objects.latest("id").audience == "borrower"
    assert Notice.objects.filter(person_id=waiting.holder_id, kind="message").exists()
    second = Client()
    entered(second, waiting)
    text = words(second.get(url(waiting)))
    assert "When may I come?" in text
    assert "Another person of your business" in text
    assert people.institution().name in text
    for body in ("", "   ", "x" * 4001, "nul\x00"):
        assert client.post(url(waiting, "message"), {"body": body}).status_code == 400


def test_a_flood_of_messages_is_stopped(client: Client, waiting: LoanCase) -> None:
    entered(client, waiting)
    statuses = [
        client.post(url(waiting, "message"), {"body": "Hello"}).status_code for _each in range(MESSAGES_AN_HOUR + 1)
    ]
    assert (statuses[-2], statuses[-1]) == (302, 403)


def test_advice_on_safety_is_read(client: Client) -> None:
    people.signed_in(client, people.borrower_account())
    assert "never ask for your password" in words(client.get(reverse("portal:safety")))


def test_a_borrower_withdraws_with_a_reason(client: Client, waiting: LoanCase) -> None:
    factories.reason("withdraw")
    entered(client, waiting)
    assert client.post(url(waiting, "withdraw"), {"version": waiting.version}).status_code == 400
    data = {"version": waiting.version, "reasons": ["withdraw-reason"]}
    assert client.post(url(waiting, "withdraw"), data).status_code == 400, "the box must be ticked"
    response = client.post(url(waiting, "withdraw"), {**data, "sure": "on"})
    assert response.status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == State.WITHDRAWN
    assert "You have withdrawn the application." in words(client.get(url(waiting)))


def test_what_the_state_does_not_allow_is_refused_in_words(client: Client) -> None:
    case = factories.case()
    entered(client, case)
    response = client.post(url(case, "answer"), {"version": case.version, "text": "An answer to nothing"})
    assert response.status_code == 409
    assert "not possible" in words(response)
    assert client.get(url(case, "negotiate")).status_code == 403


def test_an_offer_is_shown_and_accepted(client: Client) -> None:
    case = approval.case_offered()
    entered(client, case)
    assert "We wait for your decision" in words(client.get(url(case)))
    page = client.get(url(case, "accept"))
    version = page.context["form"].initial["version"]
    assert client.post(url(case, "accept"), {"version": version}).status_code == 400, "the box must be ticked"
    response = client.post(url(case, "accept"), {"version": version, "agreed": "on"})
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == State.CONTRACTING
    assert Offer.objects.get(case=case).accepted_how == "portal"


def test_other_terms_are_asked_for(client: Client) -> None:
    case = approval.case_offered()
    entered(client, case)
    form = client.get(url(case, "negotiate")).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    same = client.post(url(case, "negotiate"), data)
    assert same.status_code in {400, 403}, "nothing differs"
    response = client.post(
        url(case, "negotiate"), {**data, "term_1": int(data["term_1"]) - 1, "words": "A shorter loan suits us."}
    )
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == State.CREDIT_REVIEW


def test_a_paid_loan_shows_its_schedule_and_balance(client: Client) -> None:
    case = disbursement.case_paid()
    loan = Loan.objects.get(case=case)
    entered(client, case)
    assert loan.number in words(client.get(LOANS))
    assert loan.number in words(client.get(url(case)))
    text = words(client.get(reverse("portal:loan", args=[loan.number])))
    assert "Balance" in text
    assert text.count('<th scope="row"') == loan.term_months + 1, "each instalment, and the totals"
    assert "Next payment" in text
    stranger = people.borrower_account()
    people.signed_in(client, stranger)
    assert client.get(reverse("portal:loan", args=[loan.number])).status_code == 404
    assert "No loans yet" in words(client.get(LOANS))


def test_lists_and_loans_are_looks_on_record_in_portal_and_back_office(client: Client) -> None:
    case = disbursement.case_paid()
    loan = Loan.objects.get(case=case)
    officer = Client()
    people.signed_in(officer, factories.worker(Role.POST_LOAN_OFFICER))
    entered(client, case)
    back, address = reverse("post_loan:loan", args=[loan.number]), reverse("portal:loan", args=[loan.number])
    for who, page, tag, about in (
        (client, HOME, Tag.CASES_LISTED, None),
        (client, LOANS, Tag.LOANS_LISTED, None),
        (client, address, Tag.LOAN_READ, object_key(loan)),
        (officer, reverse("post_loan:loans"), Tag.LOANS_LISTED, None),
        (officer, back, Tag.LOAN_READ, object_key(loan)),
        (officer, reverse("disbursement:payments"), Tag.PAYMENTS_LISTED, None),
        (officer, reverse("disbursement:payments", args=[case.number]), Tag.PAYMENTS_LISTED, object_key(case)),
    ):
        before = AuditEvent.objects.count()
        assert who.get(page).status_code == 200, page
        event = AuditEvent.objects.order_by("-id")[0]
        assert AuditEvent.objects.count() == before + 1, page
        assert (event.action, event.kind, event.object) == (tag, "read", about), page
        assert event.purpose in {"task:list", "task:loan", f"task:{case.state}"}, page


def test_empty_pages_say_what_comes_next(client: Client) -> None:
    people.signed_in(client, people.borrower_account())
    assert "No applications yet" in words(client.get(HOME))
    assert "No loans yet" in words(client.get(LOANS))


def test_the_cost_is_bounded(
    client: Client, waiting: LoanCase, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    entered(client, waiting)
    for address, most in ((HOME, 12), (url(waiting), 25), (LOANS, 10)):
        client.get(address)
        with django_assert_max_num_queries(most):
            client.get(address)
