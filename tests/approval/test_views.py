"""Pages of approval: who reaches them, what they show, what they cost, and what they answer to bad input."""

import io
import json
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Account, SessionRecord
from apps.approval import services
from apps.approval.models import Condition, DeclineDecision, Letter, Offer, Signature
from apps.approval.selectors import memo_live
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import ONE, TWO, approver, approver_account, case_needing, paper, policy, signed
from tests.workflow import factories as workflow
from tests.workflow.factories import reason
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """A case in approval, one that is offered, approvers of two levels, an officer."""

    case: LoanCase
    offered: LoanCase
    first: Account
    second: Account
    officer: Account


def build() -> World:
    """Two cases and the people who look at them."""
    policy()
    place = people.branch()
    reason("decline", "weak-cover", name_en="Debt service is not covered")
    reason("return", "figures-unclear")
    officer = people.staff("loan_officer", place)
    actor = people.actor_for(officer)
    case = signed(case_needing(ONE, TWO, officer=actor), approver(ONE), "The season is <short> & sweet.")
    offered = signed(case_needing(ONE, officer=actor), approver(ONE))
    return World(case, offered, approver_account(ONE), approver_account(TWO), officer)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def url(name: str, case: LoanCase, *more: Any) -> str:
    """Address of a page about a case."""
    return reverse(f"approval:{name}", args=[case.number, *more])


def text_of(response: Any) -> str:
    """A page's text without entities."""
    return unescape(response.content.decode())


@pytest.fixture
def as_second(client: Client, world: World) -> Client:
    """A browser of the second approver, whose factor is fresh."""
    people.signed_in(client, world.second)
    return client


@pytest.fixture
def as_officer(client: Client, world: World) -> Client:
    """A browser of the officer."""
    people.signed_in(client, world.officer)
    return client


def sign_data(client: Client, case: LoanCase, **given: Any) -> dict[str, Any]:
    """What the sign page's form would send."""
    form = client.get(url("sign", case)).context["form"]
    return {
        "version": form.initial["version"],
        "challenge": form.initial["challenge"],
        "comment": "",
        "one_time_code": "",
        **given,
    }


# --- the memo ---


def test_the_memo_shows_table_reasons_words_comments_and_conditions(as_second: Client, world: World):
    text = text_of(as_second.get(url("memo", world.case)))
    for words in (
        world.case.borrower.legal_name, "Requested", "Policy limit", "within", "Why grade", "A steady bakery", "Their contracts run",
        "Flour and packaging", "The line ran at 80 %", "Accounts of the business kept with us", "1 of 2", "Review and sign…",
        "Return or decline…", "before payout", "200,000",
    ):  # fmt: skip
        assert words in text, words
    assert "The season is <short> & sweet." in text
    assert "<short>" not in as_second.get(url("memo", world.case)).content.decode()


def test_opening_the_memo_is_on_record(as_second: Client, world: World):
    before = AuditEvent.objects.count()
    as_second.get(url("memo", world.case))
    event = json.loads(AuditEvent.objects.order_by("-id").first().body)
    assert AuditEvent.objects.count() == before + 1
    assert (event["action"], event["case"]) == (Tag.MEMO_OPENED, world.case.number)


def test_the_memo_of_a_case_without_one_says_when_it_comes(as_officer: Client, world: World):
    draft = workflow.case(world.officer)
    assert "frozen when the case enters approval" in text_of(as_officer.get(url("memo", draft)))


def test_an_earlier_memo_is_shown_as_void(as_second: Client, world: World):
    as_second.post(
        url("condition_add", world.case), {"version": again(world.case).version, "code": "equity_paid", "detail": ""}
    )
    text = text_of(as_second.get(url("memo_numbered", world.case, 1)))
    assert "This memo is void" in text
    assert "Review and sign" not in text
    now = text_of(as_second.get(url("memo", world.case)))
    assert "Own funds paid in" in now
    assert "What changed against the memo before" in now
    assert as_second.get(url("memo_numbered", world.case, 9)).status_code == 302


def test_refreshing_an_unchanged_memo_says_so(as_second: Client, world: World):
    response = as_second.post(url("refresh", world.case), follow=True)
    assert "Nothing in the memo has changed." in text_of(response)


def test_pages_cost_a_fixed_number_of_queries(
    as_second: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
):
    for name, most in (("memo", 90), ("sign", 65), ("decline", 15), ("return", 16), ("offer", 22)):
        with django_assert_max_num_queries(most):
            as_second.get(url(name, world.case))
    with django_assert_max_num_queries(14):
        as_second.get(reverse("approval:policy"))


def test_the_policy_page_shows_matrix_limits_and_conditions(as_second: Client):
    text = text_of(as_second.get(reverse("approval:policy")))
    for words in ("Approver, level 1", "2 signatures", "CNY\u00a0200,000", "Loan contract signed and in force"):
        assert words in text


# --- signing ---


def test_the_sign_page_says_exactly_what_is_signed(as_second: Client, world: World):
    response = as_second.get(url("sign", world.case))
    text, shown = text_of(response), response.context["shown"]
    for words in (
        "CNY\u00a0200,000.00", world.case.borrower.legal_name, world.case.number, "24 months", "5.35", shown.decision.fingerprint,
        "What would make your signature void", "no code is needed until", "Yours is the last signature needed", "As Approver, level 2",
    ):  # fmt: skip
        assert words in text, words
    assert "Decline" not in text
    assert "Return to" not in text


def test_signing_with_a_fresh_factor(as_second: Client, world: World):
    response = as_second.post(url("sign", world.case), sign_data(as_second, world.case, comment="Agreed."))
    assert response.status_code == 302
    assert again(world.case).state == "offered"
    assert Signature.objects.get(case=world.case, person=world.second.person).comment.reveal() == "Agreed."


def grow_old(client: Client, account: Account) -> None:
    """Let the session's factor be ten minutes old."""
    with act(actor=people.SETUP):
        session = SessionRecord.objects.get(account=account, ended_at=None)
        session.factor_at -= people.rules.QUARTER
        session.save()
        record(Tag.FACTOR_PROVED, actor=people.SETUP, subject=session)


def test_an_old_factor_is_asked_for_in_place_and_nothing_typed_is_lost(as_second: Client, world: World):
    grow_old(as_second, world.second)
    data = sign_data(as_second, world.case, comment="Kept words")
    asked = as_second.post(url("sign", world.case), data)
    assert "Kept words" in text_of(asked)
    assert again(world.case).state == "approval"
    again_sent = {**data, "one_time_code": people.code_for(world.second)}
    assert as_second.post(url("sign", world.case), again_sent).status_code == 302
    assert again(world.case).state == "offered"


def test_no_code_is_asked_for_while_the_last_one_counts(as_second: Client, world: World):
    fresh = text_of(as_second.get(url("sign", world.case)))
    assert 'name="one_time_code"' not in fresh
    assert "no code is needed until" in fresh
    grow_old(as_second, world.second)
    assert 'name="one_time_code"' in text_of(as_second.get(url("sign", world.case)))


def test_whoever_has_signed_reads_what_came_of_it(as_second: Client, world: World):
    done = as_second.post(url("sign", world.case), sign_data(as_second, world.case), follow=True)
    text = " ".join(text_of(done).split())
    assert "Signed; the offer went to the borrower." in text
    assert "· approved CNY" in text
    assert "· to sign CNY" not in text
    more, first = case_needing(ONE, TWO), Client()
    people.signed_in(first, approver_account(ONE))
    done = first.post(url("sign", more), sign_data(first, more), follow=True)
    assert "Signed. Still to sign: Approver, level 2." in text_of(done)
    assert "to sign CNY" in " ".join(text_of(done).split())


def test_a_code_counts_once(as_second: Client, world: World):
    grow_old(as_second, world.second)
    code = people.code_for(world.second)
    as_second.post(url("sign", world.case), sign_data(as_second, world.case, version=1, one_time_code=code))
    refused = as_second.post(url("sign", world.case), sign_data(as_second, world.case, one_time_code=code))
    assert refused.status_code == 403
    assert again(world.case).state == "approval"


@pytest.mark.parametrize("code", ["000000", "abc", "１２３４５６", "' OR 1=1", "9" * 400])
def test_a_wrong_code_signs_nothing(as_second: Client, world: World, code: str):
    refused = as_second.post(url("sign", world.case), sign_data(as_second, world.case, one_time_code=code))
    assert refused.status_code == 403
    assert again(world.case).state == "approval"


def test_a_second_click_is_answered_with_what_happened(as_second: Client, world: World):
    data = sign_data(as_second, world.case)
    as_second.post(url("sign", world.case), data)
    second = as_second.post(url("sign", world.case), data)
    assert second.status_code in {403, 409}
    assert Signature.objects.filter(case=world.case, voided_at=None).count() == 2


def test_a_stale_page_is_shown_anew_with_the_comment_kept(as_second: Client, world: World):
    data = sign_data(as_second, world.case, comment="My long comment")
    other = approver("approver_3")
    services.condition_add(actor=other, case=world.case, version=again(world.case).version, code="equity_paid")
    response = as_second.post(url("sign", world.case), data)
    text = text_of(response)
    assert response.status_code in {403, 409}
    assert "Nothing was signed" in text
    assert "My long comment" in text
    assert "Own funds paid in" in text
    assert memo_live(world.case).number == 2


@pytest.mark.parametrize(
    "change", [{"challenge": ""}, {"version": ""}, {"version": "x"}, {"version": "-1"}, {"version": str(2**40)}]
)
def test_a_mangled_form_signs_nothing(as_second: Client, world: World, change: dict[str, str]):
    response = as_second.post(url("sign", world.case), sign_data(as_second, world.case, **change))
    assert response.status_code == 400
    assert again(world.case).state == "approval"


def test_who_may_not_sign_is_told_why_and_gets_no_form(client: Client, world: World):
    people.signed_in(client, world.first)
    response = client.get(url("sign", world.case))
    assert response.status_code == 403
    assert "You are level 1; this needs level" in text_of(response)
    assert "form" not in response.context or response.context.get("form") is None
    kept = json.loads(AuditEvent.objects.filter(outcome="refused").latest("id").body)
    assert (kept["guard"], kept["case"], kept["account"]) == ("authority", world.case.number, world.first.pk)
    assert kept["note"]["view"] == "approval:sign"


# --- deciding against ---


def test_declining_from_the_page(as_second: Client, world: World):
    assert "Debt service is not covered" in text_of(as_second.get(url("decline", world.case)))
    data = {"version": again(world.case).version, "reasons": ["weak-cover"], "dissent": "No."}
    assert as_second.post(url("decline", world.case), data).status_code == 302
    assert again(world.case).state == "declined"
    letter = Letter.objects.get(case=world.case, language="en")
    opened = as_second.get(url("letter", world.case, letter.pk))
    assert opened["Content-Type"] == "application/pdf"
    assert (
        "Debt service is not covered"
        in PdfReader(io.BytesIO(b"".join(opened.streaming_content))).pages[0].extract_text()
    )


def test_declining_without_a_reason_keeps_what_was_typed(as_second: Client, world: World):
    response = as_second.post(
        url("decline", world.case), {"version": again(world.case).version, "dissent": "Long words"}
    )
    assert response.status_code == 400
    assert "Long words" in text_of(response)
    assert not DeclineDecision.objects.exists()


def test_referring_from_the_page(client: Client, world: World):
    people.signed_in(client, world.first)
    data = {"version": again(world.case).version, "dissent": "Not at this price."}
    assert client.post(url("refer", world.case), data).status_code == 302
    assert "Not at this price." in text_of(client.get(url("memo", world.case)))


def test_returning_from_the_page(as_second: Client, world: World):
    data = {
        "version": again(world.case).version,
        "to": "credit_review",
        "reasons": ["figures-unclear"],
        "questions": "Which?",
    }
    assert as_second.post(url("return", world.case), data).status_code == 302
    assert again(world.case).state == "credit_review"
    assert "This memo is void" in text_of(as_second.get(url("memo", world.case)))


@pytest.mark.parametrize("name", ["amend", "revoke"])
def test_taking_back_from_the_page(as_second: Client, world: World, name: str):
    data = {"version": world.offered.version, "why": "Wrong valuation."}
    assert as_second.post(url(name, world.offered), data).status_code == 302
    assert again(world.offered).state == "approval"


def test_a_stale_decline_tells_who_was_faster(as_second: Client, world: World):
    response = as_second.post(url("decline", world.case), {"version": 1, "reasons": ["weak-cover"], "dissent": "Typed"})
    assert response.status_code == 409
    assert "Somebody was faster" in text_of(response)
    assert "Typed" in text_of(response)


# --- conditions ---


def test_removing_a_condition_from_the_page(as_second: Client, world: World):
    condition = Condition.objects.get(case=world.case, code="resolution")
    assert condition.text_en in text_of(as_second.get(url("condition_remove", world.case, condition.pk)))
    data = {"version": again(world.case).version}
    assert as_second.post(url("condition_remove", world.case, condition.pk), data).status_code == 302
    assert as_second.get(url("condition_remove", world.case, condition.pk)).status_code == 404


# --- the offer ---


def upload(given: Any) -> Any:
    """A paper as a browser sends it."""
    given.stream.name = given.name
    return given.stream


def test_the_offer_page_shows_terms_end_and_letters(as_officer: Client, world: World):
    text = text_of(as_officer.get(url("offer", world.offered)))
    for words in ("CNY\u00a0100,000.00", "stands through", "Letter of offer", "Record the borrower's acceptance"):
        assert words in text


def test_accepting_on_paper_from_the_page(as_officer: Client, world: World):
    data = {"version": again(world.offered).version, "paper": upload(paper())}
    assert as_officer.post(url("accept", world.offered), data).status_code == 302
    assert again(world.offered).state == "contracting"


def test_a_counter_offer_from_the_page(as_officer: Client, world: World):
    assert "Facility 1: amount, CNY" in text_of(as_officer.get(url("negotiate", world.offered)))
    data = {
        "version": again(world.offered).version, "amount_1": "90,000.00", "term_1": "36", "rate_1": "5.35", "words": "Less.",
        "paper": upload(paper()),
    }  # fmt: skip
    assert as_officer.post(url("negotiate", world.offered), data).status_code == 302
    assert Offer.objects.get(case=world.offered).asked == [{"position": 1, "amount": "90000.00", "term": 36}]
    assert "asked by the borrower" in text_of(as_officer.get(url("offer", world.offered)))
    assert as_officer.get(url("negotiate", world.offered)).status_code == 302


FILES = {
    "nothing": b"", "text": b"hello", "truncated": b"%PDF-1.7\n1 0 obj", "html": b"<html><script>alert(1)</script>", "nul": b"\x00" * 64,
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_file_that_is_no_paper_is_refused_beside_its_field(as_officer: Client, world: World, kind: str):
    stream = io.BytesIO(FILES[kind])
    stream.name = "signed.pdf"
    response = as_officer.post(url("accept", world.offered), {"version": again(world.offered).version, "paper": stream})
    assert response.status_code == 400
    assert response.context["form"].errors["paper"]
    assert again(world.offered).state == "offered"


@pytest.mark.parametrize(
    "amount", ["0", "-1", "1e9", "100000000000000", "12,34,56", "abc", "1.234", "NaN", "Infinity", "١٢٣"]
)
def test_a_wrong_amount_is_named_beside_its_field(as_officer: Client, world: World, amount: str):
    data = {
        "version": again(world.offered).version,
        "amount_1": amount,
        "term_1": "24",
        "rate_1": "5",
        "paper": upload(paper()),
    }
    response = as_officer.post(url("negotiate", world.offered), data)
    assert response.status_code == 400
    assert response.context["form"].errors["amount_1"]


# --- who reaches what ---

PAGES = (
    "memo",
    "sign",
    "decline",
    "refer",
    "return",
    "amend",
    "revoke",
    "offer",
    "accept",
    "negotiate",
    "condition_add",
    "refresh",
)


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_sign_in(client: Client, world: World, name: str):
    response = client.post(url(name, world.case))
    assert response.status_code == 302
    assert "sign-in" in response["Location"] or "sign_in" in response["Location"]


@pytest.mark.parametrize("name", PAGES)
def test_another_branch_finds_nothing_here(client: Client, world: World, name: str):
    place = people.branch("JN")
    people.signed_in(client, people.staff([ONE, "loan_officer"] if name in {"accept", "negotiate"} else ONE, place))
    asked = client.get if name in {"memo", "offer"} else client.post
    assert asked(url(name, world.case)).status_code == 404


@pytest.mark.parametrize("name", ["sign", "decline", "refer", "return", "amend", "revoke", "condition_add"])
def test_roles_that_do_not_approve_do_not_get_in(as_officer: Client, world: World, name: str):
    assert as_officer.get(url(name, world.case)).status_code == 403


@pytest.mark.parametrize("name", ["sign", "decline", "accept"])
def test_a_case_that_is_not_there_is_not_found(client: Client, world: World, name: str):
    people.signed_in(client, people.staff([ONE, "loan_officer"], people.branch()))
    assert client.get(reverse(f"approval:{name}", args=["LF-1999-000001"])).status_code == 404


def test_a_letter_of_another_case_is_not_found(as_officer: Client, world: World):
    letter = Letter.objects.filter(case=world.offered).first()
    assert as_officer.get(url("letter", world.case, letter.pk)).status_code == 404


# --- naughty strings ---


def test_a_naughty_comment_is_kept_but_for_what_nobody_sees_and_shown_harmless(as_second: Client, world: World):
    words = "<script>alert('x')</script> ﷽ Ω≈ç√ {{ 7*7 }} \u202eevil"
    as_second.post(url("sign", world.case), sign_data(as_second, world.case, comment=words))
    signature = Signature.objects.get(case=world.case, person=world.second.person)
    assert signature.comment.reveal() == words.replace("\u202e", "")
    page = as_second.get(url("memo", world.case)).content.decode()
    assert "<script>alert('x')" not in page
    assert "{{ 7*7 }}" in page


# --- the case page ---


def test_the_case_page_shows_memo_signatures_policy_and_conditions(as_second: Client, world: World):
    text = text_of(as_second.get(world.case.get_absolute_url()))
    for words in (
        "Decision memo",
        "policy v",
        "Signatures",
        "1 of 2",
        "Approver, level 2",
        "class B",
        "Loan contract signed",
        "before payout",
    ):
        assert words in text, words


def test_the_case_page_shows_the_offer_and_its_letters(as_officer: Client, world: World):
    text = text_of(as_officer.get(world.offered.get_absolute_url()))
    for words in ("stands through", "Letter of offer, English", "Letter of offer, Simplified Chinese"):
        assert words in text


def test_the_case_page_opens_no_memo(as_second: Client, world: World):
    as_second.get(world.case.get_absolute_url())
    assert not AuditEvent.objects.filter(body__contains=f'"{Tag.MEMO_OPENED.value}"').exists()
