"""Pages of intake: every one opens, bad input is answered with words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.applications.models import Consent, Document, IdentityCheck, VisitReport
from apps.borrowers.models import Borrower, Interest, Party
from apps.core import clock
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.sending import post, scan, url, went_on
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("ready", "intake"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World) -> Account:
    return world.account


@pytest.fixture
def seat(client: Client, officer: Account, db: None) -> Client:
    people.signed_in(client, officer)
    return client


@pytest.fixture
def draft(world: World, db: None) -> LoanCase:
    """A draft with nothing missing."""
    return world.case("ready")


@pytest.fixture
def sent(world: World, db: None) -> LoanCase:
    """A case in intake, unchecked."""
    return world.case("intake")


# -- every page opens

DRAFT_PAGES = ("stage", "versions", "business", "person_add", "request", "facility_add", "consents", "declaration",
               "document_add", "duplicates_scan", "submit")  # fmt: skip
INTAKE_PAGES = (
    "stage",
    "versions",
    "consents",
    "document_add",
    "duplicates_scan",
    "visit_add",
    "accept",
    "knock_out",
    "correct",
)


@pytest.mark.parametrize("name", DRAFT_PAGES)
def test_page_of_a_draft_opens(name: str, seat: Client, draft: LoanCase) -> None:
    answer = seat.get(url(name, draft))
    assert answer.status_code == 200
    assert draft.number in answer.content.decode()


@pytest.mark.parametrize("name", INTAKE_PAGES)
def test_page_of_intake_opens(name: str, seat: Client, sent: LoanCase) -> None:
    answer = seat.get(url(name, sent))
    assert answer.status_code == 200
    assert sent.number in answer.content.decode()


def test_pages_of_single_rows_open(seat: Client, officer: Account) -> None:
    actor = people.actor_for(officer)
    twin = b.borrower(actor, phone="+8613811112222")
    case = f.case_in_intake(actor, phone="+8613811112222")
    visit = f.visited(actor, case)
    party, consent = f.signer_of(case), Consent.objects.filter(case=case).first()
    finding, paper = case.duplicates.get(other=twin), f.document(actor, case, "licence")
    assert consent is not None
    for name, pk in (
        ("identity", party.pk), ("consent_withdraw", consent.pk), ("duplicate", finding.pk), ("visit", visit.pk),
        ("visit_confirm", visit.pk), ("document_accept", paper.pk), ("document_reject", paper.pk),
    ):  # fmt: skip
        assert seat.get(url(name, case, pk)).status_code == 200, name
        assert seat.get(url(name, case, 10**9)).status_code == 404, name


def test_pages_of_a_drafts_rows_open(seat: Client, officer: Account, draft: LoanCase) -> None:
    party = f.signer_of(draft)
    interest = Interest.objects.filter(party=party).first()
    assert interest is not None
    for name, place in (
        ("person", party.pk),
        ("part_add", party.pk),
        ("part_end", interest.pk),
        ("facility", 1),
        ("facility_remove", 1),
    ):
        assert seat.get(url(name, draft, place)).status_code == 200, name
        assert seat.get(url(name, draft, 10**9)).status_code == 404, name


def test_application_of_another_branch_is_not_there(seat: Client) -> None:
    foreign = f.draft(b.officer(people.branch("B2")), branch=people.branch("B2"))
    for name in ("stage", "versions", "business", "request", "document_add", "submit"):
        assert seat.get(url(name, foreign)).status_code == 404, name


def test_stage_page_shows_masks_and_what_is_missing(seat: Client, sent: LoanCase) -> None:
    shown = seat.get(url("stage", sent)).content.decode()
    assert sent.borrower.identifier.reveal() not in shown
    assert f.signer_of(sent).name.reveal() not in shown
    assert f.WORDS.purpose in shown
    assert "Add the document: Business licence." in shown
    assert "0 of 5 accepted" in shown


def test_stage_page_takes_a_bounded_number_of_queries(
    seat: Client, officer: Account, sent: LoanCase, django_assert_max_num_queries: Any
) -> None:
    actor = people.actor_for(officer)
    case = f.checked(actor, sent)
    for _each in range(3):
        b.party(actor, case.borrower)
        f.visited(actor, case)
    with django_assert_max_num_queries(75):
        seat.get(url("stage", case))


def test_auditor_sees_the_stage_page_without_buttons(client: Client, sent: LoanCase) -> None:
    people.signed_in(client, b.account_of(Role.AUDITOR))
    shown = client.get(url("stage", sent)).content.decode()
    assert url("document_add", sent) not in shown
    assert "/reveal/" not in shown
    assert client.get(url("consents", sent)).status_code == 403


# -- drafts


def test_secrets_are_never_filled_in_and_empty_ones_are_kept(seat: Client, draft: LoanCase) -> None:
    number = draft.borrower.identifier.reveal()
    assert number not in seat.get(url("business", draft)).content.decode()
    went_on(post(seat, "business", draft, legal_name="Renamed Mills", identifier_kind="uscc", industry="Mill"))
    borrower = Borrower.objects.get(pk=draft.borrower_id)
    assert (borrower.legal_name, borrower.identifier.reveal()) == ("Renamed Mills", number)


def test_person_is_changed_by_form(seat: Client, draft: LoanCase) -> None:
    party = f.signer_of(draft)
    went_on(post(seat, "person", draft, party.pk, name="Li Lei", id_kind="ric"))
    assert Party.objects.get(pk=party.pk).name.reveal() == "Li Lei"
    went_on(post(seat, "part_add", draft, party.pk, kind="guarantor"))
    interest = Interest.objects.get(party=party, kind="guarantor")
    went_on(post(seat, "part_end", draft, interest.pk))


def test_request_is_changed_by_form(seat: Client, draft: LoanCase) -> None:
    went_on(post(seat, "request", draft, purpose="Ovens", repayment_source="Sales"))
    went_on(post(seat, "facility_add", draft, kind="new", amount="1,000", term_months="6", repayment="equal_principal"))
    went_on(
        post(seat, "facility", draft, 2, kind="revolving", amount="2000", term_months="6", repayment="equal_principal")
    )
    assert f.again(draft).amount_asked == 802_000
    went_on(post(seat, "facility_remove", draft, 2))
    assert f.again(draft).amount_asked == 800_000


def test_stale_form_is_told_and_keeps_what_was_typed(seat: Client, draft: LoanCase) -> None:
    stale = draft.version
    went_on(post(seat, "request", draft, purpose="First", repayment_source="Sales"))
    answer = seat.post(
        url("request", draft), {"version": stale, "purpose": "Second words", "repayment_source": "Sales"}
    )
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Second words" in shown
    assert f'name="version" value="{f.again(draft).version}"' in shown


def test_double_click_submits_once(seat: Client, draft: LoanCase) -> None:
    version = draft.version
    went_on(seat.post(url("submit", draft), {"version": version}))
    assert seat.post(url("submit", draft), {"version": version}).status_code == 409
    assert f.again(draft).state == "intake"


def test_incomplete_draft_is_told_everything_on_submit(seat: Client, officer: Account) -> None:
    case = f.draft(people.actor_for(officer))
    answer = post(seat, "submit", case)
    assert answer.status_code == 403
    for words in ("Enter the owners and their shares.", "Consent is missing", "has not declared"):
        assert words in answer.content.decode()


# -- documents


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.pdf", b"", "empty"),
        ("photo.png", b"%PDF-1.7\n%%EOF", "ends in"),
        ("cut.png", f.png().getvalue()[:50], "damaged"),
        ("tool.exe", b"MZ" + bytes(100), "type"),
        ("huge.png", f.png().getvalue() + bytes(20 * 2**20), "larger than 20 MB"),
    ],
)
def test_bad_file_is_answered_with_a_sentence(
    name: str, content: bytes, words: str, seat: Client, draft: LoanCase
) -> None:
    upload = SimpleUploadedFile(name, content)
    answer = seat.post(url("document_add", draft), {"code": "licence", "file": upload})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Document.objects.filter(case=draft, code="licence").exists()


def test_document_is_rejected_with_a_reason(seat: Client, officer: Account, sent: LoanCase) -> None:
    actor = people.actor_for(officer)
    paper = f.document(actor, sent, "licence")
    assert seat.post(url("document_reject", sent, paper.pk), {"why": ""}).status_code == 400
    went_on(seat.post(url("document_reject", sent, paper.pk), {"why": "unreadable"}))
    assert "Ask for a better document" in seat.get(url("stage", sent)).content.decode()


# -- checks, visits, knock-outs, corrections


def test_duplicate_is_settled_by_form(seat: Client, officer: Account) -> None:
    actor = people.actor_for(officer)
    far = b.borrower(branch=people.branch("FAR"), phone="+8613811113333")
    case = f.case_in_intake(actor, phone="+8613811113333")
    finding = case.duplicates.get()
    page = seat.get(url("duplicate", case, finding.pk)).content.decode()
    assert far.legal_name not in page
    assert f"borrower {far.pk}" in page
    assert post(seat, "duplicate", case, finding.pk, verdict="unrelated", explanation="no").status_code == 400
    went_on(post(seat, "duplicate", case, finding.pk, verdict="unrelated", explanation="The number was reassigned."))
    went_on(post(seat, "duplicates_scan", case))


def test_visit_is_reported_and_confirmed_by_forms(seat: Client, client: Client, sent: LoanCase) -> None:
    second = b.account_of(Role.CREDIT_ANALYST)
    report = {
        "second_visitor": second.person_id, "visited_at": (clock.now() - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "place": "The mill", "staff_seen": "30", "stock": "Flour", "narrative": "As stated",
    }  # fmt: skip
    missing = post(seat, "visit_add", sent, **report)
    assert missing.status_code == 400
    assert "As stated" in missing.content.decode()
    went_on(post(seat, "visit_add", sent, **report, photographs=[scan("one.png"), scan("two.png")]))
    visit = VisitReport.objects.get()
    assert visit.photographs.count() == 2
    refused = post(seat, "visit_confirm", sent, visit.pk)
    assert refused.status_code == 403
    people.signed_in(client, second)
    assert "Confirm" in client.get(url("visit", sent, visit.pk)).content.decode()
    went_on(post(client, "visit_confirm", sent, visit.pk))


def test_knock_out_is_given_by_form_only_when_it_applies(seat: Client, officer: Account, sent: LoanCase) -> None:
    f.reason("too_young", "knock_out")
    actor = people.actor_for(officer)
    old = sent
    shown = seat.get(url("knock_out", old)).content.decode()
    assert "No policy knock-out applies" in shown
    assert 'name="reasons"' not in shown
    assert ">Decline<" not in shown
    assert post(seat, "knock_out", old, reasons=["too_young"]).status_code == 400
    young = f.case_in_intake(actor, founded_on=clock.today() - dt.timedelta(days=30))
    went_on(post(seat, "knock_out", young, reasons=["too_young"]))
    assert f.again(young).state == "declined"


def test_correction_is_made_by_form_with_a_new_scan(seat: Client, sent: LoanCase) -> None:
    went_on(seat.post(reverse("workflow:claim", args=[sent.number]), {"version": sent.version}))
    shown = seat.get(url("correct", sent)).content.decode()
    assert f.WORDS.purpose in shown
    data = {
        "legal_name": sent.borrower.legal_name, "identifier_kind": "uscc", "industry": "Mill", "founded_on": "2018-05-04",
        "employees": "40", "region": "Jinan", "purpose": "Ovens", "repayment_source": "Sales", "amount_1": "900,000",
        "term_1": "30", "party": f.signer_of(sent).pk, "confirmed_on": clock.today(),
    }  # fmt: skip
    without = post(seat, "correct", sent, **data)
    assert without.status_code == 403
    assert "Attach the signed paper" in without.content.decode()
    went_on(post(seat, "correct", sent, **data, file=scan()))
    assert f.again(sent).amount_asked == Decimal(900_000)
    versions = seat.get(url("versions", sent)).content.decode()
    assert "Business: Employees, Industry" in versions
    assert "CNY 900,000.00" in versions


def test_consent_is_withdrawn_by_form(seat: Client, draft: LoanCase) -> None:
    consent = Consent.objects.filter(case=draft).first()
    assert consent is not None
    went_on(post(seat, "consent_withdraw", draft, consent.pk))
    assert Consent.objects.get(pk=consent.pk).withdrawn_at is not None


def test_identity_check_keeps_what_was_typed(seat: Client, sent: LoanCase) -> None:
    data = {"method": "scanned_document", "checked_on": "2026-02-31", "evidence": "Card 17", "passed": "yes"}
    answer = post(seat, "identity", sent, f.signer_of(sent).pk, **data)
    assert answer.status_code == 400
    assert "Card 17" in answer.content.decode()
    assert not IdentityCheck.objects.exists()


# -- the case page


def test_case_page_shows_purpose_documents_visit_and_masked_borrower(
    seat: Client, officer: Account, sent: LoanCase
) -> None:
    actor = people.actor_for(officer)
    f.visited(actor, sent)
    f.opened(actor, f.document(actor, sent, "licence"))
    shown = seat.get(sent.get_absolute_url()).content.decode()
    for words in (f.WORDS.purpose, "The line ran at 80", "you opened 1 of 4", "/reveal/business/"):
        assert words in shown
    assert sent.borrower.identifier.reveal() not in shown


def test_borrowers_page_lists_its_cases(seat: Client, officer: Account, draft: LoanCase) -> None:
    assert draft.number in seat.get(draft.borrower.get_absolute_url()).content.decode()
