"""Fixtures of the whole suite. A test that commits works on a database copy of its own; nothing is ever flushed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.signals import connection_created
from django.template import Context, RequestContext, Template
from django.test.signals import template_rendered
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.audit import mac
from loanflow import collector
from tests import databases, parts, statements
from tests.site import served

hypothesis_settings.register_profile("house", deadline=None, max_examples=60, database=None, print_blob=True)
hypothesis_settings.load_profile("house")

NOTES = statements.NOTES
PASSED = pytest.StashKey[bool]()
FLUSHING = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}
WALKS = "tests/walks/"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRAWS_NOTHING = "--disable-threaded-compositing"
"""Without a window and that thread no frame is ever made: neither painted, nor told to a script that waits for one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by what they use, leave out what cannot run here, and refuse whatever would flush."""
    if os.environ.get(parts.LATER_PASS):
        _leave_out_what_ran(config, items)
    missing = parts.missing()
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if flushing := used & FLUSHING or _wants_transactions(item):
            raise pytest.UsageError(f"{item.nodeid} would flush ({flushing}): use committed_db or site instead.")
        for mark, fixtures in {"committed": {"committed_db"}, "browser": {"browser"}, "shared": {"shared"}}.items():
            if used & fixtures:
                item.add_marker(mark)
        for part in ("browser", "shared"):
            if part in missing and item.get_closest_marker(part):
                item.add_marker(pytest.mark.skip(reason=missing[part]))
    items[:] = _longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Let each worker begin with its part of the long tests, so that none is left alone with one at the end.

    Long are the browser's and those that walk through every page. The first worker walks: it makes the world that others use later, and
    finds once what its walks share. The others share the browser's; what is short fills up what the scheduler gives to each.
    """
    browsers = [item for item in items if item.get_closest_marker("browser") is not None]
    walks = [item for item in items if item.nodeid.startswith(WALKS) and item not in browsers]
    long = {*browsers, *walks}
    queues = [walks, *(browsers[at :: workers - 1] for at in range(workers - 1))] if workers > 1 else [walks + browsers]
    rest, dealt = [item for item in items if item not in long], []
    for at, queue in enumerate(queues):
        room = (len(items) - len(dealt)) // (workers - at)
        rest = queue[room:] + rest
        taken = room - len(queue[:room])
        dealt += queue[:room] + rest[:taken]
        rest = rest[taken:]
    return dealt


def _leave_out_what_ran(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what the first pass has answered for every database: tests that open none, say that none matters, or send no new statement."""
    rest = [item for item in items if not item.get_closest_marker("once") and _opens_a_database(item)]
    notes = statements.read(Path(os.environ[parts.NOTES])) if os.environ.get(parts.NOTES) else statements.Pass()
    notes.tests = {item.nodeid: notes.tests[item.nodeid] for item in rest if item.nodeid in notes.tests}
    notes.uses = {item.nodeid: _worlds_of(item) for item in rest}
    always = [item.nodeid for item in rest if _commits(item) or item.get_closest_marker("every")]
    answered = notes.tests.keys() - statements.chosen(notes, always)
    kept = {item for item in rest if item.nodeid not in answered}
    if ran := [item for item in items if item not in kept]:
        config.hook.pytest_deselected(items=ran)
        items[:] = [item for item in items if item in kept]


def _worlds_of(item: pytest.Item) -> frozenset[str]:
    """Fixtures of a test, as those that are made for all tests of a module or of a process are noted."""
    module, names = item.nodeid.partition("::")[0], getattr(item, "fixturenames", ())
    return frozenset(f"{maker}::{name}" for name in names for maker in (module, ""))


def _opens_a_database(item: pytest.Item) -> bool:
    """Say whether a test asks for a database by its mark or by any of its fixtures."""
    used = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or used & {"db", "django_db_setup"})


def _commits(item: pytest.Item) -> bool:
    """Say whether a test really commits, by itself and not through a browser: locks and triggers are each database's own."""
    used = set(getattr(item, "fixturenames", ()))
    return bool(used & {"committed_db", "site"}) and not used & {"browser", "chromium"}


def _wants_transactions(item: pytest.Item) -> bool:
    """Say whether a test asks for Django's transactional test case, which flushes."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and (mark.kwargs.get("transaction") or (mark.args and mark.args[0])))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What has been collected stays: looking through thousands of tests for garbage again and again costs a sixth of a run."""
    collector.settled()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note what a test of the first pass sends to its database."""
    NOTES.begin()
    began = time.monotonic()
    yield
    if item.stash.get(PASSED, False):
        NOTES.end(item.nodeid, time.monotonic() - began)


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> Iterator[None]:
    """Note what is made for all tests of a module or of a process apart from what they do themselves."""
    if fixturedef.scope not in ("module", "session"):
        yield
        return
    with NOTES.shared(f"{request.node.nodeid}::{fixturedef.argname}"):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember that a test has passed."""
    result = yield
    report = result.get_result()  # type: ignore[attr-defined]
    if report.when == "call":
        item.stash[PASSED] = report.passed


def pytest_configure(config: pytest.Config) -> None:
    """Listen to what connections are asked, where a first pass is to note it."""
    if _notes_wanted():
        connection_created.connect(NOTES.listen, dispatch_uid="notes")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the notes to the later passes."""
    if _notes_wanted() and NOTES.kept.tests:
        NOTES.write(Path(os.environ[parts.NOTES]) / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json")


def _notes_wanted() -> bool:
    return bool(os.environ.get(parts.NOTES)) and not os.environ.get(parts.LATER_PASS)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's folder and template when the last process of the run is done."""
    if not hasattr(config, "workerinput"):
        databases.remove_run()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give this process its own copy of the migrated template, in place of Django's test database."""
    with django_db_blocker.unblock():
        copy = databases.copied(os.environ.get("PYTEST_XDIST_WORKER", "main"))
        copy.__enter__()
    yield
    with django_db_blocker.unblock():
        copy.__exit__(None, None, None)


@pytest.fixture(scope="session", autouse=True)
def noted_pages(django_test_environment: None) -> None:
    """Let the test client note a page's own template and context, not those of every widget and part on it: half the work."""
    Template._render = _noted  # type: ignore[method-assign]


def _noted(self: Template, context: Context) -> SafeString:
    """Render, and say so where this is the page itself."""
    if isinstance(context, RequestContext) and context.template is self:
        template_rendered.send(sender=self, template=self, context=context)
    return self.nodelist.render(context)


@pytest.fixture(autouse=True)
def untouched_thread(settings: Settings) -> None:
    """Begin in the plain language and zone, with no key of the log: its row may be rolled back, its root key gone."""
    translation.activate(settings.LANGUAGE_CODE)
    timezone.deactivate()
    mac.forget()


@pytest.fixture(autouse=True)
def recorded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold a rolled-back test to the tripwire too: what it writes without an event fails it, by name."""
    if not (request.node.get_closest_marker("django_db") or "db" in request.fixturenames):
        yield
        return
    request.getfixturevalue("db")
    with databases.tripwire_at_rollback(enforced=not request.node.get_closest_marker("unrecorded")):
        yield


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Work on a database of this test's own, outside any transaction, so that what commits really commits."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        raise pytest.UsageError("committed_db and db exclude each other.")
    with django_db_blocker.unblock(), databases.copied("committed") as name:
        yield name


@pytest.fixture
def site(committed_db: str) -> Iterator[str]:
    """Serve LoanFlow on this test's own database; the value is its address."""
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def playing() -> Iterator[Playwright]:
    """Start what drives this process's browsers.

    While its loop runs, Django keeps this thread's connections apart from those of before, which a forked child would take up
    again: nothing stays open there.
    """
    connections.close_all()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in the test's own thread
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playing: Playwright) -> Iterator[Browser]:
    """Start one Chromium for this process."""
    started = playing.chromium.launch(executable_path=parts.browser(), args=list(CHROMIUM_FLAGS))
    yield started
    started.close()


@pytest.fixture(scope="module")
def blind(playing: Playwright) -> Iterator[Browser]:
    """Start a Chromium that draws nothing, a fifth cheaper: it lays a page out and answers questions, but waits for ever on a click."""
    started = playing.chromium.launch(executable_path=parts.browser(), args=[*CHROMIUM_FLAGS, DRAWS_NOTHING])
    yield started
    started.close()


@pytest.fixture
def browser(request: pytest.FixtureRequest, site: str) -> Iterator[BrowserContext]:
    """Open a clean browser profile, 1440 pixels wide, whose addresses are relative to `site`."""
    chromium: Browser = request.getfixturevalue("chromium")
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(browser: BrowserContext) -> Page:
    """Open a page of the browser."""
    return browser.new_page()


@pytest.fixture
def shared() -> Path:
    """Return the folder of real inputs and other people's test vectors that lies beside the repository."""
    return parts.SHARED
