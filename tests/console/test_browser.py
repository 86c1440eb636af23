"""Pages in a real browser: keyboard, theme, one submit a click. What axe-core finds on every page stands in tests/walks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.workflow.models import Message, Notice
from tests.accounts import factories as people
from tests.workflow import factories

AXE = Path(house.NODE_MODULES) / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
FIND = f"""() => axe.run(document, {{runOnly: {RULES}}}).then(
    (found) => found.violations.map((one) => `${{one.id}}: ${{one.nodes[0].html}}`))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def enter(context: BrowserContext, site: str, owner: Account) -> None:
    """Give a browser the session of an account."""
    client = Client()
    people.signed_in(client, owner)
    cookie: Any = {
        "name": house.SESSION_COOKIE_NAME,
        "value": client.cookies[house.SESSION_COOKIE_NAME].value,
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


def test_the_keyboard_walks_through_what_was_found(page: Page, officer: Account) -> None:
    case = factories.case(officer)
    page.goto("/work/")
    page.keyboard.press("/")
    page.keyboard.type(case.borrower.legal_name[:6])
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/borrowers/{case.borrower_id}/"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/LF-*/")
    page.go_back()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/work/")


def test_rows_are_chosen_all_at_once_and_handed_over(
    page: Page, browser: BrowserContext, site: str, settings: Any
) -> None:
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]  # each case is locked, judged and written by itself
    officer = factories.worker()
    for _each in range(2):
        factories.case(officer)
    factories.worker(handle="taker")
    enter(browser, site, factories.worker(Role.TEAM_LEAD))
    page.goto("/work/?tab=branch")
    page.check("[data-choose-all] input")
    assert page.inner_text("[data-chosen]") == "2 chosen"
    page.click("text=Hand over the chosen cases")
    page.select_option("[name=new_holder]", label="taker")
    page.fill("[name=text]", "On leave")
    page.click("text=See what happens")
    page.click("text=Hand over 2 cases")
    page.wait_for_selector("text=2 cases moved to taker")


def test_a_view_is_saved_from_the_menu_beside_the_tabs(page: Page, officer: Account) -> None:
    page.goto("/work/?tab=branch")
    page.click(".views-menu .dropdown-toggle")
    assert page.is_visible("text=You have saved no view yet")
    page.evaluate(AXE.read_text())
    assert page.evaluate(FIND) == []
    page.click("text=Save this view")
    page.fill("[name=name]", "Whole branch")
    page.check("[name=is_default]")
    page.click("main button[type=submit]")
    page.wait_for_url("**/work/?tab=branch")
    page.goto("/work/")
    assert "Whole branch" in page.inner_text(".views-menu .dropdown-toggle")


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


APART = """() => {
    const boxes = [".brand", ".bell .icon", ".bell-count", ".factor-chip", ".account-button", ".navbar-toggler"]
        .map((name) => [name, document.querySelector(name).getBoundingClientRect()]).filter(([, box]) => box.width);
    const meet = (one, two) => one.left < two.right - 0.5 && two.left < one.right - 0.5;
    const line = document.querySelector('.brand').getBoundingClientRect();
    const fallen = boxes.filter(([, box]) => box.top > line.bottom).map(([name]) => `${name} fell`);
    return fallen.concat(boxes.flatMap(([name, box], place) =>
        boxes.slice(place + 1).filter(([, other]) => meet(box, other)).map(([other]) => `${name} ${other}`)));
}"""


@pytest.mark.parametrize("width", [360, 390, 1440])
def test_the_bells_count_stands_beside_everything(page: Page, officer: Account, width: int) -> None:
    case = factories.case(officer)
    Notice.objects.bulk_create(
        Notice(person=officer.person, case=case, kind="message", created_at=case.created_at) for _each in range(100)
    )
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/work/", "/cases/", "/"):
        page.goto(address)
        assert page.inner_text(".bell-count").startswith("99+")
        assert page.evaluate(APART) == []
        assert page.evaluate(OVERFLOW) <= 0


def test_rows_are_cards_on_a_phone_and_the_menu_holds_every_place(
    page: Page, browser: BrowserContext, site: str
) -> None:
    factories.case(factories.worker())
    enter(browser, site, factories.worker(Role.TEAM_LEAD))
    page.set_viewport_size({"width": 390, "height": 800})
    for address in ("/work/?tab=branch", "/cases/"):
        page.goto(address)
        card, title, box = (
            page.locator(f"tr[data-row]{inside}").bounding_box() or {} for inside in ("", " .row-title", " .choose")
        )
        assert card["width"] <= 390
        assert abs(title["y"] - box["y"]) < 20, "the box to tick stands beside the number"
        assert not page.is_visible("#top-nav")
        page.click(".navbar-toggler")
        page.wait_for_selector("#top-nav.show")
        assert page.is_visible("#top-nav >> text=Borrowers")
        assert page.is_visible("#search")
        assert page.evaluate(OVERFLOW) <= 0
