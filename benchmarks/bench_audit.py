"""What the log costs, as ratios within one run: `python benchmarks/bench_audit.py` prints JSON, the floors beside it.

Runs on a copy of the tests' migrated template: SQLite, or PostgreSQL with TEST_DATABASE_URL. Ratios are medians of three
rounds in which the two sides take turns; `quick` as argument makes the rounds short.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from apps.accounts.models import Branch  # noqa: E402
from apps.audit.locks import install_locks  # noqa: E402
from apps.audit.models import AuditEvent  # noqa: E402
from apps.audit.services import act, record  # noqa: E402
from apps.audit.tags import Tag  # noqa: E402
from apps.audit.verify import verify  # noqa: E402
from apps.core.actor import Actor  # noqa: E402
from tests import databases  # noqa: E402

ROUNDS = 3
QUICK = "quick" in sys.argv[1:]
SECONDS = 1.0 if QUICK else 4.0
EVENTS = 500 if QUICK else 5_000
WRITERS, TAIL = 16, 0.010
TOUCHED = 6
ACTOR = Actor.system("benchmark")
FLOORS = {"append_to_plain_insert": 0.85, "verify_to_fetch": 0.5, "tripwire_overhead": 0.05}

Ratio = Callable[[], float]


def run(statement: str) -> None:
    """Execute a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def plain_insert(body: str) -> None:
    """Write a body as a table without evidence would take it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_plain (body, mac_key, mac) VALUES (%s, %s, %s)", [body, "0" * 16, "0" * 64])
        time.sleep(TAIL)


def append(_body: str) -> None:
    """Write an event."""
    with act(actor=ACTOR):
        record(Tag.SIGNED_IN, actor=ACTOR)
        time.sleep(TAIL)


def per_second(work: Callable[[str], None], body: str) -> float:
    """Let sixteen processes write for a while; return how often they committed a second."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, counts = context.Barrier(WRITERS), context.SimpleQueue()

    def write() -> None:
        work(body)
        start.wait()
        count, until = 0, time.monotonic() + SECONDS
        while time.monotonic() < until:
            work(body)
            count += 1
        counts.put(count)

    writers = [context.Process(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    done = sum(counts.get() for _ in writers)
    for writer in writers:
        writer.join()
    return done / SECONDS


def append_to_plain_insert() -> float:
    """Committed events a second over committed plain rows a second, each transaction with a tail of 10 ms."""
    with act(actor=ACTOR):
        body = record(Tag.SIGNED_IN, actor=ACTOR).body
    return per_second(append, body) / per_second(plain_insert, body)


def branches(number: int) -> list[Branch]:
    """Return unsaved branches."""
    codes = (f"{number}-{one}-{time.monotonic_ns() % 10**9}"[-12:] for one in range(TOUCHED))
    return [Branch(code=code, name=f"Branch {code}", path=f"{number}/{code}/") for code in codes]


def told(number: int) -> None:
    """Make six rows and tell of them."""
    for row in branches(number):
        row.save()
    record(Tag.BRANCH_CREATED, actor=ACTOR)


def seconds(work: Callable[[int], None], count: int) -> float:
    """Time that ``count`` rounds of work in one act take."""
    begin = time.process_time()
    with act(actor=ACTOR):
        for number in range(count):
            work(number)
    return time.process_time() - begin


@contextmanager
def without_tripwire() -> Iterator[None]:
    """Take the tripwire off branches."""
    if connection.vendor == "postgresql":
        run("DROP TRIGGER audit_tripwire ON accounts_branch")
    else:
        for verb in ("insert", "update", "delete"):
            run(f"DROP TRIGGER audit_tripwire_accounts_branch_{verb}")
    yield
    install_locks()


def tripwire_overhead() -> float:
    """Share by which the tripwire lengthens acts of six created rows and their event."""
    count = EVENTS // 10
    guarded = seconds(told, count)
    with without_tripwire():
        bare = seconds(told, count)
    return guarded / bare - 1


def event_milliseconds() -> float:
    """Processor milliseconds for six saved rows and the event that tells of them."""
    return seconds(told, EVENTS // 10) / (EVENTS // 10) * 1000


def fetch() -> float:
    """Time to fetch every event through the ORM."""
    begin = time.process_time()
    for _event in AuditEvent.objects.order_by("pk").iterator():
        pass
    return time.process_time() - begin


def verify_to_fetch() -> float:
    """Speed of a full verification over that of merely fetching the rows."""
    begin = time.process_time()
    report = verify()
    spent = time.process_time() - begin
    if not report.intact:
        raise SystemExit(f"the benchmark's own log is not intact: {report.first_bad}")
    return fetch() / spent


def fill() -> None:
    """Write events like those of a day: mostly small, some with several objects."""
    with act(actor=ACTOR):
        for number in range(EVENTS):
            if number % 5:
                record(Tag.CASE_OPENED, actor=ACTOR, note={"number": number})
            else:
                told(number)


def main() -> None:
    """Measure and print."""
    with databases.copied("bench"):
        serial = "bigserial" if connection.vendor == "postgresql" else "integer"
        run(f"CREATE TABLE bench_plain (id {serial} PRIMARY KEY, body text, mac_key text, mac text)")
        fill()
        measures: dict[str, Ratio] = {
            "verify_to_fetch": verify_to_fetch,
            "append_to_plain_insert": append_to_plain_insert,
            "tripwire_overhead": tripwire_overhead,
            "event_of_six_rows_ms": event_milliseconds,
        }
        found = {name: round(median(measure() for _ in range(ROUNDS)), 3) for name, measure in measures.items()}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            json.dumps(
                {
                    "database": connection.vendor,
                    "events": EVENTS,
                    "measured": found,
                    "floors": FLOORS,
                    "peak_mib": memory,
                },
                indent=1,
            )
        )
    databases.remove_run()


if __name__ == "__main__":
    main()
