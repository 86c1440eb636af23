"""Measures every page: queries in process, the first byte over HTTP, weight and movement in a browser. Run by `benchmarks/pages.py`.

The web server is the one of production (gunicorn, hashed and compressed files), in a process of its own on loopback; nobody else
asks it anything. The browser has an empty cache for each page and a network of 20 Mbit/s with 40 ms, so that what comes late
is seen coming late.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests import settings as _settings

_settings.MIDDLEWARE.remove("zeal.middleware.zeal_middleware")  # it watches each question; no installation has it
_settings.INSTALLED_APPS.remove("zeal")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from apps.access.roles import Role  # noqa: E402
from apps.audit.services.sealing import log_seal  # noqa: E402
from apps.audit.services.signing import sealer_actor  # noqa: E402
from apps.workflow.models import LoanCase  # noqa: E402
from benchmarks.large import book  # noqa: E402
from tests import databases, parts  # noqa: E402
from tests.accounts import factories as people  # noqa: E402
from tests.conftest import CHROMIUM_FLAGS  # noqa: E402
from tests.walks import furnished  # noqa: E402
from tests.walks.stops import Stop, stops  # noqa: E402
from tests.walks.test_queries import MARKS  # noqa: E402
from tests.walks.world import NEAR, OWNER, World  # noqa: E402

SERVER = Path(sys.argv[1]) / "server" / "data"
ROUNDS = 7
MOST_MS, MOST_QUERIES, MOST_KB = 100, 25, 250
WIDTHS = (1440, 390)
NETWORK = {"offline": False, "latency": 40, "downloadThroughput": 20e6 / 8, "uploadThroughput": 20e6 / 8}
WATCH = """
window.moved = [];
new PerformanceObserver(list => { for (const each of list.getEntries()) if (!each.hadRecentInput) window.moved.push([each.value,
  each.sources.map(one => one.node && (one.node.id || one.node.className || one.node.nodeName)).join(' ')]); })
  .observe({type: 'layout-shift', buffered: true});
"""
WEIGH = """() => {
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return [all.slice(1).reduce((sum, each) => sum + each.encodedBodySize, 0), window.moved];
}"""
SETTLE = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 250)))"


@dataclass
class Found:
    """What one page cost; ``kb`` is everything that a first visit fetches, compressed."""

    queries: int = 0
    ms: float = 0.0
    best: float = 0.0
    cpu: float = 0.0
    database: float = 0.0
    kb: float = 0.0
    shift: float = 0.0
    slowest: str = ""
    what: list[str] = field(default_factory=list)

    def misses(self) -> list[str]:
        """Bounds that are missed."""
        bounds = {
            "ms": self.ms > MOST_MS,
            "queries": self.queries > MOST_QUERIES,
            "kB": self.kb > MOST_KB,
            "shift": self.shift > 0,
        }
        return [name for name, is_over in bounds.items() if is_over]


def prepared(folder: Path, cases: int) -> tuple[World, str]:
    """The large book, made unless the folder keeps one; returns its world and what it holds in words."""
    told, name = folder / "book.json", databases.name_of("large")
    if told.exists():
        kept = json.loads(told.read_text())
        databases.switch(name)
        call_command("migrate", verbosity=0, interactive=False)
        book.run("VACUUM ANALYZE")
        return World(kept["handles"], kept["cases"]), kept["words"]
    start = time.monotonic()
    with furnished.copied() as world:
        pass
    databases.engine().drop(name)
    databases.engine().copy(databases.name_of("furnished"), name)
    databases.switch(name)
    words = ", ".join(book.kinds(book.grow(world, cases)))
    print(f"made in {time.monotonic() - start:.0f} s", flush=True)
    told.write_text(json.dumps({**asdict(world), "words": words}))
    return world, words


def sessions(world: World) -> dict[Role, Client]:
    """A browser for each role, signed in."""
    seats = {}
    for role in Role:
        seats[role] = Client()
        people.signed_in(seats[role], world.account(OWNER if role == Role.BORROWER else NEAR, role))
    return seats


@contextmanager
def server() -> Iterator[int]:
    """The web server as it runs in earnest, on a free port; it is asked until it answers."""
    port = 18_000 + os.getpid() % 1_000
    environment = {**databases.surroundings(), "LOANFLOW_MODE": "demo", "LOANFLOW_LOG_LEVEL": "CRITICAL"}
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], check=True, env=environment, cwd=parts.ROOT)  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "loanflow.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--log-level", "warning"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, cwd=parts.ROOT)
    try:
        for _each in range(120):
            time.sleep(0.5)
            try:
                asked(port, "/healthz", "")
                break
            except OSError:
                continue
        yield port
    finally:
        process.terminate()
        process.wait()


def asked(port: int, address: str, key: str) -> tuple[int, float, bytes]:
    """Status, milliseconds to the first byte, and the body."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    line.connect()
    start = time.perf_counter()
    line.request(
        "GET", address, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}", "Accept-Language": "en-GB"}
    )
    answer = line.getresponse()
    spent = 1000 * (time.perf_counter() - start)
    body = answer.read()
    line.close()
    return answer.status, spent, body


def questions(client: Client, address: str) -> tuple[int, float, str]:
    """How many questions a page asks the database, for how many milliseconds, and the one that takes longest."""
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    found = [
        (1000 * float(each["time"]), each["sql"])
        for each in captured.captured_queries
        if not each["sql"].startswith(("BEGIN", "COMMIT", *MARKS))
    ]
    return len(found), sum(spent for spent, _sql in found), max(found, default=(0.0, ""))[1]


def timed(port: int, stop: Stop, client: Client | None) -> Found | None:
    """What a page costs without a browser; ``None`` for what is no page."""
    key = client.cookies[settings.SESSION_COOKIE_NAME].value if client else ""
    status, _first, body = asked(port, stop.address, key)
    if status != 200 or not body.lstrip().startswith(b"<!DOCTYPE"):
        if status >= 500:
            print(f"{stop.name} answers {status}", flush=True)
        return None
    before = ticks()
    spent = sorted(asked(port, stop.address, key)[1] for _round in range(ROUNDS))
    cpu = max(0, ticks() - before) * 1000 / os.sysconf("SC_CLK_TCK") / ROUNDS
    count, database, slowest = questions(client or Client(), stop.address)
    return Found(count, median(spent), spent[0], cpu, database, len(gzip.compress(body, 6)) / 1000, slowest=slowest)


def ticks() -> int:
    """Processor time that the web server and the database have spent so far, with their children; what others do is not in it."""
    seen = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _bracket, rest = path.read_text().partition("(")[2].rpartition(")")
            words = rest.split()
            seen[int(path.parent.name)] = (name, int(words[1]), sum(map(int, words[11:15])))
    roots = {os.getpid(), int((SERVER / "postmaster.pid").read_text().split()[0])}
    family = set(roots)
    for pid in sorted(seen):
        family |= {pid} if seen[pid][1] in family else set()
    return sum(seen[pid][2] for pid in family - {os.getpid()} if pid in seen)


def seen(
    browser: Browser, port: int, width: int, found: dict[str, Found], wanted: list[Stop], keys: dict[Role, str]
) -> None:
    """Add what a browser of a width fetches beside a page, and how far the page moves while it loads."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}", viewport={"width": width, "height": 900}, locale="en-GB"
    )
    context.add_init_script(WATCH)
    page, seat = context.new_page(), None
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.send("Network.emulateNetworkConditions", NETWORK)
    for stop in wanted:
        if stop.role != seat:
            context.clear_cookies()
            if stop.role:
                context.add_cookies(
                    [
                        {
                            "name": settings.SESSION_COOKIE_NAME,
                            "value": keys[stop.role],
                            "url": f"http://127.0.0.1:{port}",
                        }
                    ]
                )
            seat = stop.role
        looked(page, stop, found[stop.name], width)
    context.close()


def looked(page: Page, stop: Stop, found: Found, width: int) -> None:
    """Open a page and wait until nothing comes any more."""
    page.goto(stop.address, wait_until="load")
    page.evaluate(SETTLE)
    beside, moved = page.evaluate(WEIGH)
    if width == WIDTHS[0]:
        found.kb += beside / 1000
    found.shift += sum(value for value, _what in moved)
    found.what += [f"{width}: {what} ({value:.4f})" for value, what in moved]


def table(found: dict[str, Found]) -> None:
    """Print all pages, the slowest first."""
    print(f"{'page':34} {'queries':>7} {'ms':>7} {'best':>7} {'cpu':>6} {'in SQL':>7} {'kB':>6} {'shift':>7}")
    for name, each in sorted(found.items(), key=lambda one: -one[1].ms):
        print(
            f"{name:34} {each.queries:7} {each.ms:7.1f} {each.best:7.1f} {each.cpu:6.1f} {each.database:7.1f} {each.kb:6.1f} {each.shift:7.4f}  {' '.join(each.misses())}"
        )
    for name, each in found.items():
        if each.ms > MOST_MS:
            print(f"slowest question of {name}: {each.slowest[:300]}")
        for what in each.what:
            print(f"moves: {name} at {what}")


def main(folder: Path, cases: int, only: list[str]) -> int:
    """Measure, print the table, and say which pages miss a bound."""
    setup_test_environment()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    world, words = prepared(folder, cases)
    clients = sessions(world)
    keys = {role: client.cookies[settings.SESSION_COOKIE_NAME].value for role, client in clients.items()}
    everywhere = [stop for stop in stops(world) if not only or any(word in stop.name for word in only)]
    found: dict[str, Found] = {}
    log_seal(actor=sealer_actor())  # as the task worker does every few seconds
    with server() as port:
        for stop in everywhere:
            if (each := timed(port, stop, clients[stop.role] if stop.role else None)) is not None:
                found[stop.name] = each
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=parts.browser(), args=list(CHROMIUM_FLAGS))
            for width in WIDTHS:
                seen(browser, port, width, found, [stop for stop in everywhere if stop.name in found], keys)
            browser.close()
    table(found)
    durable = {
        name: book.rows(f"SHOW {name}")[0][0]
        for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
    }
    print(
        f"\nload of the machine over the last minutes: {os.getloadavg()[0]:.1f} to {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    )
    print(f"{LoanCase.objects.count():,} cases: {words}; PostgreSQL {durable}")
    missed = {name: each.misses() for name, each in found.items() if each.misses()}
    print(f"{len(found)} pages; missed: {missed or 'nothing'}")
    return 1 if missed or not found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
