"""The page of a new application and the whole way from it through intake, with nothing but forms; bad input is answered with words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.applications.models import Document
from apps.borrowers.models import Borrower
from apps.core import clock
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.sending import post, scan, url, went_on
from tests.borrowers import factories as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    return b.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def seat(client: Client, officer: Account) -> Client:
    people.signed_in(client, officer)
    return client


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
        assert seat.get(url("document", case, paper.pk)).status_code == 200
        assert b"".join(seat.get(url("document_file", case, paper.pk)).streaming_content) == f.png().getvalue()  # type: ignore[attr-defined]
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
