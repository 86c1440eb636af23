"""Every page of the furnished world in a real browser: where to go, as whom, and in which variant of the look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from apps.access.roles import Role
from tests.accounts import factories as people
from tests.site import served
from tests.walks import furnished
from tests.walks.test_queries import looks
from tests.walks.world import NEAR, OWNER, RICH, World

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
class Stop:
    """One page to go to; nobody is signed in where there is no ``role``."""

    name: str
    role: Role | None
    address: str


@contextmanager
def furnished_site() -> Iterator[tuple[World, str]]:
    """Serve a copy of the furnished database; what its pages write is really written, and goes with it."""
    with furnished.copied() as world, served() as address:
        people.signed_in(Client(), world.account(NEAR, Role.LOAN_OFFICER))  # so that there is a session to speak of
        yield world, address


def stops(world: World) -> list[Stop]:
    """Every page once, and those of many faces with each of them; in the order of people, so that few sign in anew."""
    each = [Stop(look.page.key, look.role, look.address) for look in looks(world)]
    found = {stop.name: stop for stop in [*each, *_homes(), *_stations(world), *_strangers(), *_errors()]}
    order = [None, *Role]
    return sorted(found.values(), key=lambda stop: (order.index(stop.role), stop.name))


def _homes() -> Iterator[Stop]:
    """The first page of each role."""
    for role in Role:
        yield Stop(f"console:home-{role}", role, "/portal/" if role == Role.BORROWER else "/")


def _stations(world: World) -> Iterator[Stop]:
    """The case page along the way of a case, as the bank and as the business see it."""
    for station in set(world.cases) - {RICH}:
        case = world.case(station)
        yield Stop(f"workflow:case-{station}", Role.LOAN_OFFICER, case.get_absolute_url())
    for station in ("online", "offered", "waiting", "draft"):
        yield Stop(f"portal:case-{station}", Role.BORROWER, reverse("portal:case", args=[world.case(station).number]))


def _strangers() -> Iterator[Stop]:
    """Pages of the way in."""
    yield Stop("accounts:sign_in", None, reverse("accounts:sign_in"))
    yield Stop("accounts:invitation", None, reverse("accounts:invitation", args=["no-such-invitation"]))


def _errors() -> Iterator[Stop]:
    """What is not there and what is not open."""
    yield Stop("error-missing", Role.LOAN_OFFICER, "/no/such/page/")
    yield Stop("error-missing-stranger", None, "/no/such/page/")
    yield Stop("error-refused", Role.LOAN_OFFICER, reverse("console:audit"))


@dataclass(frozen=True)
class Visit:
    """A page that has answered with something to look at."""

    stop: Stop
    page: Page
    status: int


def visits(chromium: Browser, site: str, world: World, variant: Variant, wanted: Iterable[Stop]) -> Iterator[Visit]:
    """Go to each stop in one browser; what only takes posts or is a file to keep is passed by."""
    context = chromium.new_context(
        base_url=site,
        viewport={"width": variant.width, "height": HEIGHT},
        color_scheme=variant.scheme,
        locale=variant.language,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page, seated = context.new_page(), None
    for stop in wanted:
        if stop.role != seated:
            _sit_down(context, site, world, stop.role)
            seated = stop.role
        answer = _answer(page, stop.address)
        if answer is not None:
            yield Visit(stop, page, answer.status)
        else:
            page.close()  # it may still be on its way to the browser's own page about what it could not show
            page = context.new_page()
    context.close()


def _answer(page: Page, address: str) -> Response | None:
    """What a page answers; ``None`` where the browser has nothing to show: a file to keep, an address that takes posts only."""
    try:
        return page.goto(address)
    except Error:
        bare = page.request.get(address)
        if bare.status == HTTPStatus.METHOD_NOT_ALLOWED or "content-disposition" in bare.headers:
            return None
        raise


def _sit_down(context: BrowserContext, site: str, world: World, role: Role | None) -> None:
    context.clear_cookies()
    if role is None:
        return
    client, name = Client(), settings.SESSION_COOKIE_NAME
    people.signed_in(client, world.account(OWNER if role == Role.BORROWER else NEAR, role))
    cookie: Any = {"name": name, "value": client.cookies[name].value, "url": site}
    context.add_cookies([cookie])
