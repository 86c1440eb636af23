"""What evidence and encryption cost an import of real loans: `python benchmarks/bench_import.py` prints JSON.

Takes the published loans beside the repository (`quick`: the first 500) in as drafts, with everything, and as the named
alternative the same rows through the ORM into the same tables in batches of the same size, with neither log nor keys of
their own. Runs on a copy of the tests' migrated template: SQLite, or PostgreSQL with TEST_DATABASE_URL.
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from apps.applications.imports.mapping import mapping_load  # noqa: E402
from apps.applications.imports.readers import rows_of  # noqa: E402
from apps.applications.imports.taking import BATCH, Source, import_rows  # noqa: E402
from apps.audit.models import AuditEvent  # noqa: E402
from apps.audit.verify import verify  # noqa: E402
from apps.core.actor import Actor  # noqa: E402
from tests import databases, parts  # noqa: E402
from tests.accounts import factories as people  # noqa: E402
from tests.applications.factories import product  # noqa: E402

FILE = parts.SHARED / "data" / "sba" / "sba7a_natural_to_2003.csv.gz"
LIMIT = 500 if "quick" in sys.argv[1:] else None
SECONDS = 90
ACTOR = Actor.system("benchmark")
PLAIN = """
CREATE TABLE bench_plain (id integer PRIMARY KEY, source_id varchar(80), legal_name varchar(200), industry varchar(80),
region varchar(80), employees integer, amount numeric(18, 2), term integer, purpose varchar(400))
"""
INSERT = "INSERT INTO bench_plain (id, source_id, legal_name, industry, region, employees, amount, term, purpose) VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s)"


def plain(source: Source) -> int:
    """Read and check the same rows and insert them, one statement a row, as an import without any of it would."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
    rows, count = islice(rows_of(source.path, source.mapping.columns), LIMIT), 0
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            for line, row in batch:
                values, wrong = source.mapping.read(line, row)
                if not wrong:
                    count += 1
                    cursor.execute(INSERT, [count, *(values.get(name) for name in NAMES)])
    return count


NAMES = ("source_id", "legal_name", "industry", "region", "employees", "amount", "term_months", "purpose")


def timed(work: Any) -> tuple[float, Any]:
    """Seconds that something takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> int:
    """Import once each way; print seconds and ratio."""
    if not FILE.exists():
        print(f"{FILE.name} is not beside the repository: nothing to measure.")
        return 0
    with databases.copied("bench"):
        branch = people.branch()
        source = Source(FILE, mapping_load("sba7a"), branch, product(currency="USD"))
        without, count = timed(lambda: plain(source))
        spent, tally = timed(lambda: import_rows(source, limit=LIMIT))
        checked, report = timed(verify)
        figures = {
            "rows": tally.taken, "plain_rows": count, "events": AuditEvent.objects.count(), "seconds": round(spent, 1),
            "seconds_plain": round(without, 1), "rows_per_second": round(tally.taken / spent), "ratio_to_plain": round(spent / without, 1),
            "verify_seconds": round(checked, 1), "intact": report.intact,
        }  # fmt: skip
    print(json.dumps({"database": connection.vendor, "floor_seconds": SECONDS, **figures}, indent=2))
    return 0 if report.intact and (LIMIT or spent <= SECONDS) else 1


if __name__ == "__main__":
    sys.exit(main())
