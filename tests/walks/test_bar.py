"""The bar of every role at a desk's width: one line, with the search box's words whole, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from apps.access.roles import Role
from tests.walks.stops import Stop
from tests.walks.visits import Place, Variant, furnished_site, visits

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(600)]

DESKS = (Variant("English-1440", "en-GB", "light", 1440), Variant("Chinese-1440", "zh-CN", "light", 1440))
FULLEST = """() => {
  for (const badge of document.querySelectorAll('.top-bar .nav-link .badge, .bell-count')) badge.firstChild.data = '99+';
  for (const words of document.querySelectorAll('.factor-words, .factor-brief')) words.textContent = words.textContent.replace(/\\d+/, '59');
}"""
"""A day on which everything waits."""
LOOK = """() => {
  const bar = document.querySelector('.top-bar');
  const parts = [...bar.querySelectorAll('.brand, .top-tools > *, .navbar-nav > li, .search-box')].filter(node => node.checkVisibility());
  const middles = parts.map(node => { const box = node.getBoundingClientRect(); return (box.top + box.bottom) / 2; });
  const found = Math.max(...middles) - Math.min(...middles) > 6 ? [`more than one line: ${middles.map(Math.round)}`] : [];
  const boxes = parts.map(node => node.getBoundingClientRect()).sort((one, other) => one.left - other.left);
  boxes.slice(1).forEach((box, at) => box.left < boxes[at].right - 1 && found.push(`one lies over another at ${Math.round(box.left)}`));
  if (boxes.at(-1).right > document.documentElement.clientWidth) found.push('wider than the window');
  const input = bar.querySelector('.search-box input[type=search]');
  if (input) {
    const look = getComputedStyle(input);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    const room = input.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    const needed = pen.measureText(input.placeholder).width;
    if (needed > room) found.push(`${Math.ceil(needed)} pixels of words in ${Math.floor(room)}: ${input.placeholder}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """A furnished world and the address that serves it."""
    with django_db_blocker.unblock(), furnished_site() as found:
        yield found


@pytest.mark.parametrize("desk", DESKS, ids=str)
def test_the_bar_of_every_role_is_one_line_and_cuts_no_words(chromium: Browser, place: Place, desk: Variant) -> None:
    homes = [Stop(role, role, "/portal/" if role == Role.BORROWER else "/") for role in Role]
    complaints = {}
    for visit in visits(chromium, place, desk, homes):
        visit.page.evaluate(FULLEST)
        if found := visit.page.evaluate(LOOK):
            complaints[visit.stop.name] = found
    assert complaints == {}, "\n".join(f"{role}: {each}" for role, each in complaints.items())
