"""Pages in a real browser: keyboard, theme, one submit a click. What axe-core finds on every page stands in tests/walks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from apps.accounts.models import Account
from apps.workflow.models import Message
from tests.accounts import factories as people
from tests.workflow import factories

AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
FIND = f"""() => axe.run(document, {{runOnly: {RULES}}}).then(
    (found) => found.violations.map((one) => `${{one.id}}: ${{one.nodes[0].html}}`))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def enter(context: BrowserContext, site: str, owner: Account) -> None:
    """Give a browser the session of an account."""
    client = Client()
    people.signed_in(client, owner)
    cookie: Any = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": site,
    }
    context.add_cookies([cookie])


@pytest.fixture
def officer(browser: BrowserContext, site: str) -> Account:
    """Return a loan officer who has signed in."""
    made = factories.worker()
    enter(browser, site, made)
    return made


def test_the_keyboard_finds_its_way(page: Page, officer: Account) -> None:
    first, second = factories.case(officer), factories.case(officer)
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/work/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/LF-*/")
    assert any(case.number in page.url for case in (first, second))
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_a_typed_letter_is_no_command(page: Page, officer: Account) -> None:
    case = factories.case(officer)
    page.goto(case.get_absolute_url())
    page.fill("textarea", "g")
    page.locator("textarea").press("q")
    assert page.url.endswith(case.get_absolute_url())
    assert page.input_value("textarea") == "gq"


def test_the_colours_are_remembered(page: Page, officer: Account) -> None:
    page.goto("/")
    root = page.locator("html")
    before = root.get_attribute("data-bs-theme")
    page.click(".account-button")
    page.click(".account-menu [data-theme-switch]")
    assert root.get_attribute("data-bs-theme") != before
    page.reload()
    assert root.get_attribute("data-bs-theme") != before


def test_a_double_click_sends_once(page: Page, officer: Account) -> None:
    case = factories.case(officer)
    page.goto(case.get_absolute_url())
    page.fill("textarea", "Only once")
    page.dblclick("text=Send")
    page.locator(".alert-success, .toast, #messages").get_by_text("on the case").wait_for()
    page.wait_for_load_state("networkidle")
    assert Message.objects.count() == 1


def test_errors_take_the_focus_and_lead_to_their_field(page: Page, officer: Account) -> None:
    case = factories.case(officer)
    page.goto(f"{case.get_absolute_url()}withdraw-recorded/")
    page.click("button.btn-danger")
    page.wait_for_selector(".error-summary")
    assert "error-summary" in str(page.evaluate("document.activeElement.className"))
    page.click(".error-summary a")
    assert page.evaluate("document.activeElement.name") == "text"
