"""A draft knows which borrower its page is about: every page of a case, a borrower or a loan leads to it."""

from __future__ import annotations

import pytest

from apps.accounts.drafts.subjects import borrower_of
from apps.borrowers.models import Borrower
from tests.walks.addresses import pages
from tests.walks.arguments import arguments_of
from tests.walks.test_objects import OF_CASES, OF_THE_HOUSE
from tests.walks.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
WITHOUT_ONE = {"disbursement:paying_end", "portal:loan", "portal:settle", "portal:statement", "portal:data_take"}
"""Pages of those apps about the institution's own, and the borrower's own pages, which keep no drafts."""
CONSOLE = ("forget_ask", "hold_place")


def test_every_page_about_a_borrower_says_so(world: World) -> None:
    case, told, asked = world.case(), {}, 0
    for page in pages():
        app, _colon, name = page.name.partition(":")
        about = (app in OF_CASES and page.name not in OF_THE_HOUSE | WITHOUT_ONE) or name in CONSOLE
        arguments = arguments_of(page, world, case) if page.names and about else None
        if arguments is None:
            continue
        asked += 1
        if (found := borrower_of(page.name, arguments)) != case.borrower_id:
            told[page.name] = found
    assert told == {}
    assert asked > 100


def test_what_is_about_nobody_is_about_nobody(world: World) -> None:
    assert borrower_of("console:product", {"code": "working-capital"}) is None
    assert borrower_of("workflow:case", {"number": "LF-1999-000001"}) is None
    known = Borrower.objects.latest("pk").pk
    assert borrower_of("applications:new", {"borrower": str(known)}) == known
    assert borrower_of("applications:new", {"borrower": "x"}) is None
