"""The furnished world in a real browser, in four variants of its look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from apps.access.roles import Role
from apps.accounts import browser
from apps.accounts.models import Account
from tests.accounts import factories as people
from tests.site import served
from tests.walks import furnished
from tests.walks.stops import Stop, stops, way_in
from tests.walks.world import HOUSE, NEAR, OWNER, World

HEIGHT = 900


@dataclass(frozen=True)
class Variant:
    """One look of the pages: its name, the language asked for, the colours and the width."""

    name: str
    language: str
    scheme: Literal["light", "dark"]
    width: int

    def __str__(self) -> str:
        return self.name


VARIANTS = (
    Variant("English-light-1440", "en-GB", "light", 1440),
    Variant("Chinese-dark-390", "zh-CN", "dark", 390),
    Variant("English-dark-1440", "en-GB", "dark", 1440),
    Variant("Chinese-light-390", "zh-CN", "light", 390),
)


@dataclass(frozen=True)
class Place:
    """A furnished world, the address that serves it, and where to go in it."""

    world: World
    site: str
    stops: list[Stop]


@contextmanager
def furnished_site() -> Iterator[Place]:
    """Serve a copy of the furnished database; what its pages write is really written, and goes with it."""
    with furnished.copied() as world, served() as address:
        before = way_in(world)
        people.signed_in(Client(), world.account(NEAR, Role.LOAN_OFFICER))  # so that there is a session to speak of
        yield Place(world, address, [*before, *stops(world)])


@dataclass(frozen=True)
class Visit:
    """A page that has answered with something to look at."""

    stop: Stop
    page: Page
    status: int


def visits(
    chromium: Browser, place: Place, variant: Variant, wanted: Iterable[Stop] | None = None, script: str = ""
) -> Iterator[Visit]:
    """Go to each stop in one browser, which brings a ``script`` to each page; files to keep are passed by."""
    context = context_of(chromium, place, variant, script)
    page, seated = context.new_page(), (None, "", False)
    for stop in place.stops if wanted is None else wanted:
        wanted_seat = (stop.role, stop.handle, stop.place == HOUSE)
        if wanted_seat != seated:
            sit_down(context, place, stop.role, stop.handle, whole=stop.place == HOUSE)
            seated = wanted_seat
        answer = _answer(page, stop.address)
        if answer is not None and "html" in answer.headers["content-type"]:
            yield Visit(stop, page, answer.status)
        else:
            page.close()  # it may still be on its way to the browser's own page about what it could not show
            page = context.new_page()
    context.close()


def context_of(
    chromium: Browser, place: Place, variant: Variant, script: str = "", *, bypass_csp: bool = True
) -> BrowserContext:
    """A browser of a variant, which brings a ``script`` to each page past the pages' content policy."""
    context = chromium.new_context(
        base_url=place.site,
        viewport={"width": variant.width, "height": HEIGHT},
        color_scheme=variant.scheme,
        locale=variant.language,
        reduced_motion="reduce",
        bypass_csp=bypass_csp,
    )
    context.set_default_timeout(30_000)
    context.add_init_script(script)
    return context


def _answer(page: Page, address: str) -> Response | None:
    """What a page answers; ``None`` where the browser has nothing to show: a file to keep."""
    try:
        return page.goto(address)
    except Error:
        bare = page.request.get(address)
        if bare.status == HTTPStatus.OK and "html" not in bare.headers["content-type"]:
            return None
        raise


def sit_down(
    context: BrowserContext, place: Place, role: Role | None, handle: str = "", *, whole: bool = False
) -> None:
    """Give the browser the session of a role's person (of the ``whole`` house if told), or the one that whoever bears a handle has begun."""
    context.clear_cookies()
    key = _begun(Account.objects.get(handle=handle)) if handle else _session(place.world, role, whole=whole)
    cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": place.site}
    context.add_cookies([cookie] if key else [])


def _session(world: World, role: Role | None, *, whole: bool) -> str:
    """The key of a complete session; ``""`` for a stranger."""
    if role is None:
        return ""
    client = Client()
    people.signed_in(client, world.account(OWNER if role == Role.BORROWER else HOUSE if whole else NEAR, role))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _begun(owner: Account) -> str:
    """The key of a session in which only the password is proved."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    browser.step_begin(request, owner)
    request.session.save()
    return str(request.session.session_key)
