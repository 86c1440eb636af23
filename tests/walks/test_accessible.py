"""Every page, in a browser, for people who see, hear or move differently: WCAG 2.2 AA as far as a machine can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page
from pytest_django.plugin import DjangoDbBlocker

from apps.access.roles import Role
from loanflow.frontend import PUBLISHED
from tests.walks.stops import Stop
from tests.walks.visits import HEIGHT, VARIANTS, Place, Variant, furnished_site, visits

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(1200)]

AXE = ("axe-core/axe.min.js", "axe/axe.min.js")
"""Where the package keeps it, and where the browser of the walk asks for it: it keeps what it has fetched and compiled."""
ASK = Path(__file__).with_name("accessible.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
JUDGE = """tags => axe.run({include: [["[data-fresh]"]]}, {runOnly: tags, resultTypes: ["violations"]}).then(
    found => found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html}`)))"""
LOOK = "accessible.look()"
"""What a page complains of, the classes that it uses, and how many elements are marked whose like no page has shown."""
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
ZOOMED = 320
"""Width of a page of 1280 pixels at 400 %."""
MOST_STOPS = 60
EXPECTED = {
    "accounts:invitation-gone": {410},
    "error-missing": {404},
    "error-missing-stranger": {404},
    "error-refused": {403},
}


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """A furnished world and the address that serves it."""
    with django_db_blocker.unblock(), patch.dict(PUBLISHED, {AXE[1]: AXE[0]}), furnished_site() as found:
        yield found


def judged(page: Page) -> list[str]:
    """What axe finds in elements whose like no page before has shown: a second one would be judged alike."""
    page.add_script_tag(url=f"/static/{AXE[1]}")
    return list(page.evaluate(JUDGE, TAGS))


def styled(sheet: str) -> set[str]:
    """The classes that a style sheet of the packages speaks of."""
    return set(CLASS.findall((Path(settings.NODE_MODULES) / sheet).read_text()))


def zoomed(page: Page, variant: Variant) -> list[str]:
    """Whether a phone's page still fits when it is enlarged."""
    if variant.width > ZOOMED * 2:
        return []
    page.set_viewport_size({"width": ZOOMED, "height": HEIGHT})
    found = page.evaluate("accessible.width()")
    page.set_viewport_size({"width": variant.width, "height": HEIGHT})
    return [f"enlarged: {one}" for one in found]


@pytest.mark.parametrize("variant", VARIANTS[:2], ids=str)
def test_every_page_can_be_used_by_everybody(blind: Browser, place: Place, variant: Variant) -> None:
    complaints: dict[str, list[str]] = {}
    pruned = styled("@tabler/core/dist/css/tabler.min.css") - styled(PUBLISHED["tabler/tabler.min.css"])
    for visit in visits(blind, place, variant, script=ASK):
        page = visit.page
        looked = page.evaluate(LOOK)
        for lost in sorted(pruned.intersection(looked["classes"])):
            complaints.setdefault(f"the style sheet has lost .{lost}", []).append(visit.stop.name)
        unexpected = [] if visit.status in EXPECTED.get(visit.stop.name, {200}) else [f"answered {visit.status}"]
        axe = judged(page) if looked["marked"] else []
        for one in [*unexpected, *looked["complaints"], *axe, *zoomed(page, variant)]:
            complaints.setdefault(one, []).append(visit.stop.name)
    assert complaints == {}, "\n".join(f"{told}: {where}" for told, where in complaints.items())


@pytest.mark.parametrize("variant", VARIANTS[:2], ids=str)
def test_the_focus_is_seen_wherever_the_tab_key_leads(chromium: Browser, place: Place, variant: Variant) -> None:
    """In the order of the document, never behind what sticks to the window's edge."""
    wanted = [
        Stop("workflow:case", Role.LOAN_OFFICER, place.world.case("intake").get_absolute_url()),
        *[stop for stop in place.stops if stop.name in {"approval:sign", "console:people", "portal:apply_loan"}],
    ]
    for visit in visits(chromium, place, variant, wanted, ASK):
        told = []
        for _stop in range(MOST_STOPS):
            visit.page.keyboard.press("Tab")
            told.append(visit.page.evaluate("accessible.focus()"))
        assert visit.status == HTTPStatus.OK
        assert {one for one in told if one} == set(), visit.stop.name
