"""The file of a case on paper: what the reader may see, masked, on record with its purpose, as page and as PDF."""

from __future__ import annotations

import datetime as dt
import io
import time
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apps.access.roles import Role
from apps.applications.services import Words
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Unavailable
from apps.reports.casefile import early
from apps.reports.casefile import file as casefile
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.borrowers import factories as b
from tests.disbursement import factories as payments
from tests.worlds import once_a_module

world = once_a_module(lambda: payments.case_in_payout(secured=True, guaranteed=True))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
WHY = Purpose("committee", "Meeting of 3 December")
GIVEN = {"form": "pdf", "reason": "committee", "words": "Meeting of 3 December"}


@pytest.fixture
def case(world: LoanCase, db: None) -> LoanCase:
    return f.again(world)


@pytest.fixture
def seat(client: Client, case: LoanCase) -> Client:
    people.signed_in(client, b.account_of(Role.LOAN_OFFICER, case.branch))
    return client


def url(case: LoanCase) -> str:
    return reverse("reports:case_file", args=[case.number])


def taken(actor: Actor, case: LoanCase, form: str = "pdf") -> casefile.CaseFile:
    return casefile.case_file_take(actor=actor, case=case, form=form, purpose=WHY, purpose_label="Meeting")


def said(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def told(file: casefile.CaseFile) -> str:
    return "\n".join(str(section.as_json()) for section in file.sections)


def secrets_of(case: LoanCase) -> list[str]:
    party = f.signer_of(case)
    held = (party.name, party.id_number, party.phone, case.borrower.identifier, case.borrower.phone)
    return [str(one.reveal()) for one in held]


def test_file_holds_every_section_in_order_and_no_secret(case: LoanCase) -> None:
    file = taken(b.actor_of(Role.LOAN_OFFICER, case.branch), case)
    assert [section.title for section in file.sections] == [
        "The case", "Business and people", "Request", "Visit", "Recommendation", "Ratios and grade", "Decision memo", "Collateral",
        "Conditions", "Signatures", "Contract and who signs it", "Documents", "Timeline",
    ]  # fmt: skip
    whole = told(file)
    assert f.WORDS.purpose in whole
    assert not [secret for secret in secrets_of(case) if secret in whole]


def test_pdf_says_the_same_and_bears_the_takers_mark_on_every_page(seat: Client, case: LoanCase) -> None:
    begun = time.monotonic()
    answer = seat.post(url(case), GIVEN)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{case.number}')
    assert "no-store" in answer["Cache-Control"]
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    handle = str(AuditEvent.objects.latest("id").body).partition('"name":"')[2].partition('"')[0]
    assert all(handle in page.extract_text() and case.number in page.extract_text() for page in pages)
    text = said(answer.content)
    for words in ("Decision memo", "Timeline", "Meeting of 3 December", "Collateral"):
        assert words in text
    assert not [secret for secret in secrets_of(case) if secret in text]
    assert time.monotonic() - begun < 20, "quick enough to be waited for; tests share their machine"


def test_page_to_print_shows_the_same_sections(seat: Client, case: LoanCase) -> None:
    page = seat.post(url(case), {**GIVEN, "form": "print"}).content.decode()
    for words in ("Decision memo", "Timeline", "Meeting of 3 December", "data-print", case.number):
        assert words in page
    assert not [secret for secret in secrets_of(case) if secret in page]


def test_file_speaks_chinese(case: LoanCase) -> None:
    with translation.override("zh-hans"):
        file = taken(b.actor_of(Role.LOAN_OFFICER, case.branch), case)
        assert casefile.case_file_pdf(file, case).startswith(b"%PDF")
    assert "决策" in told(file) or "时间线" in told(file)


def test_taking_it_out_is_on_record_with_its_purpose(seat: Client, case: LoanCase) -> None:
    seat.post(url(case), GIVEN)
    event = AuditEvent.objects.get(action="reports.case_file_taken")
    for words in ("committee", "Meeting of 3 December", '"form":"pdf"', case.number, '"memo"'):
        assert words in event.body
    assert not [secret for secret in secrets_of(case) if secret in event.body]
    opened = set(AuditEvent.objects.filter(id__gt=event.pk).values_list("action", flat=True))
    assert {"applications.read", "approval.memo_opened"} <= opened, "what is opened for it is on record too"


@pytest.mark.parametrize(
    "given",
    [{**GIVEN, "reason": ""}, {**GIVEN, "words": " "}, {**GIVEN, "words": "\u200b"}, {**GIVEN, "form": "docx"},
     {**GIVEN, "words": "x" * 301}, {**GIVEN, "words": "a\x00b"}, {**GIVEN, "reason": "made-up"}],
)  # fmt: skip
def test_without_a_purpose_nothing_is_handed_out(given: dict[str, str], seat: Client, case: LoanCase) -> None:
    answer = seat.post(url(case), given)
    assert answer.status_code == 400
    assert "html" in answer["Content-Type"]
    assert not AuditEvent.objects.filter(action="reports.case_file_taken").exists()


def test_service_asks_for_the_purpose_itself(case: LoanCase) -> None:
    officer = b.actor_of(Role.LOAN_OFFICER, case.branch)
    for form, purpose in (("docx", WHY), ("pdf", Purpose("", "words")), ("pdf", Purpose("committee", " "))):
        with pytest.raises(BadInput):
            casefile.case_file_take(actor=officer, case=case, form=form, purpose=purpose, purpose_label="")


def test_another_branch_finds_nothing_and_that_is_on_record(client: Client, case: LoanCase) -> None:
    stranger = b.account_of(Role.LOAN_OFFICER, people.branch("B2"))
    with pytest.raises(NotVisible):
        taken(people.actor_for(stranger), case)
    people.signed_in(client, stranger)
    assert client.post(url(case), GIVEN).status_code == 404
    assert not AuditEvent.objects.filter(action="reports.case_file_taken", outcome="done").exists()


def test_sections_that_a_reader_may_not_see_are_left_out(case: LoanCase, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = b.actor_of(Role.LOAN_OFFICER, case.branch)
    allowed: Any = casefile.can
    monkeypatch.setattr(
        casefile,
        "can",
        lambda who, permission, obj: permission.value.startswith("workflow.") and allowed(who, permission, obj),
    )
    assert [section.title for section in taken(actor, case).sections] == ["The case", "Request", "Visit", "Timeline"]


def test_a_stale_factor_is_asked_for_a_code_first(seat: Client, case: LoanCase) -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert seat.get(url(case)).status_code == 302
        assert seat.post(url(case), GIVEN).status_code == 403
    assert not AuditEvent.objects.filter(action="reports.case_file_taken").exists()


def test_a_part_that_is_away_says_so_in_its_place(case: LoanCase, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any) -> Any:
        raise Unavailable("The key service does not answer.")

    monkeypatch.setattr(early, "application_read", away)
    file = taken(b.actor_of(Role.LOAN_OFFICER, case.branch), case)
    assert "The key service does not answer." in told(file)
    assert file.sections[-1].title == "Timeline"


def test_young_case_has_a_short_file(case: LoanCase) -> None:
    officer = b.officer(case.branch)
    young = f.draft(officer, branch=case.branch)
    titles = [section.title for section in taken(officer, young).sections]
    assert titles == ["The case", "Business and people", "Request", "Documents", "Timeline"]


def test_what_people_typed_is_plain_text_in_the_pdf(case: LoanCase) -> None:
    officer = b.officer(case.branch)
    words = Words(purpose='#eval("1") *bold* <script> \u202etxt', repayment_source="$x$", narrative="= no heading")
    young = f.draft(officer, branch=case.branch, words=words)
    text = said(casefile.case_file_pdf(taken(officer, young), young))
    assert '#eval("1") *bold* <script>' in text.replace("“", '"').replace("”", '"')
    assert "\u202e" not in text


def test_case_page_leads_to_the_file(seat: Client, case: LoanCase) -> None:
    assert url(case) in seat.get(case.get_absolute_url()).content.decode()
    assert "What is it for?" in seat.get(url(case)).content.decode()
