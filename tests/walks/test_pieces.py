"""A form's one file that has come in pieces: evidence, a signature, a borrower's answer. Nothing is sent twice and nothing lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, expect

from apps.access.roles import Role
from apps.applications.models import Document, Upload, UploadPiece
from apps.applications.services import uploading
from apps.core import clock
from apps.disbursement.models import ConditionEvidence, ContractParty
from apps.vault.models import EncryptedFile
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.test_uploads import pdf
from tests.disbursement import factories as payments
from tests.walks.visits import VARIANTS, context_of, furnished_site, sit_down
from tests.walks.world import NEAR, OWNER, World

PIECE = 300
FILE, OTHER = pdf(3), pdf(2)
Values = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A form with a file: whose, of which case, where, what is typed beside it, and which of it is needed."""

    role: Role
    station: str
    field: str
    needed: str
    address: Callable[[LoanCase], str]
    typed: Callable[[LoanCase], Values]


def _open_condition(case: LoanCase) -> Any:
    given = set(ConditionEvidence.objects.filter(case=case).values_list("condition", flat=True))
    standing = [each.condition for each in payments.conditions_standing(case) if each.keeps_money_back]
    return next(each.uuid for each in standing if each.uuid not in given)


def _signed(case: LoanCase) -> Values:
    witness = people.staff(Role.LOAN_OFFICER, case.branch)
    return {"signed_on": clock.today().isoformat(), "second_witness": witness.person_id}


def _line(case: LoanCase) -> int:
    return ContractParty.objects.filter(contract__case=case).values_list("pk", flat=True)[0]


FORMS = {
    "evidence": Form(
        Role.LOAN_OFFICER, "conditions", "paper", "note",
        lambda case: reverse("disbursement:evidence_give", args=[case.number, _open_condition(case)]), lambda case: {"note": "Seen."},
    ),
    "signature": Form(
        Role.LOAN_OFFICER, "contracting", "paper", "signed_on",
        lambda case: reverse("disbursement:party_signed", args=[case.number, _line(case)]), _signed,
    ),
    "answer": Form(
        Role.BORROWER, "waiting", "file", "text",
        lambda case: reverse("portal:answer", args=[case.number]), lambda case: {"text": "The lease.", "code": "other"},
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PIECE", PIECE)


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    return FORMS[request.param]


@pytest.fixture
def case(world: World, form: Form, db: None) -> LoanCase:
    return world.case(form.station)


@pytest.fixture
def seat(client: Client, world: World, form: Form, db: None) -> Client:
    people.signed_in(client, world.account(OWNER if form.role == Role.BORROWER else NEAR, form.role))
    return client


def sent(seat: Client, case: LoanCase, content: bytes = FILE, *, pieces: int | None = None) -> str:
    """Send a file, or the first of its pieces; returns what the form then names it by."""
    told = {"name": "lease.pdf", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    begun = seat.post(reverse("applications:uploads", args=[case.number]), told).json()
    for number in begun["missing"][:pieces]:
        body = content[number * PIECE : (number + 1) * PIECE]
        seat.post(f"{begun['url']}pieces/{number}/", body, content_type="application/octet-stream")
    return str(begun["id"])


def handed_in(content: bytes = FILE) -> int:
    return EncryptedFile.objects.filter(sha256=hashlib.sha256(content).hexdigest()).count()


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
class TestTheForm:
    """Without a browser: what the script would send."""

    def test_takes_a_file_that_has_come_and_forgets_its_pieces(self, form: Form, case: LoanCase, seat: Client) -> None:
        before, address = handed_in(), form.address(case)
        upload = sent(seat, case)
        answer = seat.post(address, {**form.typed(case), "version": case.version, "upload": upload})
        assert answer.status_code == 302, answer.content.decode()
        assert handed_in() == before + 1
        assert not Upload.objects.exists()
        assert not UploadPiece.objects.exists()

    def test_that_comes_back_keeps_what_has_come(self, form: Form, case: LoanCase, seat: Client) -> None:
        address, typed = form.address(case), form.typed(case)
        upload = sent(seat, case)
        wrong = seat.post(address, {**typed, form.needed: "", "version": case.version, "upload": upload})
        assert wrong.status_code == 400
        assert f'name="upload" value="{upload}"' in wrong.content.decode()
        assert "lease.pdf" in wrong.content.decode()
        assert seat.post(address, {**typed, "version": case.version, "upload": upload}).status_code == 302
        assert handed_in() == 1

    @pytest.mark.parametrize("named", ["half", "nobody's", "no number", "another's"])
    def test_says_so_when_the_file_is_not_there(
        self, named: str, form: Form, case: LoanCase, seat: Client, world: World
    ) -> None:
        names = {
            "half": lambda: sent(seat, case, pieces=2), "nobody's": lambda: "00000000-0000-0000-0000-000000000007",
            "no number": lambda: "<script>", "another's": lambda: sent(_another(world, form), case),
        }  # fmt: skip
        answer = seat.post(form.address(case), {**form.typed(case), "version": case.version, "upload": names[named]()})
        assert answer.status_code == 400
        assert answer.context["form"].errors.keys() == {form.field}
        assert handed_in() == 0
        assert 'name="upload" value=""' in answer.content.decode()

    def test_takes_a_file_chosen_without_a_script_before_any_other(
        self, form: Form, case: LoanCase, seat: Client
    ) -> None:
        chosen = SimpleUploadedFile("other.pdf", OTHER)
        typed = {**form.typed(case), "version": case.version, "upload": sent(seat, case), form.field: chosen}
        assert seat.post(form.address(case), typed).status_code == 302
        assert (handed_in(), handed_in(OTHER)) == (0, 1)


def _another(world: World, form: Form) -> Client:
    """Somebody else who may add documents to the case."""
    client = Client()
    people.signed_in(client, world.account(NEAR, Role.CREDIT_ANALYST))
    return client


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_phone_sends_an_answer_with_a_file_that_is_kept_while_the_rest_is_corrected(
    chromium: Browser, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), furnished_site() as place:
        context = context_of(chromium, place, VARIANTS[3], bypass_csp=False)
        sit_down(context, place, Role.BORROWER)
        page, case = context.new_page(), place.world.case("waiting")
        page.goto(reverse("portal:answer", args=[case.number]))
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        for content in (OTHER, FILE):  # a second choice takes the place of the first
            page.locator("[name=file]").set_input_files(
                {"name": "lease.pdf", "mimeType": "application/pdf", "buffer": content}
            )
            expect(page.locator(".upload[data-state=ready]")).to_have_count(1)
        page.locator("[name=text]").fill("The lease.")
        page.locator("main form [type=submit]").click()
        expect(page.locator("[data-kept]")).to_contain_text("lease.pdf")
        page.locator("[name=code]").select_option("other")
        page.locator("main form [type=submit]").click()
        page.wait_for_url(f"**{reverse('portal:case', args=[case.number])}")
        assert Document.objects.filter(case=case, file__sha256=hashlib.sha256(FILE).hexdigest()).count() == 1
        assert not Upload.objects.filter(sha256=hashlib.sha256(FILE).hexdigest()).exists()
        assert said == []
        context.close()
