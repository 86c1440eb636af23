"""What a long log costs: `python benchmarks/large/evidence.py verify|export|verify,export|append|proofs [1000000]`.

Prints JSON with the floor beside the figure. `verify` and `export` first write so many events like those of a day, a thousand a
statement, codes and journal included, a quarter of a millisecond each, and seal them, a million in some ten minutes; asked together,
they are asked of one log. `proofs` fills the tree alone; `append` needs none. SQLite, or PostgreSQL with TEST_DATABASE_URL; on an idle
machine.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import audit as small
from django.db import connection, connections, transaction

from apps.audit import journal, mac, writing
from apps.audit.canonical import canonical, moment
from apps.audit.models import AuditEvent
from apps.audit.services.sealing import log_seal
from apps.audit.services.signing import sealer_actor
from apps.core import clock
from tests import databases

ROOT = Path(__file__).resolve().parent.parent.parent
PEAK, LOOK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE), 0.02
FORMS = ("csv", "jsonl", "xlsx", "bundle")
AT_A_TIME = 1000
FIRST = 1_000_000  # number of the first object that only the log knows


def filled(count: int) -> None:
    """Write events until there are so many, and seal them."""
    held = AuditEvent.objects.count()
    if held >= count:
        return
    small.EVENTS = 5
    small.fill()
    patterns = [event.data for event in AuditEvent.objects.order_by("-pk")[: small.EVENTS]]
    for start in range(held + small.EVENTS, count, AT_A_TIME):
        _written(patterns, range(start, min(start + AT_A_TIME, count)))
    if connection.vendor == "postgresql":
        small.run("ANALYZE")
    log_seal(actor=sealer_actor())


def _written(patterns: list[dict[str, Any]], numbers: range) -> None:
    """Write events that differ from the patterns in their moment and their objects, as acts would have left them."""
    key = mac.mac_key()
    bodies = [canonical(_like(patterns[number % len(patterns)])) for number in numbers]
    values = [value for body in bodies for value in (body, key.id, key.coder.code(body))]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(writing.INSERT.format(", ".join([writing.ROW] * len(bodies))), values)
        given = sorted(cursor.fetchall())
    journal.append(key.id, [f"{row[0]} {code}" for row, code in zip(given, values[2::3], strict=True)])


def _like(pattern: dict[str, Any]) -> dict[str, Any]:
    """Another event of the same kind: its objects are new, so that nothing came before them."""
    body = {**pattern, "at": moment(clock.now())}
    if "touched" in pattern:
        objects = sorted(f"accounts_branch:{FIRST + next(small.CODES)}" for _one in pattern["touched"])
        body["touched"] = [{**one, "object": name} for one, name in zip(pattern["touched"], objects, strict=True)]
    return body


def peak_of(*command: str) -> tuple[float, float]:
    """Most memory in MiB that a command of `manage.py` holds in a process of its own, and its seconds.

    The process itself is asked, again and again: what the kernel tells of it in the end counts what this one held before the command began.
    """
    connections.close_all()
    begin, held = time.perf_counter(), 0
    started = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *command], env=databases.surroundings(), stdout=subprocess.DEVNULL
    )
    while started.poll() is None:
        told = PEAK.search(Path(f"/proc/{started.pid}/status").read_text())
        held = int(told[1]) if told else held  # none once it has ended
        time.sleep(LOOK)
    if started.returncode:
        raise SystemExit(f"{' '.join(command)} has failed")
    return round(held / 1024, 1), round(time.perf_counter() - begin, 1)


def verified() -> tuple[float, float]:
    """Verify the whole log in one process."""
    return peak_of("audit_verify", "--processes", "1")


def exported(form: str) -> tuple[float, float]:
    """Export the whole log."""
    with tempfile.TemporaryDirectory(prefix="loanflow-bench-") as folder:
        return peak_of("audit_export", "--format", form, "--words", "benchmark", "--out", f"{folder}/export.zip")


def verify(count: int) -> dict[str, Any]:
    """Speed of a full verification over merely fetching the rows, in one process by its processor's time and in two by the clock,
    and the memory at half of the log's length and at the whole.
    """
    filled(count // 2)
    half, _seconds = verified()
    filled(count)
    whole, seconds = verified()
    ratio = median(small.verify_to_fetch() for _round in range(small.ROUNDS))
    spread = median(small.side_by_side_to_fetch() for _round in range(small.ROUNDS))
    return {
        "verify_to_fetch": round(ratio, 3),
        "two_processes_to_fetch": round(spread, 3),
        "floor": 0.5,
        "mib_half": half,
        "mib_whole": whole,
        "seconds": seconds,
    }


def export(count: int) -> dict[str, Any]:
    """Memory of an export of the whole log in each form."""
    filled(count)
    return {"floor_mib": 200, **{form: exported(form) for form in FORMS}}


def append(_count: int) -> dict[str, Any]:
    """Committed events a second over committed plain rows a second, sixteen writers."""
    serial = "bigserial" if connection.vendor == "postgresql" else "integer"
    small.run(f"CREATE TABLE bench_plain (id {serial} PRIMARY KEY, body text, mac_key text, mac text)")
    ratio = median(small.append_to_plain_insert() for _round in range(small.ROUNDS))
    return {"append_to_plain_insert": round(ratio, 3), "floor": 0.85}


def proofs(count: int) -> dict[str, Any]:
    """Milliseconds of an inclusion proof out of a tree of so many events."""
    measure = small.inclusion_proof_milliseconds(small.grow(count))
    return {"inclusion_proof_ms": round(median(measure() for _round in range(small.ROUNDS)), 3), "floor": 10}


QUESTIONS = {"verify": verify, "export": export, "append": append, "proofs": proofs}


def main() -> None:
    """Answer the questions."""
    names, count = sys.argv[1].split(","), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with databases.copied("bench"):
        for name in names:
            found = QUESTIONS[name](count)
            print(json.dumps({"database": connection.vendor, "events": count, "question": name, **found}, indent=1))
    databases.remove_run()


if __name__ == "__main__":
    main()
