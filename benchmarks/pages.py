"""What each page costs at 100,000 cases: `python benchmarks/pages.py` prints a table, the worst first.

Every page that answers a GET, for the first role it is open to: queries, milliseconds to the answer (median of the rounds,
in process, after one look that warms it), its size compressed, and what a first visit loads beside it. The named alternative
is the same page at the size of a demo: the ratio says what the number of cases costs. Runs on PostgreSQL (TEST_DATABASE_URL,
or a throw-away server) and on SQLite without one; `quick` takes 2,000 cases.
"""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.contrib.staticfiles import finders  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from apps.access.roles import Role  # noqa: E402
from apps.applications.imports.mapping import mapping_load  # noqa: E402
from apps.applications.imports.taking import Source, import_rows  # noqa: E402
from apps.workflow.models import LoanCase  # noqa: E402
from apps.workflow.states import OPEN, STAGE_OF  # noqa: E402
from tests import parts  # noqa: E402
from tests.accounts import factories as people  # noqa: E402
from tests.applications.factories import product  # noqa: E402
from tests.walks import furnished  # noqa: E402
from tests.walks.test_queries import MARKS, Look, looks  # noqa: E402
from tests.walks.world import HOME, NEAR, OWNER, World  # noqa: E402

FILE = parts.SHARED / "data" / "sba" / "sba7a_natural_to_2003.csv.gz"
QUICK = "quick" in sys.argv[1:]
CASES = 2_000 if QUICK else 100_000
ROUNDS = 3 if QUICK else 5
EACH = 20
"""Cases of one business."""
MOST_MS, MOST_QUERIES, MOST_KB = 100, 25, 250
OWN = {"number": "'LF-2099-' || lpad(cast(row_number() over () as text), 6, '0')", "source_id": "''", "source": "''"}
SPREAD = ("state", "stage", "holder_id", "due_at", "entered_at")
SPREADING = """
UPDATE workflow_loancase SET state = %s, stage = %s, holder_id = %s WHERE number LIKE 'LF-2099-%%' AND id %% %s = %s
"""


def run(statement: str, values: tuple[object, ...] = ()) -> None:
    """Execute a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def grown(world: World) -> None:
    """Give the home branch its many cases: businesses of a real file through the services, their cases copied beneath them."""
    near = world.account(NEAR, "loan_officer")
    branch = LoanCase.objects.select_related("branch").get(number=world.cases["active"]).branch
    assert branch.code == HOME
    import_rows(Source(FILE, mapping_load("sba7a"), branch, product(currency="USD")), limit=CASES // EACH)
    _without_triggers()
    columns = [field.column for field in LoanCase._meta.concrete_fields if not field.primary_key]
    new = {"uuid": "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))", **OWN}
    chosen = ", ".join(new.get(column, f"c.{column}") for column in columns)
    series = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s)"
    run(
        f"INSERT INTO workflow_loancase ({', '.join(columns)}) {series} SELECT {chosen} FROM workflow_loancase c, s WHERE c.source <> ''",
        (EACH,),
    )
    states = [state for state in OPEN if state in STAGE_OF]
    for at, state in enumerate(states):
        holder = near.person_id if at % 4 == 0 else None
        run(SPREADING, (state, STAGE_OF[state], holder, len(states), at))
    run("ANALYZE")


def _without_triggers() -> None:
    """Bare rows by the dozen thousand are no events: this connection writes behind the tripwire's back, here only."""
    if connection.vendor == "postgresql":
        run("SET session_replication_role = replica")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'workflow_loancase'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def clients_of(world: World) -> dict[Role, Client]:
    """A browser for each role, signed in."""
    seats = {}
    for role in Role:
        seats[role] = Client(headers={"accept-encoding": "gzip"})
        people.signed_in(seats[role], world.account(OWNER if role == Role.BORROWER else NEAR, role))
    return seats


def measured(clients: Mapping[Role, Client], look: Look) -> tuple[int, float, int] | None:
    """Queries, milliseconds and compressed bytes of one page; ``None`` for what answers no GET."""
    client = clients[look.role]
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(look.address)
    if answer.status_code != 200:
        return None
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    spent = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        client.get(look.address)
        spent.append(1000 * (time.perf_counter() - start))
    return (
        sum(not each["sql"].startswith(("BEGIN", "COMMIT", *MARKS)) for each in asked.captured_queries),
        median(spent),
        len(gzip.compress(body, 6)),
    )


def first_visit() -> int:
    """Bytes of styles and scripts that the first page loads, compressed."""
    total = 0
    head = (Path(__file__).resolve().parent.parent / "templates/core/head.html").read_text()
    for piece in head.split("{% static '")[1:]:
        with suppress(TypeError, FileNotFoundError):
            total += len(gzip.compress(Path(str(finders.find(piece.split("'")[0]))).read_bytes(), 6))
    return total


def walk(world: World) -> dict[str, tuple[int, float, int]]:
    """Every page measured once."""
    clients, found = clients_of(world), {}
    for look in looks(world):
        if (figures := measured(clients, look)) is not None:
            found[look.page.key] = figures
    return found


def main() -> int:
    """Measure small and large, print the table, and say which pages miss a goal."""
    if not FILE.exists():
        print(f"{FILE.name} is not beside the repository: nothing to measure.")
        return 0
    setup_test_environment()
    with furnished.copied() as world:
        small = walk(world)
        grown(world)
        cases, large = LoanCase.objects.count(), walk(world)
    beside = first_visit()
    print(
        f"{connection.vendor}, {cases:,} cases; styles and scripts of a first visit {beside / 1000:.0f} kB compressed\n"
    )
    print(f"{'page':34} {'queries':>7} {'ms':>7} {'ms small':>8} {'ratio':>6} {'kB':>6}")
    for page, (queries, spent, size) in sorted(large.items(), key=lambda each: -each[1][1]):
        before = small.get(page, (0, spent, 0))[1]
        print(f"{page:34} {queries:7} {spent:7.1f} {before:8.1f} {spent / before:6.2f} {size / 1000:6.1f}")
    slow = [page for page, (_queries, spent, _size) in large.items() if spent > MOST_MS]
    many = [page for page, (queries, _spent, _size) in large.items() if queries > MOST_QUERIES]
    heavy = [page for page, (_queries, _spent, size) in large.items() if (size + beside) / 1000 > MOST_KB]
    print(
        f"\nover {MOST_MS} ms: {slow or 'none'}; over {MOST_QUERIES} queries: {many or 'none'}; over {MOST_KB} kB: {heavy or 'none'}"
    )
    return 1 if slow or many or heavy else 0


if __name__ == "__main__":
    sys.exit(main())
