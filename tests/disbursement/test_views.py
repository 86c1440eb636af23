"""The pages of contract, conditions and payments: for whom they open, what they do, what they say."""

from __future__ import annotations

import html
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.core import clock
from apps.disbursement import forms, services
from apps.disbursement.models import ConditionEvidence, Drawdown, DrawdownState, EvidenceOpening, PaymentOrder
from apps.disbursement.selectors import contract_live
from tests.accounts import factories as people
from tests.disbursement import factories, worlds
from tests.disbursement.factories import BANK
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(worlds.payout)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
SOME = "50,000.00"


def url(name: str, world: World, *args: Any) -> str:
    """Address of a page of the case."""
    return reverse(f"disbursement:{name}", args=[world.at.number, *args])


def seat(world: World, who: str) -> Client:
    """A client signed in as a member of staff."""
    client = Client()
    people.signed_in(client, world.accounts[who])
    return client


def said(response: Any) -> str:
    """Words of a page."""
    return html.unescape(response.content.decode())


def upload(name: str = "invoice.pdf") -> SimpleUploadedFile:
    """A scanned page as a browser sends it."""
    return SimpleUploadedFile(name, factories.scan().stream.read(), "application/pdf")


def draw(world: World, **given: Any) -> dict[str, Any]:
    """What the maker types."""
    assert world.payee is not None
    facts = {
        "version": world.case.version, "facility": world.case.facilities.get().pk, "amount": SOME, "payee": world.payee.pk,
        "purpose": "Flour",
    }  # fmt: skip
    return {**facts, **given}


def prepared(world: World, amount: Decimal = Decimal(50_000)) -> Drawdown:
    """A prepared payment."""
    return factories.prepared(world.actor("maker"), world.case, amount, world.payee)


def sent(world: World) -> Drawdown:
    """A payment at the bank."""
    drawdown = prepared(world)
    services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)
    services.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    return Drawdown.objects.get(pk=drawdown.pk)


def test_the_pages_lead_a_payment_from_maker_to_bank(world: World):
    maker = seat(world, "maker")
    answer = maker.post(url("prepare", world), draw(world))
    assert (answer.status_code, answer["Location"]) == (302, url("payments", world))
    drawdown = Drawdown.objects.get(case=world.at)
    assert drawdown.amount == 50_000
    checker = seat(world, "checker")
    looked = checker.get(url("release", world, drawdown.pk))
    page = said(looked)
    assert "CNY\xa050,000.00" in page
    assert drawdown.order.end_to_end_id in page
    assert "6222021234567894419" not in page
    typed = {"version": world.case.version, "challenge": looked.context["signing"].challenge}
    assert checker.post(url("release", world, drawdown.pk), typed).status_code == 302
    services.order_send(actor=BANK, order=PaymentOrder.objects.get(drawdown=drawdown))
    keeper = seat(world, "keeper")
    confirmed = keeper.post(
        url("confirm", world, drawdown.pk), {"answer": "paid", "value_on": clock.today(), "bank_reference": "B-1"}
    )
    assert confirmed.status_code == 302
    assert world.case.state == "active"
    assert "LN-" in said(keeper.get(world.at.get_absolute_url()))


PAGES = {
    "payments": ((), {"maker", "checker", "keeper", "officer", "lead", "reviewer", "auditor"}),
    "prepare": ((), {"maker"}),
    "contract": ((), {"maker", "checker", "keeper", "officer", "lead", "reviewer", "auditor"}),
    "contract_make": ((), {"officer"}),
    "contract_conclude": ((), {"lead"}),
    "conditions": ((), {"maker", "checker", "keeper", "officer", "lead", "reviewer", "auditor"}),
    "conditions_meet": ((), {"reviewer"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_opens_for_its_roles_and_for_nobody_else(world: World, name: str):
    args, allowed = PAGES[name]
    for who in worlds.ROLES:
        status = seat(world, who).get(url(name, world, *args)).status_code
        assert (status == 200) == (who in allowed), (name, who, status)
    assert Client().get(url(name, world, *args)).status_code == 302


def test_pages_of_a_payment_open_for_their_roles_only(world: World):
    drawdown = prepared(world)
    for name, allowed in (("release", "checker"), ("confirm", "keeper")):
        for who in worlds.ROLES:
            status = seat(world, who).get(url(name, world, drawdown.pk)).status_code
            assert (status == 200) == (who == allowed), (name, who, status)
    assert seat(world, "maker").get(url("cancel", world, drawdown.pk)).status_code == 405


def test_a_stranger_of_another_branch_is_told_that_nothing_is_here(world: World):
    client = Client()
    people.signed_in(client, people.staff("payment_maker", people.branch("FAR")))
    for name in ("payments", "prepare", "contract", "conditions"):
        assert client.get(url(name, world)).status_code == 404


@pytest.mark.parametrize("number", [10**9, 2**63 - 1, 2**63, 10**30])
def test_a_payment_that_is_not_there_is_a_page_of_404(world: World, number: int):
    for who, name in (("checker", "release"), ("keeper", "confirm")):
        assert seat(world, who).get(url(name, world, number)).status_code == 404
    for sort in ("evidence", "signature", "invoice"):
        assert seat(world, "auditor").get(url("paper", world, sort, number)).status_code == 404
    assert seat(world, "maker").post(url("cancel", world, number)).status_code == 404


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "above zero"), ("-5", "above zero"), ("1e5", "in digits"), ("1.005", "2 decimal places"), ("9" * 30, "too large"), ("1,00", "begins the decimals"),
     ("", "required"), ("５０，０００", ""), ("NaN", "in digits"), ("99,999,999", "approved amount is left")],
)  # fmt: skip
def test_amounts_are_read_or_refused_in_words_and_kept(world: World, amount: str, words: str):
    answer = seat(world, "maker").post(url("prepare", world), draw(world, amount=amount))
    if not words:
        assert answer.status_code == 302
        return
    assert 400 <= answer.status_code < 500
    assert words in said(answer)
    assert f'value="{amount}"' in said(answer) or not amount
    assert not Drawdown.objects.filter(case=world.at).exists()


def test_a_stale_page_says_so_and_keeps_what_was_typed(world: World):
    typed = draw(world, purpose="Rye and wheat")
    prepared(world)
    answer = seat(world, "maker").post(url("prepare", world), typed)
    assert answer.status_code == 409
    assert "Rye and wheat" in said(answer)
    assert "Somebody was faster" in said(answer)


def test_a_second_click_releases_nothing_twice(world: World):
    drawdown, client = prepared(world), seat(world, "checker")
    looked = client.get(url("release", world, drawdown.pk))
    typed = {"version": world.case.version, "challenge": looked.context["signing"].challenge}
    first = client.post(url("release", world, drawdown.pk), typed)
    second = client.post(url("release", world, drawdown.pk), typed)
    assert (first.status_code, second.status_code) == (302, 409), "what was signed once is not signed twice"
    anew = client.get(url("release", world, drawdown.pk)).context["signing"].challenge
    third = client.post(url("release", world, drawdown.pk), {"version": world.case.version, "challenge": anew})
    assert third.status_code == 403
    assert AuditEvent.objects.filter(action="disbursement.order_released").count() == 1


def test_a_payment_is_taken_back_from_its_list(world: World):
    drawdown, client = prepared(world), seat(world, "maker")
    assert "Take back" in said(client.get(url("payments", world)))
    assert client.post(url("cancel", world, drawdown.pk)).status_code == 302
    drawdown.refresh_from_db()
    assert drawdown.state == DrawdownState.CANCELLED


def test_a_supplier_is_paid_on_its_invoice_which_can_be_opened(world: World):
    supplier = factories.account_verified(world.case, supplier=True, number="6222021234567894427")
    client = seat(world, "maker")
    refused = client.post(url("prepare", world), draw(world, payee=supplier.pk))
    assert refused.status_code == 403
    assert "invoice" in said(refused)
    typed = {
        "supplier": world.at.borrower.legal_name,
        "invoice_number": "INV-1",
        "invoice_amount": "80,000",
        "invoice_currency": "CNY",
    }
    half = client.post(
        url("prepare", world), draw(world, payee=supplier.pk, **{**typed, "invoice_amount": ""}, invoice=upload())
    )
    assert (half.status_code, "INV-1" in said(half), "Enter the invoice" in said(half)) == (400, True, True)
    small = client.post(
        url("prepare", world), draw(world, payee=supplier.pk, **{**typed, "invoice_amount": "10"}, invoice=upload())
    )
    assert (small.status_code, "10.00 of the invoice is unpaid" in said(small)) == (403, True)
    assert (
        client.post(url("prepare", world), draw(world, payee=supplier.pk, **typed, invoice=upload())).status_code == 302
    )
    drawdown = Drawdown.objects.get(case=world.at)
    opened = seat(world, "checker").get(url("paper_file", world, "invoice", drawdown.pk))
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert opened["Content-Disposition"].startswith("attachment")
    page = said(seat(world, "checker").get(url("release", world, drawdown.pk)))
    assert "80,000.00" in page
    assert url("paper", world, "invoice", drawdown.pk) in page
    again = said(client.get(url("prepare", world)))
    assert "30,000.00 unpaid" in again
    both = client.post(
        url("prepare", world), draw(world, payee=supplier.pk, bill=drawdown.bill_id, **typed, invoice=upload())
    )
    assert (both.status_code, "not both" in said(both)) == (400, True)
    rest = client.post(url("prepare", world), draw(world, payee=supplier.pk, bill=drawdown.bill_id, amount="30,000"))
    assert rest.status_code == 302


@pytest.mark.parametrize("content", [b"", b"not a page", b"%PDF-1.4 cut off"])
def test_what_is_no_page_is_refused_beside_its_field_or_above_the_form(world: World, content: bytes):
    wrong = SimpleUploadedFile("invoice.pdf", content, "application/pdf")
    answer = seat(world, "maker").post(url("prepare", world), draw(world, invoice=wrong))
    assert answer.status_code == 400
    assert not Drawdown.objects.filter(case=world.at).exists()


def test_the_list_of_payments_names_what_waits(world: World):
    drawdown, place = prepared(world), reverse("disbursement:payments")
    for who, status in (
        ("maker", 200),
        ("checker", 200),
        ("keeper", 200),
        ("officer", 403),
        ("auditor", 403),
        ("lead", 403),
    ):
        assert seat(world, who).get(place).status_code == status, who
    page = said(seat(world, "keeper").get(place))
    assert world.at.number in page
    assert drawdown.order.end_to_end_id in page
    assert reverse("disbursement:answers") in page
    assert reverse("disbursement:answers") not in said(seat(world, "maker").get(place))
    assert "No payment waits" in said(seat(world, "maker").get(place, {"state": "paid", "cursor": "x"}))


def test_a_file_of_answers_is_uploaded_and_each_line_answered(world: World):
    drawdown, client, place = sent(world), seat(world, "keeper"), reverse("disbursement:answers")
    assert client.get(place).status_code == 200
    lines = f"end_to_end_id,status,value_on,bank_reference\n{drawdown.order.end_to_end_id},paid,{clock.today()},B-1\nnothing,paid,,\n"
    for words in ("taken", "known already"):
        page = client.post(place, {"file": SimpleUploadedFile("answers.csv", lines.encode())})
        assert page.status_code == 200
        assert words in said(page)
        assert "There is no such order." in said(page)
    drawdown.refresh_from_db()
    assert drawdown.state == DrawdownState.PAID


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a,b\n1,2\n", b"\xff\xfe"])
def test_what_is_no_file_of_answers_is_said_in_words(world: World, content: bytes):
    answer = seat(world, "keeper").post(reverse("disbursement:answers"), {"file": SimpleUploadedFile("a.csv", content)})
    assert answer.status_code == 400
    assert seat(world, "keeper").post(reverse("disbursement:answers")).status_code == 400
    assert seat(world, "maker").post(reverse("disbursement:answers")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "words"),
    [({"answer": "paid"}, "value date"), ({"answer": "maybe", "value_on": "2026-01-01"}, "valid choice"),
     ({"answer": "paid", "value_on": "2026-02-30"}, "no such day"), ({"answer": "paid", "value_on": "9999-12-31"}, "future"),
     ({"answer": "paid", "value_on": "2001-01-01"}, "between the release and today"), ({}, "required")],
)  # fmt: skip
def test_wrong_answers_are_named_and_kept(world: World, typed: dict[str, str], words: str):
    answer = seat(world, "keeper").post(url("confirm", world, sent(world).pk), {"bank_reference": "B-77", **typed})
    assert answer.status_code == 400
    assert words in said(answer)
    assert "B-77" in said(answer)


def test_an_order_in_doubt_can_be_answered_on_the_page(world: World, outbox: Path):
    drawdown = prepared(world)
    services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)
    order = PaymentOrder.objects.get(drawdown=drawdown)
    outbox.mkdir()
    (outbox / f"{order.end_to_end_id}.xml").write_bytes(b"?")
    with pytest.raises(Exception, match="look"):
        services.order_send(actor=BANK, order=order)
    assert url("confirm", world, drawdown.pk) in said(seat(world, "keeper").get(url("payments", world)))


def test_the_contract_opens_in_both_languages_for_who_sees_the_case(world: World):
    client = seat(world, "auditor")
    for language in ("en", "zh"):
        opened = client.get(url("contract_file", world, language))
        assert b"".join(opened.streaming_content).startswith(b"%PDF")
    contract = contract_live(world.at)
    assert contract is not None
    line = contract.parties.get()
    page = said(client.get(url("contract", world)))
    assert str(contract.file_en.sha256) in page
    assert url("paper", world, "signature", line.pk) in page
    taken = client.get(url("paper_file", world, "signature", line.pk))
    assert taken["Content-Disposition"].startswith("attachment")
    assert b"".join(taken.streaming_content).startswith(b"%PDF")
    assert client.get(url("paper", world, "letter", line.pk)).status_code == 404


def test_evidence_can_be_read_and_opened(world: World):
    evidence = ConditionEvidence.objects.filter(case=world.at).exclude(file=None)[0]
    page = said(seat(world, "reviewer").get(url("evidence_decide", world, evidence.pk)))
    assert "Seen." in page
    reviewer = seat(world, "reviewer")
    EvidenceOpening.objects.all().delete()
    assert url("paper", world, "evidence", evidence.pk) in page
    shown = reviewer.get(url("paper", world, "evidence", evidence.pk))
    assert not EvidenceOpening.objects.exists(), "it counts once a page was drawn"
    picture = reviewer.get(shown.context["paper"].pages[0].url)
    assert picture.content.startswith(b"\xff\xd8")
    assert EvidenceOpening.objects.filter(evidence=evidence, person_id=world.accounts["reviewer"].person_id).exists()
    assert seat(world, "officer").get(url("evidence_decide", world, evidence.pk)).status_code == 403


def test_forms_of_settled_steps_are_refused_in_words(world: World):
    evidence = ConditionEvidence.objects.filter(case=world.at)[0]
    version = world.case.version
    for who, name, args, typed in (
        ("officer", "contract_make", (), {}),
        ("lead", "contract_conclude", (), {}),
        ("reviewer", "conditions_meet", (), {}),
        ("reviewer", "evidence_decide", (evidence.pk,), {"decision": "accept"}),
        ("officer", "evidence_give", (evidence.condition,), {"note": "Again"}),
    ):
        answer = seat(world, who).post(url(name, world, *args), {"version": version, **typed})
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
    assert world.case.version == version


def test_pages_cost_a_fixed_number_of_queries(world: World, django_assert_max_num_queries: Any):
    for _number in range(3):
        prepared(world, Decimal(1000))
    client = seat(world, "maker")
    for address, most in (
        (url("payments", world), 26), (url("prepare", world), 30), (url("contract", world), 24), (url("conditions", world), 24),
        (reverse("disbursement:payments"), 18),
    ):  # fmt: skip
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_a_longer_list_costs_no_more_queries(world: World):
    client, counts = seat(world, "maker"), []
    for _round in range(2):
        prepared(world, Decimal(1000))
        for address in (url("payments", world), reverse("disbursement:payments")):
            client.get(address)
            with CaptureQueriesContext(connection) as seen:
                client.get(address)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


@pytest.mark.parametrize(
    ("currency", "amount", "words"), [("JPY", "1000", ""), ("JPY", "1000.5", "0 decimal places"), ("KWD", "1.005", "")]
)
def test_amounts_of_other_currencies_have_their_own_places(world: World, currency: str, amount: str, words: str):
    case = world.case
    case.currency = currency
    form = forms.DrawForm({"amount": amount}, case=case)
    assert words in str(form.errors.get("amount", ""))
    assert bool(form.errors.get("amount")) == bool(words)
