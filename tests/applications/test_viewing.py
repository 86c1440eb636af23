"""A document in the page: recorded, marked, judged beside its pages; what cannot be shown is offered to take away."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.access.roles import Role
from apps.applications import services
from apps.applications.models import Document, DocumentOpening
from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.sending import url, went_on
from tests.applications.test_uploads import pdf, table
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("intake"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    return world.case("intake")


@pytest.fixture
def seat(client: Client, world: World, db: None) -> Client:
    people.signed_in(client, world.account)
    return client


def added(actor: Actor, case: LoanCase, content: bytes, name: str) -> Document:
    return services.document_add(actor=actor, case=case, code="other", stream=io.BytesIO(content), name=name)


def looks() -> list[str]:
    """How documents were opened, oldest first."""
    rows = AuditEvent.objects.filter(action="applications.document_opened").order_by("id")
    return ["taken" if '"how":"taken"' in body else "shown" for body in rows.values_list("body", flat=True)]


def test_pages_are_pictures_and_the_look_counts_once_one_was_drawn(
    seat: Client, officer: Actor, case: LoanCase
) -> None:
    found = added(officer, case, pdf(3), "licence.pdf")
    shown = seat.get(url("document", case, found.pk))
    assert "no-store" in shown["Cache-Control"]
    assert looks() == ["shown"]
    assert not DocumentOpening.objects.exists()
    pages = shown.context["paper"].pages
    assert [page.number for page in pages] == [1, 2, 3]
    assert "Page 3 of 3" in shown.content.decode()
    for page in pages:
        picture = seat.get(page.url)
        assert (picture["Content-Type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
        assert "no-store" in picture["Cache-Control"]
    assert looks() == ["shown"], "one look, however many pages"
    assert DocumentOpening.objects.filter(document=found, person_id=officer.person_id).count() == 1
    assert "you opened 1 of" in seat.get(url("stage", case)).content.decode()


def test_a_picture_is_not_fetched_without_the_page(seat: Client, world: World, officer: Actor, case: LoanCase) -> None:
    one, two = added(officer, case, pdf(), "one.pdf"), added(officer, case, pdf(), "two.pdf")
    ticket = seat.get(url("document", case, one.pk)).context["paper"].pages[0].url.partition("?")[2]
    bare = url("document_page", case, two.pk, 1)
    for address in (bare, f"{bare}?{ticket}", f"{bare}?ticket=made-up"):
        assert seat.get(address).status_code == 403, address
    elsewhere = Client()
    people.signed_in(elsewhere, world.account)
    assert elsewhere.get(f"{url('document_page', case, one.pk, 1)}?{ticket}").status_code == 403, "another session"
    assert not DocumentOpening.objects.exists()
    assert seat.get(f"{url('document_page', case, one.pk, 9)}?{ticket}").status_code == 415


def test_a_document_of_another_branch_or_case_is_not_there(client: Client, officer: Actor, case: LoanCase) -> None:
    found = added(officer, case, pdf(), "licence.pdf")
    people.signed_in(client, b.account_of(Role.LOAN_OFFICER, people.branch("B2")))
    other = f.draft(b.officer(people.branch("B2")), branch=people.branch("B2"))
    for place in (case, other):
        for name, args in (("document", ()), ("document_file", ()), ("document_page", (1,))):
            assert client.get(url(name, place, found.pk, *args)).status_code == 404, name
    assert looks() == []


def test_a_role_without_documents_is_refused(client: Client, officer: Actor, case: LoanCase) -> None:
    found = added(officer, case, pdf(), "licence.pdf")
    people.signed_in(client, b.account_of(Role.ADMINISTRATOR))
    assert client.get(url("document", case, found.pk)).status_code == 403


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(table(), "accounts.xlsx", "not shown here"), (b"month,in\n1,2\n", "bank.csv", "not shown here")],
)
def test_what_cannot_be_shown_is_offered_to_take_away(
    content: bytes, name: str, words: str, seat: Client, officer: Actor, case: LoanCase
) -> None:
    found = added(officer, case, content, name)
    page = seat.get(url("document", case, found.pk)).content.decode()
    assert words in page
    assert name not in page, "nothing of it was opened"
    assert looks() == []
    taken = seat.get(url("document_file", case, found.pk))
    assert taken["Content-Disposition"] == f'attachment; filename="{name}"'
    assert b"".join(taken.streaming_content) == content  # type: ignore[attr-defined]
    assert looks() == ["taken"]
    assert DocumentOpening.objects.filter(document=found).count() == 1


def test_a_damaged_file_says_so(seat: Client, officer: Actor, case: LoanCase, monkeypatch: pytest.MonkeyPatch) -> None:
    found = added(officer, case, pdf(), "licence.pdf")
    monkeypatch.setattr("apps.applications.views.viewing.document_look", lambda **_kw: b"%PDF-1.7 rotten")
    assert "damaged" in seat.get(url("document", case, found.pk)).content.decode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("<script>alert(1)</script>.png", "script&gt;.png"), ("licence\u202egnp.png", "licencegnp.png"),
     ("a\u200bb\u2066c.png", "abc.png"), ("营业执照.png", "营业执照.png")],
)  # fmt: skip
def test_names_that_would_deceive_are_shown_plainly(
    name: str, shown: str, seat: Client, officer: Actor, case: LoanCase
) -> None:
    found = added(officer, case, f.png().getvalue(), name)
    found.file.original_name = name  # as an older release might have kept it
    answer = seat.get(url("document", case, found.pk))
    page = answer.content.decode()
    assert shown in page
    assert "<script>alert" not in page
    assert not set(page) & {"\u202e", "\u200b", "\u2066"}
    assert seat.get(url("document_file", case, found.pk))["Content-Disposition"].startswith("attachment")


def test_neighbours_lead_from_document_to_document(seat: Client, officer: Actor, case: LoanCase) -> None:
    for name in ("one.pdf", "two.pdf"):
        added(officer, case, pdf(), name)
    ids = list(case.documents.order_by("id").values_list("pk", flat=True))
    for at, pk in enumerate(ids):
        page = seat.get(url("document", case, pk)).content.decode()
        assert f"{at + 1} of {len(ids)}" in page
        assert ('rel="prev"' in page, 'rel="next"' in page) == (at > 0, at < len(ids) - 1)


def test_verdicts_are_given_beside_the_pages_and_lead_to_the_next(seat: Client, officer: Actor, case: LoanCase) -> None:
    one, two = added(officer, case, pdf(), "one.pdf"), added(officer, case, pdf(), "two.pdf")
    accept, reject = url("document_accept", case, one.pk) + "?on=1", url("document_reject", case, two.pk) + "?on=1"
    shown = seat.get(url("document", case, one.pk))
    assert accept in shown.content.decode()
    assert seat.post(accept).status_code == 403, "unopened"
    seat.get(shown.context["paper"].pages[0].url)
    assert seat.post(accept)["Location"] == url("document", case, two.pk)
    assert accept not in seat.get(url("document", case, one.pk)).content.decode()
    assert seat.post(reject, {"why": " "}).status_code == 400
    went_on(seat.post(reject, {"why": "unreadable"}))
    assert [Document.objects.get(pk=each.pk).state for each in (one, two)] == ["accepted", "rejected"]


def test_who_may_not_judge_sees_no_verdict(client: Client, officer: Actor, case: LoanCase) -> None:
    found = added(officer, case, pdf(), "licence.pdf")
    people.signed_in(client, b.account_of(Role.AUDITOR))
    assert "/accept/" not in client.get(url("document", case, found.pk)).content.decode()


def test_an_uploaded_file_is_never_shown_by_the_browser_itself(seat: Client, case: LoanCase) -> None:
    upload = SimpleUploadedFile("licence.png", f.png().getvalue(), content_type="text/html")
    went_on(seat.post(url("document_add", case), {"code": "licence", "file": upload}))
    found = case.documents.latest("id")
    taken = seat.get(url("document_file", case, found.pk))
    assert taken["Content-Type"] == "image/png"
    assert taken["Content-Disposition"].startswith("attachment")
    assert taken["X-Content-Type-Options"] == "nosniff"
