"""Pages of intake: every one opens, the whole way is walked with nothing but forms, bad input is answered with words."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.applications.models import Consent, Document, IdentityCheck, VisitReport
from apps.borrowers.models import Borrower, Interest, Party
from apps.core import clock
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.borrowers import factories as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    return b.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def seat(client: Client, officer: Account) -> Client:
    people.signed_in(client, officer)
    return client


@pytest.fixture
def draft(officer: Account) -> LoanCase:
    return f.ready_draft(people.actor_for(officer))


def url(name: str, case: LoanCase, *rest: object) -> str:
    return reverse(f"applications:{name}", args=[case.number, *rest])


def scan(name: str = "paper.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f.png().getvalue())


def post(seat: Client, page: str, case: LoanCase, /, *rest: object, **data: Any) -> HttpResponse:
    given = {"version": f.again(case).version, **data}
    return seat.post(url(page, case, *rest), given)  # type: ignore[return-value]


def went_on(answer: HttpResponse) -> None:
    assert answer.status_code == 302, answer.content.decode()


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
def test_page_of_intake_opens(name: str, seat: Client, officer: Account) -> None:
    case = f.case_in_intake(people.actor_for(officer))
    answer = seat.get(url(name, case))
    assert answer.status_code == 200
    assert case.number in answer.content.decode()


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


def test_stage_page_shows_masks_and_what_is_missing(seat: Client, officer: Account) -> None:
    actor = people.actor_for(officer)
    case = f.case_in_intake(actor)
    shown = seat.get(url("stage", case)).content.decode()
    assert case.borrower.identifier.reveal() not in shown
    assert f.signer_of(case).name.reveal() not in shown
    assert f.WORDS.purpose in shown
    assert "Add the document: Business licence." in shown
    assert "0 of 5 accepted" in shown


def test_stage_page_takes_a_bounded_number_of_queries(
    seat: Client, officer: Account, django_assert_max_num_queries: Any
) -> None:
    actor = people.actor_for(officer)
    case = f.checked(actor, f.case_in_intake(actor))
    for _each in range(3):
        b.party(actor, case.borrower)
        f.visited(actor, case)
    with django_assert_max_num_queries(75):
        seat.get(url("stage", case))


def test_auditor_sees_the_stage_page_without_buttons(client: Client, officer: Account) -> None:
    case = f.case_in_intake(people.actor_for(officer))
    people.signed_in(client, b.account_of(Role.AUDITOR))
    shown = client.get(url("stage", case)).content.decode()
    assert url("document_add", case) not in shown
    assert "/reveal/" not in shown
    assert client.get(url("consents", case)).status_code == 403


# -- the whole way


def test_case_goes_the_whole_way_through_intake_by_forms(seat: Client, officer: Account) -> None:
    f.product()
    opened = seat.post(reverse("applications:new"), new_application())
    went_on(opened)
    case = LoanCase.objects.get()
    assert opened["Location"] == url("stage", case)
    went_on(
        post(
            seat, "person_add", case, name="Wang Fang", id_kind="ric", id_number=b.ric_number(), share="100", authority="law",
            kind=["owner", "beneficial_owner", "legal_representative", "signer"],
        )
    )  # fmt: skip
    signer = f.signer_of(case)
    went_on(
        post(
            seat, "consents", case, kinds=["bureau", "processing", "sensitive"], party=signer.pk, given_on=clock.today(),
            file=scan(),
        )
    )  # fmt: skip
    went_on(post(seat, "declaration", case, party=signer.pk, signed_on=clock.today(), file=scan()))
    went_on(post(seat, "submit", case))
    assert f.again(case).state == "intake"
    for code in ("licence", "identity", "statements", "bank_statements", "resolution"):
        went_on(seat.post(url("document_add", case), {"code": code, "file": scan()}))
        paper = Document.objects.get(case=case, code=code)
        assert seat.post(url("document_accept", case, paper.pk)).status_code == 403
        assert b"".join(seat.get(url("document", case, paper.pk)).streaming_content) == f.png().getvalue()  # type: ignore[attr-defined]
        went_on(seat.post(url("document_accept", case, paper.pk)))
    went_on(
        post(
            seat,
            "identity",
            case,
            signer.pk,
            method="registry",
            checked_on=clock.today(),
            evidence="Query 1",
            passed="yes",
        )
    )
    went_on(post(seat, "accept", case))
    assert f.again(case).state == "credit_review"


def new_application(**given: Any) -> dict[str, Any]:
    return {
        "branch": people.branch().pk, "legal_name": "Songhua Bakery", "identifier_kind": "uscc", "identifier": b.uscc_number(),
        "industry": "Bakery", "founded_on": "2018-05-04", "employees": "34", "region": "Jinan", "address": "1 Jingshi Road",
        "phone": b.phone_number(), "email": "", "product": f.product().pk, "amount": "800,000.00", "term_months": "24",
        "purpose": "Flour", "repayment_source": "Receivables", **given,
    }  # fmt: skip


def test_known_business_is_not_entered_twice(seat: Client, officer: Account) -> None:
    known = b.borrower(people.actor_for(officer))
    answer = seat.post(reverse("applications:new"), new_application(identifier=known.identifier.reveal()))
    assert answer.status_code == 400
    assert escape(f"This business is known already: {known.legal_name}") in answer.content.decode()
    assert Borrower.objects.count() == 1


def test_application_for_a_known_business_asks_only_for_the_request(seat: Client, officer: Account) -> None:
    known = b.borrower(people.actor_for(officer))
    page = reverse("applications:new") + f"?borrower={known.pk}"
    assert "legal_name" not in seat.get(page).content.decode()
    went_on(seat.post(page, {"product": f.product().pk, "amount": "5000", "term_months": "12"}))
    assert LoanCase.objects.get().borrower_id == known.pk
    foreign = b.borrower(branch=people.branch("B2"))
    assert seat.get(reverse("applications:new") + f"?borrower={foreign.pk}").status_code == 404


def test_without_a_product_the_page_says_what_to_do(seat: Client) -> None:
    assert "No product is offered" in seat.get(reverse("applications:new")).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "0", "above zero"),
        ("amount", "-1", "above zero"),
        ("amount", "1e6", "amount in digits"),
        ("amount", "9" * 30, "too large"),
        ("amount", "1.234", "decimal places"),
        ("amount", "12,34", "begins the decimals"),
        ("amount", "NaN", "amount in digits"),
        ("term_months", "0", "greater than or equal to 1"),
        ("term_months", "601", "less than or equal to 600"),
        ("founded_on", "2026-02-30", "no such day"),
        ("founded_on", "0018-05-04", "four digits"),
        ("founded_on", "2999-01-01", "in the past"),
        ("identifier", "91370100MA3000007X", "Characters 9 to 17"),
        ("identifier", "9137", "It has 18 characters; you typed 4"),
        ("phone", "call me", "phone number"),
        ("email", "x", "e-mail address"),
        ("legal_name", "Bakery\x00", "Null characters"),
        ("legal_name", "Bakery\x07", "cannot be stored"),
        ("product", "999999", "valid choice"),
        ("branch", "999999", "valid choice"),
    ],
)
def test_bad_application_is_told_what_is_wrong_and_keeps_what_was_typed(
    field: str, value: str, words: str, seat: Client
) -> None:
    answer = seat.post(reverse("applications:new"), new_application(**{field: value}))
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert words in shown
    assert "Receivables" in shown
    assert not LoanCase.objects.exists()


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


def test_document_is_shown_or_saved_and_never_cached(seat: Client, officer: Account, draft: LoanCase) -> None:
    paper = f.document(people.actor_for(officer), draft, "licence")
    shown = seat.get(url("document", draft, paper.pk))
    assert shown["Content-Disposition"] == 'inline; filename="licence.png"'
    assert "no-store" in shown["Cache-Control"]
    assert int(shown["Content-Length"]) == len(b"".join(shown.streaming_content))  # type: ignore[attr-defined]
    saved = seat.get(url("document", draft, paper.pk) + "?download=1")
    assert saved["Content-Disposition"].startswith("attachment")


def test_document_is_rejected_with_a_reason(seat: Client, officer: Account) -> None:
    actor = people.actor_for(officer)
    case = f.case_in_intake(actor)
    paper = f.document(actor, case, "licence")
    assert seat.post(url("document_reject", case, paper.pk), {"why": ""}).status_code == 400
    went_on(seat.post(url("document_reject", case, paper.pk), {"why": "unreadable"}))
    assert "Ask for a better document" in seat.get(url("stage", case)).content.decode()


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


def test_visit_is_reported_and_confirmed_by_forms(seat: Client, officer: Account, client: Client) -> None:
    case = f.case_in_intake(people.actor_for(officer))
    second = b.account_of(Role.CREDIT_ANALYST)
    report = {
        "second_visitor": second.person_id, "visited_at": (clock.now() - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "place": "The mill", "staff_seen": "30", "stock": "Flour", "narrative": "As stated",
    }  # fmt: skip
    missing = post(seat, "visit_add", case, **report)
    assert missing.status_code == 400
    assert "As stated" in missing.content.decode()
    went_on(post(seat, "visit_add", case, **report, photographs=[scan("one.png"), scan("two.png")]))
    visit = VisitReport.objects.get()
    assert visit.photographs.count() == 2
    refused = post(seat, "visit_confirm", case, visit.pk)
    assert refused.status_code == 403
    people.signed_in(client, second)
    assert "Confirm" in client.get(url("visit", case, visit.pk)).content.decode()
    went_on(post(client, "visit_confirm", case, visit.pk))


def test_knock_out_is_given_by_form_only_when_it_applies(seat: Client, officer: Account) -> None:
    f.reason("too_young", "knock_out")
    actor = people.actor_for(officer)
    old = f.case_in_intake(actor)
    assert "No policy knock-out applies" in seat.get(url("knock_out", old)).content.decode()
    assert post(seat, "knock_out", old, reasons=["too_young"]).status_code == 400
    young = f.case_in_intake(actor, founded_on=clock.today() - dt.timedelta(days=30))
    went_on(post(seat, "knock_out", young, reasons=["too_young"]))
    assert f.again(young).state == "declined"


def test_correction_is_made_by_form_with_a_new_scan(seat: Client, officer: Account) -> None:
    case = f.case_in_intake(people.actor_for(officer))
    went_on(seat.post(reverse("workflow:claim", args=[case.number]), {"version": case.version}))
    shown = seat.get(url("correct", case)).content.decode()
    assert f.WORDS.purpose in shown
    data = {
        "legal_name": case.borrower.legal_name, "identifier_kind": "uscc", "industry": "Mill", "founded_on": "2018-05-04",
        "employees": "40", "region": "Jinan", "purpose": "Ovens", "repayment_source": "Sales", "amount_1": "900,000",
        "term_1": "30", "party": f.signer_of(case).pk, "confirmed_on": clock.today(),
    }  # fmt: skip
    without = post(seat, "correct", case, **data)
    assert without.status_code == 403
    assert "Attach the signed paper" in without.content.decode()
    went_on(post(seat, "correct", case, **data, file=scan()))
    assert f.again(case).amount_asked == Decimal(900_000)
    versions = seat.get(url("versions", case)).content.decode()
    assert "business.employees" in versions
    assert "40" not in versions.split("business.employees")[1][:40]


def test_consent_is_withdrawn_by_form(seat: Client, draft: LoanCase) -> None:
    consent = Consent.objects.filter(case=draft).first()
    assert consent is not None
    went_on(post(seat, "consent_withdraw", draft, consent.pk))
    assert Consent.objects.get(pk=consent.pk).withdrawn_at is not None


def test_identity_check_keeps_what_was_typed(seat: Client, officer: Account) -> None:
    case = f.case_in_intake(people.actor_for(officer))
    data = {"method": "scanned_document", "checked_on": "2026-02-31", "evidence": "Card 17", "passed": "yes"}
    answer = post(seat, "identity", case, f.signer_of(case).pk, **data)
    assert answer.status_code == 400
    assert "Card 17" in answer.content.decode()
    assert not IdentityCheck.objects.exists()


# -- the case page


def test_case_page_shows_purpose_documents_visit_and_masked_borrower(seat: Client, officer: Account) -> None:
    actor = people.actor_for(officer)
    case = f.case_in_intake(actor)
    f.visited(actor, case)
    f.opened(actor, f.document(actor, case, "licence"))
    shown = seat.get(case.get_absolute_url()).content.decode()
    for words in (f.WORDS.purpose, "The line ran at 80", "you opened 1 of 4", "/reveal/business/"):
        assert words in shown
    assert case.borrower.identifier.reveal() not in shown


def test_borrowers_page_lists_its_cases(seat: Client, officer: Account, draft: LoanCase) -> None:
    assert draft.number in seat.get(draft.borrower.get_absolute_url()).content.decode()


# -- hostile words


def hostile(shared: Path) -> list[str]:
    return list(json.loads((shared / "vectors/hostile/blns.json").read_text()))


def test_hostile_words_make_no_application_by_halves(shared: Path, seat: Client) -> None:
    for text in hostile(shared)[::9]:
        before = (Borrower.objects.count(), LoanCase.objects.count())
        answer = seat.post(
            reverse("applications:new"),
            new_application(legal_name=text, industry=text, purpose=text, phone=b.phone_number()),
        )
        after = (Borrower.objects.count(), LoanCase.objects.count())
        assert answer.status_code in (302, 400), text
        assert (after == before) if answer.status_code == 400 else (after == (before[0] + 1, before[1] + 1))
