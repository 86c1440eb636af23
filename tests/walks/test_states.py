"""Each state of a page is reached by a browser, says what it is and what to do, and can be used by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from loanflow.frontend import PUBLISHED
from tests.walks.states import SLOW, STATES, staged
from tests.walks.test_accessible import ASK, AXE, LOOK, judged
from tests.walks.visits import VARIANTS, Place, Variant, context_of, furnished_site

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """A furnished world and the address that serves it."""
    with django_db_blocker.unblock(), patch.dict(PUBLISHED, {AXE[1]: AXE[0]}), furnished_site() as found:
        yield found


@pytest.mark.parametrize("variant", VARIANTS[:2], ids=str)
def test_every_state_can_be_seen_and_used(chromium: Browser, place: Place, variant: Variant) -> None:
    complaints: dict[str, list[str]] = {}
    context = context_of(chromium, place, variant, ASK)
    for state in STATES:
        with staged(context, place, state) as page:
            said = page.locator("body").inner_text()
            found = [] if variant.language.startswith("zh") or state.says in said else [f"does not say {state.says!r}"]
            looked = page.evaluate(LOOK)
            found += looked["complaints"]
            found += judged(page) if looked["marked"] and state.name not in SLOW else []
        if found:
            complaints[state.name] = found
    context.close()
    assert complaints == {}


def test_no_two_states_share_a_name() -> None:
    assert len({state.name for state in STATES}) == len(STATES)
