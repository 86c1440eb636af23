"""Files in pieces with real transactions: several at once, and a real browser whose network is cut in the middle."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, Route

from apps.access.roles import Role
from apps.applications.models import Document, Upload, UploadPiece
from apps.applications.services import uploading
from apps.borrowers.services import access_give
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.test_uploads import pdf, picture
from tests.borrowers import factories as b
from tests.console.test_browser import AXE, FIND, OVERFLOW, enter
from tests.disbursement.test_races import at_once

PIECE = 300
FILE = pdf(3)


def test_finished_by_several_at_once_it_is_one_document(committed_db: str) -> None:
    actor = b.officer()
    case = f.draft(actor)
    told: dict[str, Any] = {"name": "licence.pdf", "size": len(FILE), "sha256": hashlib.sha256(FILE).hexdigest()}
    begun = at_once(*[lambda: uploading.upload_begin(actor=actor, case=case, **told) for _each in range(3)])
    assert {type(each) for each in begun} == {Upload}
    (upload,) = Upload.objects.all()
    uploading.piece_take(actor=actor, upload=upload, number=0, content=FILE)
    mine = [uploading.upload_get(actor, case, upload.uuid) for _each in range(3)]
    found = at_once(
        *[lambda each=each: uploading.upload_finish(actor=actor, upload=each, code="licence") for each in mine]
    )
    assert len({each.pk for each in found if isinstance(each, Document)}) == 1
    assert Document.objects.filter(case=case).count() == 1


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, so that a small file has many."""
    monkeypatch.setattr(uploading, "PIECE", PIECE)


@pytest.mark.usefixtures("slow")
def test_a_file_whose_network_is_cut_goes_on_by_itself(
    page: Page, browser: BrowserContext, site: str, tmp_path: Path
) -> None:
    account = b.account_of(Role.LOAN_OFFICER)
    case = f.draft(people.actor_for(account))
    enter(browser, site, account)
    for name, content in (("licence.pdf", FILE), ("shop.png", picture())):
        (tmp_path / name).write_bytes(content)

    cuts: list[str] = []

    def cut(route: Route) -> None:
        """Let two pieces through, then pull the plug."""
        if "/pieces/2/" in route.request.url and not cuts:
            cuts.append(route.request.url)
            browser.set_offline(True)
        route.continue_()

    page.add_init_script(path=AXE)
    page.goto(reverse("applications:document_add", args=[case.number]))
    page.locator("main [name=code]").select_option("licence")
    page.route("**/pieces/**", cut)
    page.locator("main [name=file]").set_input_files([tmp_path / "licence.pdf"])
    page.get_by_text("The network is away").wait_for()
    assert (len(cuts), UploadPiece.objects.count()) == (1, 2)
    browser.set_offline(False)
    page.get_by_text("Sent. Look at it").wait_for()
    page.locator(".upload-picture").wait_for()
    assert not Document.objects.filter(case=case).exists(), "looked at before it is handed in"
    page.locator("main [name=file]").set_input_files([tmp_path / "shop.png"])
    page.locator("[data-state=ready]").nth(1).wait_for()
    page.locator(".upload-picture").nth(1).wait_for()
    assert page.evaluate(FIND) == []
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**#documents")
    kept = set(Document.objects.filter(case=case).values_list("file__sha256", flat=True))
    assert kept == {hashlib.sha256(each.read_bytes()).hexdigest() for each in tmp_path.iterdir()}
    assert "2 documents were added." in page.content()


@pytest.mark.usefixtures("slow")
def test_a_phone_hands_in_cancels_and_is_told_what_is_wrong(chromium: Browser, site: str, tmp_path: Path) -> None:
    owner = people.borrower_account("upload-phone")
    officer = b.officer()
    case = f.draft(officer)
    access_give(actor=officer, borrower=case.borrower, account=owner)
    forged, good = tmp_path / "licence.pdf", tmp_path / "photo <b>\u202e.png"
    forged.write_bytes(b"<html><script>alert(1)</script>" * 30)
    good.write_bytes(picture())
    context = chromium.new_context(
        base_url=site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark",
        bypass_csp=True,
    )  # fmt: skip
    context.set_default_timeout(30_000)
    enter(context, site, owner)
    page = context.new_page()
    page.add_init_script(path=AXE)
    page.goto(reverse("portal:document", args=[case.number]))
    assert page.get_by_role("button", name="Take a picture").is_visible()
    page.locator("main [name=code]").select_option("licence")
    page.locator("main [name=file]").set_input_files([forged])
    page.get_by_text("Sent. Look at it").wait_for()
    page.locator("main form [type=submit]").last.click()
    page.locator("[data-state=failed]").wait_for()
    assert "Files of this type are not taken" in page.locator("[data-status]").inner_text()
    page.get_by_role("button", name="Cancel this file").click()
    assert page.locator(".upload").count() == 0
    page.locator("main [name=file]").set_input_files([good])
    page.locator("[data-state=ready]").wait_for()
    assert page.locator("[data-name]").inner_text() == "photo <b>.png"
    assert (page.evaluate(FIND), page.evaluate(OVERFLOW)) == ([], 0)
    page.locator("main form [type=submit]").last.click()
    page.wait_for_url(f"**/cases/{case.number}/")
    assert Document.objects.get(case=case).uploaded_by_id == owner.person_id
    context.close()
