"""Files in pieces: broken off anywhere they go on, finished twice they are one document, and nobody else's they are not there."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.access.roles import Role
from apps.applications import services
from apps.applications.models import Document, Upload, UploadPiece
from apps.applications.services import uploading
from apps.audit.models import AuditEvent
from apps.borrowers.services import access_give
from apps.core import clock
from apps.vault.errors import CannotOpen
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.sending import url
from tests.applications.test_uploads import pdf, picture
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("intake", "new"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
PIECE = 300
FILE = pdf(3)
COUNT = -(-len(FILE) // PIECE)


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    return world.case("intake")


@pytest.fixture
def seat(client: Client, world: World, db: None) -> Client:
    people.signed_in(client, world.account)
    return client


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PIECE", PIECE)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def begin(seat: Client, case: LoanCase, content: bytes = FILE, name: str = "licence.pdf", **other: Any) -> Any:
    return seat.post(url("uploads", case), {"name": name, "size": len(content), "sha256": digest(content), **other})


def put(seat: Client, address: str, number: int, content: bytes) -> Any:
    return seat.post(f"{address}pieces/{number}/", content, content_type="application/octet-stream")


def piece(number: int, content: bytes = FILE) -> bytes:
    return content[number * PIECE : (number + 1) * PIECE]


def sent(seat: Client, case: LoanCase, content: bytes = FILE, name: str = "licence.pdf") -> str:
    """Send a whole file; returns the address of the upload."""
    told = begin(seat, case, content, name).json()
    for number in told["missing"]:
        told = put(seat, told["url"], number, piece(number, content)).json()
    assert told["missing"] == []
    return str(told["url"])


def finish(seat: Client, address: str, code: str = "licence", **other: Any) -> Any:
    return seat.post(f"{address}finish/", {"code": code, **other})


def made(case: LoanCase) -> list[Document]:
    return list(Document.objects.filter(case=case, code="licence").order_by("id"))


# -- the way through


def test_a_file_in_pieces_becomes_a_document_like_any_other(seat: Client, case: LoanCase) -> None:
    told = begin(seat, case)
    assert (told.status_code, told.json()["missing"], told.json()["pieces"]) == (201, list(range(COUNT)), COUNT)
    address = sent(seat, case)
    assert finish(seat, address, last="1").json()["done"]
    (document,) = made(case)
    assert b"".join(services.document_open(actor=b.officer(case.branch), document=document)) == FILE
    assert (document.pages, document.file.content_type, document.state) == (3, "application/pdf", "added")
    event = AuditEvent.objects.filter(action="applications.document_added").latest("id")
    assert f'"pieces":{COUNT}' in event.body
    assert not UploadPiece.objects.exists()
    assert "One document was added." in seat.get(url("stage", case)).content.decode()


@pytest.mark.parametrize("came", range(COUNT + 1))
def test_a_break_after_any_piece_goes_on_where_it_stopped(came: int, seat: Client, case: LoanCase) -> None:
    address = begin(seat, case).json()["url"]
    for number in range(came):
        put(seat, address, number, piece(number))
    assert seat.get(address).json()["missing"] == list(range(came, COUNT))
    again = begin(seat, case).json()
    assert (again["url"], again["missing"]) == (address, list(range(came, COUNT)))
    if came < COUNT:
        assert finish(seat, address).status_code == 403, "not whole"
    assert finish(seat, sent(seat, case)).json()["done"]
    assert len(made(case)) == 1


def test_pieces_come_in_any_order_and_more_than_once(seat: Client, case: LoanCase) -> None:
    address = begin(seat, case).json()["url"]
    for number in [*reversed(range(COUNT)), 0, COUNT - 1]:
        assert put(seat, address, number, piece(number)).status_code == 200
    assert finish(seat, address).status_code == 200
    assert made(case)[0].sha256 == digest(FILE)


def test_two_browsers_of_one_account_send_one_file(seat: Client, world: World, case: LoanCase) -> None:
    other = Client()
    people.signed_in(other, world.account)
    address = begin(seat, case).json()["url"]
    assert begin(other, case).json()["url"] == address
    for number, browser in zip(range(COUNT), itertools.cycle((seat, other)), strict=False):
        put(browser, address, number, piece(number))
    assert [finish(browser, address).json()["done"] for browser in (seat, other)] == [True, True]
    assert len(made(case)) == 1


def test_the_same_file_handed_in_again_is_there_once_until_it_is_rejected(
    seat: Client, world: World, case: LoanCase
) -> None:
    for _each in range(2):
        assert finish(seat, sent(seat, case)).status_code == 200
    (first,) = made(case)
    assert (
        AuditEvent.objects.filter(action="applications.document_added", case=case.number)
        .latest("id")
        .body.count(digest(FILE))
        >= 1
    )
    finish(seat, sent(seat, case), code="other")
    assert Document.objects.filter(case=case, code="other").count() == 1, "as another kind it is another document"
    services.document_reject(actor=world.officer, document=first, why="unreadable")
    finish(seat, sent(seat, case))
    assert len(made(case)) == 2


ADDED, KNOWN = "One document was added.", "One file is there already; it was not added again."
BOTH_KNOWN = "2 files are there already; they were not added again."


def messages_of(seat: Client, case: LoanCase) -> list[str]:
    """What the next page says about what was done."""
    page = seat.get(url("stage", case)).content.decode()
    return re.findall(r"<div>([^<>]+)</div>", page.partition('id="messages"')[2].partition("page-columns")[0])


@pytest.mark.parametrize(
    ("before", "known", "last", "told"),
    [
        (0, 0, 1, [ADDED]), (1, 0, 1, [KNOWN]), (1, 0, 3, ["2 documents were added.", KNOWN]), (0, 1, 2, [ADDED, KNOWN]),
        (1, 1, 2, [BOTH_KNOWN]), (1, 9, 2, [BOTH_KNOWN]),
    ],
)  # fmt: skip
def test_a_file_that_was_there_is_not_said_to_be_added(
    before: int, known: int, last: int, told: list[str], seat: Client, case: LoanCase
) -> None:
    for _each in range(before):
        assert finish(seat, sent(seat, case)).json()["known"] is False
    answer = finish(seat, sent(seat, case), last=str(last), known=str(known)).json()
    assert answer["known"] is bool(before)
    assert messages_of(seat, case) == told


def test_asked_again_after_a_lost_answer_a_file_is_still_said_to_be_added(seat: Client, case: LoanCase) -> None:
    address = sent(seat, case)
    finish(seat, address)
    assert finish(seat, address, last="1").json()["known"] is False
    assert messages_of(seat, case) == [ADDED]


def test_what_was_cancelled_is_gone_and_what_was_finished_stays(seat: Client, case: LoanCase) -> None:
    address = sent(seat, case)
    assert seat.post(f"{address}cancel/").status_code == 200
    assert seat.get(address).status_code == 404
    assert not UploadPiece.objects.exists()
    address = sent(seat, case)
    finish(seat, address)
    assert seat.post(f"{address}cancel/").status_code == 200
    assert len(made(case)) == 1


def test_a_file_is_looked_at_before_it_is_handed_in(seat: Client, case: LoanCase) -> None:
    address = sent(seat, case)
    shown = seat.get(f"{address}preview/")
    assert (shown["Content-Type"], shown.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert not made(case)
    half = begin(seat, case, picture(), "photo.png").json()["url"]
    assert seat.get(f"{half}preview/").status_code == 403, "not whole"
    table = sent(seat, case, b"month,in\n1,2\n", "bank.csv")
    assert seat.get(f"{table}preview/").status_code == 415


# -- what is not as it was announced


@pytest.mark.parametrize(
    ("number", "content"),
    [(0, FILE[: PIECE + 1]), (0, FILE[: PIECE - 1]), (0, b""), (COUNT - 1, FILE[:PIECE]), (COUNT, b"x"), (10**6, b"x")],
)
def test_a_piece_that_was_not_announced_is_refused(number: int, content: bytes, seat: Client, case: LoanCase) -> None:
    address = begin(seat, case).json()["url"]
    assert put(seat, address, number, content).status_code == 400
    assert seat.get(address).json()["missing"] == list(range(COUNT))


@pytest.mark.parametrize(
    ("name", "size", "sha256", "words"),
    [
        ("a.pdf", 0, "0" * 64, "empty"), ("a.pdf", "-5", "0" * 64, "empty"), ("a.pdf", "1e3", "0" * 64, "empty"),
        ("a.pdf", 20 * 2**20 + 1, "0" * 64, "larger than 20 MB"), ("a.pdf", 10**11, "0" * 64, "larger than 20 MB"),
        ("a.pdf", 10, "0" * 63, "Choose it again"), ("a.pdf", 10, "Z" * 64, "Choose it again"), ("a.pdf", 10, "", "Choose it again"),
        ("a.exe", 10, "0" * 64, "type"), ("", 10, "0" * 64, "type"), ("a.pdf\u202eexe.", 10, "0" * 64, "type"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    name: str, size: Any, sha256: str, words: str, seat: Client, case: LoanCase
) -> None:
    answer = seat.post(url("uploads", case), {"name": name, "size": size, "sha256": sha256})
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["errors"])
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><script>alert(1)</script></html>" * 9, "licence.pdf", "type"),
        (b"MZ\x90\x00" + bytes(400), "licence.pdf", "type"),
        (picture(), "licence.pdf", "ends in"),
        (FILE[:-60], "licence.pdf", "end is missing"),
        (pdf(password="secret"), "licence.pdf", "password"),
        (pdf(program="names"), "licence.pdf", "program"),
    ],
)  # fmt: skip
def test_a_forged_file_is_refused_at_the_end_and_forgotten(
    content: bytes, name: str, words: str, seat: Client, case: LoanCase
) -> None:
    address = sent(seat, case, content, name)
    answer = finish(seat, address)
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["errors"])
    assert not made(case)
    assert not UploadPiece.objects.exists()
    assert seat.get(address).status_code == 404


def test_another_content_than_announced_is_refused_and_forgotten(seat: Client, case: LoanCase) -> None:
    address = begin(seat, case).json()["url"]
    for number in range(COUNT):
        put(seat, address, number, piece(number) if number else b"x" * PIECE)
    answer = finish(seat, address)
    assert answer.status_code == 400
    assert "not the file that was announced" in answer.json()["errors"][0]
    assert not Upload.objects.exists()


@pytest.mark.parametrize("code", ["", "no such thing", "<script>"])
def test_without_its_kind_a_file_waits(code: str, seat: Client, case: LoanCase) -> None:
    address = sent(seat, case)
    answer = finish(seat, address, code)
    assert (answer.status_code, answer.json()["fields"]) == (400, ["code"])
    assert finish(seat, address).status_code == 200, "nothing is lost"


@pytest.mark.parametrize(
    ("name", "kept"),
    [("<script>alert(1)</script>.pdf", "script>.pdf"), ("licence\u202efdp.pdf", "licencefdp.pdf"), ("a\u200bb.pdf", "ab.pdf"),
     ("../../etc/passwd.pdf", "passwd.pdf"), ("营业执照.pdf", "营业执照.pdf"), ("x" * 400 + ".pdf", "x" * 116 + ".pdf")],
)  # fmt: skip
def test_names_are_kept_without_what_deceives(name: str, kept: str, seat: Client, case: LoanCase) -> None:
    finish(seat, sent(seat, case, name=name))
    assert made(case)[0].file.original_name.reveal() == kept


# -- whose it is


def test_an_upload_is_there_for_its_account_and_case_only(seat: Client, world: World, case: LoanCase) -> None:
    address = sent(seat, case)
    colleague = Client()
    people.signed_in(colleague, b.account_of(Role.LOAN_OFFICER, case.branch))
    elsewhere = address.replace(case.number, world.case("new").number)
    for browser, place in ((colleague, address), (seat, elsewhere)):
        assert browser.get(place).status_code == 404
        assert browser.get(f"{place}preview/").status_code == 404
        assert put(browser, place, 0, piece(0)).status_code == 404
        assert finish(browser, place).status_code == 404
        assert browser.post(f"{place}cancel/").status_code == 404
    assert finish(seat, address).status_code == 200


def test_who_may_not_add_documents_announces_none(client: Client, case: LoanCase) -> None:
    for role, branch, status in (
        (Role.AUDITOR, case.branch, 403),
        (Role.LOAN_OFFICER, people.branch("B2"), 404),
    ):
        people.signed_in(client, b.account_of(role, branch))
        assert begin(client, case).status_code == status
    assert Client().post(url("uploads", case)).status_code == 302
    assert not Upload.objects.exists()


def test_a_form_of_another_site_sends_nothing(world: World, case: LoanCase) -> None:
    strict = Client(enforce_csrf_checks=True)
    people.signed_in(strict, world.account)
    assert begin(strict, case).status_code == 403
    assert put(strict, url("upload", case, UUID(int=1)), 0, b"x").status_code == 403


def test_a_borrower_hands_in_what_borrowers_hand_in(client: Client, world: World, case: LoanCase) -> None:
    owner, stranger = people.borrower_account("upload-owner"), people.borrower_account("upload-stranger")
    access_give(actor=world.officer, borrower=case.borrower, account=owner)
    people.signed_in(client, owner)
    address = sent(client, case)
    for code in ("consent", "declaration", "identity_evidence"):
        assert finish(client, address, code).status_code == 400, code
    assert finish(client, address).status_code == 200
    assert made(case)[0].uploaded_by_id == owner.person_id
    other = Client()
    people.signed_in(other, stranger)
    assert begin(other, case).status_code == 404


# -- limits, time and secrecy


def test_room_for_files_on_their_way_is_limited(seat: Client, case: LoanCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_OPEN", 2)
    first = begin(seat, case, FILE + b"1").json()["url"]
    begin(seat, case, FILE + b"2")
    full = begin(seat, case, FILE + b"3")
    assert full.status_code == 403
    assert "on their way already" in full.json()["errors"][0]
    assert begin(seat, case, FILE + b"1").status_code == 201, "what is on its way goes on"
    seat.post(f"{first}cancel/")
    assert begin(seat, case, FILE + b"3").status_code == 201
    monkeypatch.setattr(uploading, "MOST_BYTES", 3 * len(FILE))
    monkeypatch.setattr(uploading, "MOST_OPEN", 9)
    assert begin(seat, case, FILE + b"4").status_code == 403


def test_what_is_not_finished_in_a_day_is_forgotten(seat: Client, world: World, case: LoanCase) -> None:
    address = sent(seat, case)
    with clock.at(clock.now() + uploading.LIFE + dt.timedelta(minutes=1)):
        fresh = Client()
        people.signed_in(fresh, world.account)
        assert fresh.get(address).status_code == 404
        assert finish(fresh, address).status_code == 404
        assert uploading.uploads_expire(people.SETUP) > 0
    assert not UploadPiece.objects.exists()


def test_pieces_lie_sealed_and_in_their_place(seat: Client, case: LoanCase) -> None:
    content = b"canary in clear,\n" * 60
    address = sent(seat, case, content, "bank.csv")
    rows = list(UploadPiece.objects.order_by("number"))
    assert not [row for row in rows if b"canary" in bytes(row.content)]
    assert "bank" not in str(Upload.objects.values())
    UploadPiece.objects.filter(pk=rows[0].pk).update(content=bytes(rows[1].content))
    assert finish(seat, address).status_code == CannotOpen.status
    assert not Document.objects.filter(case=case, code="licence").exists()


def test_a_case_that_was_settled_meanwhile_takes_nothing(
    seat: Client, case: LoanCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = sent(seat, case)
    monkeypatch.setattr(uploading, "UNSETTLED", uploading.UNSETTLED - {case.state})
    assert finish(seat, address).status_code == 403
    assert begin(seat, case, FILE + b"1").status_code == 403
    assert not made(case)


def test_the_plain_form_takes_one_file_and_of_several_none(seat: Client, case: LoanCase) -> None:
    address = url("document_add", case)
    assert re.search(r'<input type="file"[^>]* multiple', seat.get(address).content.decode())
    files = [SimpleUploadedFile(name, FILE, "application/pdf") for name in ("a.pdf", "b.pdf")]
    several = seat.post(address, {"code": "licence", "file": files})
    assert "Hand in one file at a time." in several.content.decode()
    assert not made(case)
    files[0].seek(0)
    assert seat.post(address, {"code": "licence", "file": files[:1]}).status_code == 302
    assert len(made(case)) == 1


def test_the_plain_form_works_without_pieces(seat: Client, case: LoanCase) -> None:
    page = seat.get(url("document_add", case)).content.decode()
    assert f'data-uploads="{url("uploads", case)}"' in page
    assert 'enctype="multipart/form-data"' in page
