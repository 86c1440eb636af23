"""One person's day at one browser of the furnished world: the steps that several days share."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from apps.access.roles import Role, permissions_of
from apps.accounts.models import Account
from apps.console import navigation
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.journeys.desk import FORM, Desk
from tests.journeys.people import TYPING
from tests.walks.visits import Place, Variant
from tests.walks.world import NEAR, OWNER, RICH, World

BAR = "#top-nav nav"
LINKS = "all => all.map(one => [one.getAttribute('href'), Boolean(one.closest('.dropdown'))])"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = 500
"""Narrower windows hide the bar behind its button."""


class Day(Desk):
    """A person of the furnished world who works through a day; ``told`` speaks the language of the window."""

    def __init__(self, page: Page, place: Place, variant: Variant, role: Role) -> None:
        self.world: World = place.world
        super().__init__(page, who_is(place.world, role), "zh-hans" if variant.language.startswith("zh") else "en")
        self.role, self.is_phone = role, variant.width < PHONE
        self.code = lambda: people.code_for(self.account, TYPING)

    def case(self, station: str = RICH) -> LoanCase:
        """The case of a station as it stands now."""
        return self.world.case(station)

    def click(self, what: Locator) -> None:
        """Click what leads somewhere, and see that it does: an answer with a heading, not wider than the window."""
        with self.page.expect_navigation() as went:
            what.click()
        answer = went.value
        assert answer is not None
        assert answer.ok, f"{self.account.handle}: {answer.url} answered {answer.status}\n{self.words()}"
        self.stands()

    def stands(self) -> None:
        """A page with a heading stands here, not wider than the window."""
        expect(self.page.locator("h1").first).not_to_be_empty()
        assert self.page.evaluate(OVERFLOW) <= 0, f"{self.page.url} is wider than its window"

    def follow_to(self, words: str, *, exact: bool = False, within: str = "main") -> None:
        """Follow a link of the page by what it says, and see that it leads somewhere."""
        self.click(self.page.locator(within).get_by_role("link", name=self.told(words), exact=exact).first)

    def sees(self, *words: str, within: str = "main") -> None:
        """The page says these words, in this person's language."""
        for each in words:
            expect(self.page.locator(within).get_by_text(self.told(each)).first).to_be_visible()

    def reads(self, *texts: str, within: str = "main") -> None:
        """The page shows these texts as they are, in any language."""
        for each in texts:
            expect(self.page.locator(within).get_by_text(each).first).to_be_visible()

    def goes_on(self, **values: Any) -> None:
        """Fill a step of several and go on; beside it one could keep it for later."""
        self.fill(**values).page.locator("main form.card button.btn-primary[type=submit]").click()
        self.page.wait_for_load_state()
        self.stands()

    def send(self, form: str = FORM) -> None:
        """Send a form of the page, see that it was taken and that a page came of it."""
        super().send(form)
        self.stands()

    def opens_home(self) -> None:
        """The day begins at home; at a desk each tile is seen to lead somewhere: the first by a click."""
        self.open("/portal/" if self.role == Role.BORROWER else "/")
        self.stands()
        tiles = [] if self.is_phone else self.links_of("a.tile")
        if tiles:
            self.click(self.page.locator("a.tile").first)
        for address in tiles[1:]:
            self.answers(address)

    def links_of(self, links: str) -> list[str]:
        """Where links of the page lead, in their order."""
        found: list[str] = self.page.locator(links).evaluate_all("all => all.map(one => one.getAttribute('href'))")
        return found

    def answers(self, address: str) -> None:
        """An address answers this person with a page that has a heading; it is not drawn."""
        answer = self.page.request.get(address)
        assert answer.ok, f"{self.account.handle}: {address} answered {answer.status}"
        assert "<h1" in answer.text(), address

    def walks_the_bar(self) -> int:
        """Open the places of the bar by clicking, each of which then says that one is there; returns how many the bar has.

        At a desk those that no role before this one has, the first and the last are clicked, and every other answers; on a phone
        the last is clicked, which the menu's end must not hide, and the last of a group.
        """
        found: list[tuple[str, bool]] = self.page.locator(f"{BAR} a").evaluate_all(LINKS)
        places = [(address, is_grouped) for address, is_grouped in found]
        ends = {*places[-1:], *[one for one in places if one[1]][-1:]}
        clicked = ends if self.is_phone else {*ends, *places[:1], *(one for one in places if self.is_first_to(one[0]))}
        for address, is_grouped in places:
            if (address, is_grouped) not in clicked:
                if not self.is_phone:
                    self.answers(address)
                continue
            entry = self.page.locator(f'{BAR} a[href="{address}"]')
            if self.is_phone:
                self.unfold()
            if is_grouped:
                self.page.locator(f"{BAR} .dropdown", has=self.page.locator(f'a[href="{address}"]')).locator(
                    "button"
                ).click()
            self.click(entry)
            assert "active" in str(entry.locator("xpath=..").get_attribute("class")) + str(entry.get_attribute("class"))
        return len(places)

    def is_first_to(self, address: str) -> bool:
        """Tell whether no role that stands before this one has a place in its bar."""
        return all(address not in places_of(role) for role in itertools.takewhile(lambda one: one != self.role, Role))

    def unfold(self) -> None:
        """Unfold the menu of a phone."""
        self.page.locator(".navbar-toggler").click()
        expect(self.page.locator("#top-nav.show")).to_be_visible()

    def uses_keys(self, case: LoanCase | None) -> None:
        """Search by `/`, walk what was found by `j` and `k`, go to the queue by `g q`, ask for help by `?`."""
        keys = self.page.keyboard
        if case is not None:
            keys.press("/")
            expect(self.page.locator("#search")).to_be_focused()
            keys.type(case.borrower.legal_name.split()[0])
            keys.press("Enter")
            self.reads(case.borrower.legal_name)
            keys.press("j")
            assert self.page.evaluate("document.activeElement.hasAttribute('data-row-link')")
            keys.press("k")
        if self.page.locator('#keys [data-go="q"]').count():
            keys.press("g")
            keys.press("q")
            self.page.wait_for_url("**/work/")
        keys.press("?")
        expect(self.page.locator("#keys")).to_be_visible()
        keys.press("Escape")
        expect(self.page.locator("#keys")).to_be_hidden()

    def searches(self, case: LoanCase) -> None:
        """Search on a phone, where the box is in the menu; a whole reference leads to its case."""
        self.unfold()
        self.page.locator("#search").fill(case.number)
        self.page.locator("#search").press("Enter")
        self.page.wait_for_url(f"**{case.get_absolute_url()}")
        self.stands()


Work = Callable[[Day], None]


@functools.cache
def places_of(role: Role) -> frozenset[str]:
    """Addresses of the bar of a role."""
    entries = navigation.entries(permissions_of([role]), "/", portal=role == Role.BORROWER)
    return frozenset(entry.url for top in entries for entry in (top, *top.children) if entry.url)


def who_is(world: World, role: Role) -> Account:
    """Whose day it is."""
    return world.account(OWNER if role == Role.BORROWER else NEAR, role)
