"""What the log costs, as ratios within one run: `python benchmarks/audit.py` prints JSON, the floors beside it.

Runs on a copy of the tests' migrated template: SQLite, or PostgreSQL with TEST_DATABASE_URL. Ratios are medians of three
rounds in which the two sides take turns. Arguments: `quick` makes the rounds short, `events=1000000` sets how many events
the tree of the proofs has.
"""

from __future__ import annotations

import gc
import itertools
import json
import multiprocessing
import os
import resource
import sys
import threading
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
from apps.audit import proofs  # noqa: E402
from apps.audit.locks import install_locks  # noqa: E402
from apps.audit.models import AuditEvent, AuditHead, AuditLeaf  # noqa: E402
from apps.audit.seals import store  # noqa: E402
from apps.audit.services import act, record  # noqa: E402
from apps.audit.services.sealing import log_seal  # noqa: E402
from apps.audit.services.signing import sealer_actor  # noqa: E402
from apps.audit.tags import Tag  # noqa: E402
from apps.audit.tree.checking import verify_inclusion  # noqa: E402
from apps.audit.tree.frontier import Frontier  # noqa: E402
from apps.audit.tree.hashing import leaf_hash  # noqa: E402
from apps.audit.verify import verify  # noqa: E402
from apps.core.actor import Actor  # noqa: E402
from tests import databases  # noqa: E402

ROUNDS = 3
QUICK = "quick" in sys.argv[1:]
SECONDS = 1.0 if QUICK else 4.0
EVENTS = 500 if QUICK else 5_000
LEAVES = next((int(one.partition("=")[2]) for one in sys.argv[1:] if one.startswith("events=")), 20_000)
WRITERS, TAIL = 16, 0.010
INTERVAL = 0.5  # seconds between two sealings while the lag is measured
TOUCHED = 6
PROOFS, TURNS = 200, 5
CODES = itertools.count(1)
ACTOR = Actor.system("benchmark")
FLOORS = {
    "append_to_plain_insert": 0.85,
    "verify_to_fetch": 0.5,
    "tripwire_overhead": 0.05,
    "seal_lag_p99_intervals": 2,
    "inclusion_proof_ms": 10,
}

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
        count = 0
        try:
            work(body)
            start.wait()
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                work(body)
                count += 1
        finally:
            counts.put(count)

    writers = [context.Process(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    done = sum(counts.get() for _ in writers)
    for writer in writers:
        writer.join()
    return done / SECONDS


def body_of_an_event() -> str:
    """The body of a small event."""
    with act(actor=ACTOR):
        return record(Tag.SIGNED_IN, actor=ACTOR).body


@contextmanager
def sealer() -> Iterator[None]:
    """Seal beside the writers, in a process of its own as a task worker does."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    stopped = context.Event()

    def keep_sealing() -> None:
        while not stopped.wait(INTERVAL):
            log_seal(actor=sealer_actor())

    process = context.Process(target=keep_sealing)
    process.start()
    yield
    stopped.set()
    process.join()


def append_to_plain_insert() -> float:
    """Committed events a second, sealed meanwhile, over committed plain rows a second; each with a tail of 10 ms."""
    body = body_of_an_event()
    plain = per_second(plain_insert, body)
    log_seal(actor=sealer_actor())
    with sealer():
        return per_second(append, body) / plain


def seal_lag() -> float:
    """99th percentile of the time from commit to head, in intervals, with four writers."""
    log_seal(actor=sealer_actor())
    before = AuditHead.objects.order_by("-pk").values_list("pk", flat=True)[0]
    until, committed = time.monotonic() + 4 * SECONDS, {}

    def write() -> None:
        while time.monotonic() < until:
            with act(actor=ACTOR):
                event = record(Tag.SIGNED_IN, actor=ACTOR)
            committed[event.pk] = time.time()
            time.sleep(TAIL)
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(4)]
    with sealer():
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        time.sleep(3 * INTERVAL)
    heads = sorted((row.pk, row.at.timestamp()) for row in AuditHead.objects.filter(pk__gt=before))
    lags, at = [], 0
    for leaf, event in AuditLeaf.objects.filter(pk__gte=before).order_by("pk").values_list("pk", "event_id"):
        while heads[at][0] <= leaf:
            at += 1
        if event in committed:
            lags.append((heads[at][1] - committed[event]) / INTERVAL)
    return sorted(lags)[int(len(lags) * 0.99)]


def sealed_per_second() -> float:
    """Events a second that a sealer takes in, in bulk."""
    fill()
    begin = time.perf_counter()
    return log_seal(actor=sealer_actor()).added / (time.perf_counter() - begin)


def branches(number: int) -> list[Branch]:
    """Return unsaved branches."""
    codes = (f"{next(CODES):012}" for _one in range(TOUCHED))
    return [Branch(code=code, name=f"Branch {code}", path=f"{number}/{code}/") for code in codes]


def told(number: int) -> None:
    """Make six rows and tell of them."""
    for row in branches(number):
        row.save()
    record(Tag.BRANCH_CREATED, actor=ACTOR)


def seconds(work: Callable[[int], None], count: int) -> float:
    """Time on the clock that ``count`` acts take, the database's share and the commits included.

    No garbage is looked for meanwhile: in a process of this size one search takes as long as fifty acts.
    """
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        for number in range(count):
            with act(actor=ACTOR):
                work(number)
        return time.perf_counter() - begin
    finally:
        gc.enable()


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
    """Share by which the tripwire lengthens acts of six created rows and their event: the middle of turns in which the one comes first
    as often as the other, so that what else the machine does, and a log that grows, falls on both.
    """
    count, shares = EVENTS // 50, []
    for turn in range(2 * TURNS):
        if turn % 2:
            guarded = seconds(told, count)
        with without_tripwire():
            bare = seconds(told, count)
        if not turn % 2:
            guarded = seconds(told, count)
        shares.append(guarded / bare - 1)
    return median(shares)


def event_milliseconds() -> float:
    """Milliseconds of an act: six saved rows and the event that tells of them."""
    return seconds(told, EVENTS // 10) / (EVENTS // 10) * 1000


def fetch() -> float:
    """Time to fetch every event through the ORM."""
    begin = time.process_time()
    for _event in AuditEvent.objects.order_by("pk").iterator():
        pass
    return time.process_time() - begin


def verify_to_fetch() -> float:
    """Processor time to fetch every event, over that of a full verification of a sealed log in one process."""
    log_seal(actor=sealer_actor())
    begin = time.process_time()
    report = verify()
    spent = time.process_time() - begin
    if not report.intact:
        raise SystemExit(f"the benchmark's own log is not intact: {report.first_bad}")
    return fetch() / spent


def side_by_side_to_fetch(processes: int = 2) -> float:
    """Time on the clock to fetch every event, over that of a full verification in several processes."""
    begin = time.perf_counter()
    report = verify(processes=processes)
    spent = time.perf_counter() - begin
    if not report.intact:
        raise SystemExit(f"the benchmark's own log is not intact: {report.first_bad}")
    begin = time.perf_counter()
    fetch()
    return (time.perf_counter() - begin) / spent


def inclusion_proof_milliseconds(edge: Frontier) -> Ratio:
    """Return the measure: milliseconds for a proof, made from the tables with nothing remembered, and verified."""

    def measure() -> float:
        begin = time.perf_counter()
        for number in range(PROOFS):
            event = 1 + number * (edge.size - 1) // PROOFS
            made = proofs.event_proof(event, size=edge.size)
            verify_inclusion(made.index, made.size, made.leaf, made.proof, edge.root())
        return (time.perf_counter() - begin) / PROOFS * 1000

    return measure


def grow(count: int) -> Frontier:
    """Fill the tables of a tree with as many leaves, of events that need not exist, and return its frontier."""
    edge = Frontier()
    for start in range(0, count, 10_000):
        leaves, nodes = [], []
        for at in range(start, min(count, start + 10_000)):
            leaf = leaf_hash(str(at).encode())
            leaves.append((at, at + 1, leaf))
            nodes += edge.append(leaf)
        with transaction.atomic():
            store.save(leaves, nodes)
    if connection.vendor == "postgresql":
        run("ANALYZE audit_leaf")
    return edge


def fill() -> None:
    """Write events like those of a day: mostly small, some with several objects."""
    with act(actor=ACTOR):
        for number in range(EVENTS):
            if number % 5:
                record(Tag.CASE_OPENED, actor=ACTOR, note={"number": number})
            else:
                told(number)


def measured(measures: dict[str, Ratio]) -> dict[str, float]:
    """Take each measure three times and keep the middle one."""
    return {name: round(median(measure() for _ in range(ROUNDS)), 3) for name, measure in measures.items()}


def main() -> None:
    """Measure and print."""
    with databases.copied("bench"):
        found = measured({"inclusion_proof_ms": inclusion_proof_milliseconds(grow(LEAVES))})
    with databases.copied("bench"):
        serial = "bigserial" if connection.vendor == "postgresql" else "integer"
        run(f"CREATE TABLE bench_plain (id {serial} PRIMARY KEY, body text, mac_key text, mac text)")
        fill()
        found |= measured(
            {
                "verify_to_fetch": verify_to_fetch,
                "append_to_plain_insert": append_to_plain_insert,
                "seal_lag_p99_intervals": seal_lag,
                "sealed_per_second": sealed_per_second,
                "tripwire_overhead": tripwire_overhead,
                "event_of_six_rows_ms": event_milliseconds,
            }
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            json.dumps(
                {
                    "database": connection.vendor,
                    "events": EVENTS,
                    "leaves": LEAVES,
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
