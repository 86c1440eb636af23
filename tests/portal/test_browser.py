"""A borrower's day in a real browser: invited by an officer, enrolled, and an application sent from a phone in Chinese."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from apps.applications.facts import consent_kinds
from apps.borrowers.models import Borrower, Party
from apps.workflow.models import LoanCase
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.console.test_browser import AXE, FIND, OVERFLOW, enter
from tests.workflow import factories


class Phone:
    """A phone in Chinese and in the dark, which looks at every page it comes to."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(path=AXE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look(self) -> None:
        """Note what axe finds, and whether the page is wider than the phone."""
        here = self.page.url.partition("//")[2].partition("/")[2]
        self.complaints += [f"{here} {found}" for found in self.page.evaluate(FIND)]
        self.complaints += [f"{here} overflows"] if self.page.evaluate(OVERFLOW) > 0 else []

    def go(self, address: str) -> None:
        """Open a page."""
        self.page.goto(address)
        self.look()

    def fill(self, **values: str) -> None:
        """Fill fields by name."""
        for name, value in values.items():
            self.page.locator(f'main [name="{name}"]').fill(value)

    def send(self, to: str) -> None:
        """Send the page's form, and look at the page that it leads to."""
        self.page.locator("main form .btn-primary[type=submit]").click()
        self.page.wait_for_url(to)
        self.look()


@pytest.fixture
def phone(chromium: Browser, site: str) -> Any:
    """Return a phone."""
    context = chromium.new_context(
        base_url=site, viewport={"width": 390, "height": 844}, color_scheme="dark", locale="zh-CN", bypass_csp=True
    )
    context.set_default_timeout(30_000)
    yield Phone(context)
    context.close()


def invite(page: Page, browser: BrowserContext, site: str) -> Borrower:
    """Invite the signer of a new business, as an officer does."""
    officer = factories.worker()
    borrower = businesses.borrower(people.actor_for(officer))
    person = businesses.whole_people(people.actor_for(officer), borrower)
    enter(browser, site, officer)
    page.goto(borrower.get_absolute_url())
    page.locator(f'a[href="{reverse("borrowers:portal_invite", args=[borrower.pk])}"]').click()
    page.locator(f'main [name="party"][value="{person.pk}"]').check()
    page.locator('main [name="language"][value="zh-hans"]').check()
    page.locator("main form [type=submit]").click()
    page.wait_for_url(f"**{borrower.get_absolute_url()}")
    return borrower


def in_mail(pattern: str) -> str:
    """What the last mail holds."""
    found = re.search(pattern, str(mail.outbox[-1].body))
    assert found is not None
    return found.group()


def enrol(phone: Phone) -> None:
    """Open the link, choose a password, type the code of the mail."""
    phone.go(in_mail(r"/account/invitation/\S+"))
    phone.fill(password=people.PASSWORD, again=people.PASSWORD)
    phone.send("**/account/email-code/")
    phone.fill(code=in_mail(r"\b\d{6}\b"))
    phone.send("**/portal/")


def test_an_invited_borrower_applies_from_a_phone_in_chinese(
    page: Page, browser: BrowserContext, site: str, phone: Phone
) -> None:
    factories.product()
    borrower = invite(page, browser, site)
    enrol(phone)
    phone.go(reverse("portal:apply"))
    phone.fill(amount="300,000", term_months="24")
    phone.send("**/purpose/")
    case = LoanCase.objects.get(borrower=borrower)
    phone.fill(purpose="购买面粉", repayment_source="三家超市的货款")
    phone.page.wait_for_function("document.getElementById('keep-status').textContent !== ''")
    phone.page.reload()
    assert phone.page.input_value('[name="purpose"]') == "购买面粉", "kept while it was typed"
    phone.send("**/business/")
    phone.send("**/people/")
    phone.go(reverse("portal:apply_person", args=[case.number, Party.objects.get(borrower=borrower).pk]))
    phone.go(reverse("portal:apply_person_add", args=[case.number]))
    phone.go(reverse("portal:apply_documents", args=[case.number]))
    phone.go(reverse("portal:apply_consents", args=[case.number]))
    for kind in consent_kinds():
        phone.page.locator(f'main [name="{kind}"]').check()
    phone.send("**/send/")
    phone.page.locator('main [name="declared"]').check()
    phone.send(f"**/cases/{case.number}/")
    case.refresh_from_db()
    assert case.state == State.INTAKE
    phone.page.locator('main textarea[name="body"]').fill("什么时候有答复？")
    phone.page.locator('form[action$="/messages/"] [type=submit]').click()
    phone.page.wait_for_url("**#talk-title")
    phone.go(reverse("portal:safety"))
    assert phone.complaints == []
