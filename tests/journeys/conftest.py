"""Fixtures of the journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.disbursement.conftest import outbox
from tests.journeys.people import DESK, Office

__all__ = ["office", "outbox"]


@pytest.fixture
def office(request: pytest.FixtureRequest, site: str, browser: object) -> Iterator[Office]:
    """A bank with a branch, a product and a policy, whose people have a browser each."""
    chromium: Browser = request.getfixturevalue("chromium")
    staffed = Office(chromium, site, getattr(request, "param", DESK))
    yield staffed
    staffed.close()
