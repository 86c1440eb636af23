"""What each page costs at 100,000 cases on PostgreSQL: `python benchmarks/pages.py` prints a table, the slowest first.

For every page of the URL table, as the first role it is open to: queries, milliseconds to the first byte (median and best of
the rounds after one look that warms it), processor time of web server and database a look, time of its questions, kilobytes of a first visit (compressed, with styles and scripts), and how far it moves
while it loads. The exit code says whether a bound is missed: 25 queries, 100 ms, 250 kB, no movement.

A server of its own is made from the PostgreSQL programs at hand, with its defaults for durability. Arguments: `quick` takes 2,000
cases; `kept=FOLDER` keeps server and book there for the next run, which brings its tables up to date; any other word
narrows the pages to those with it in their name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import cluster, parts  # noqa: E402

SERVER = {**cluster.SETTINGS, **cluster.DURABLE, "shared_buffers": "1GB", "max_wal_size": "8GB", "wal_level": "replica"}
CASES, QUICK = 100_000, 2_000


def main(arguments: list[str]) -> int:
    """Serve a database from a folder, and measure on it in a process that knows its address."""
    binaries = parts.postgres_binaries()
    if binaries is None:
        print("no PostgreSQL server programs on this machine: nothing to measure")
        return 0
    kept = next((word.partition("=")[2] for word in arguments if word.startswith("kept=")), "")
    cases = QUICK if "quick" in arguments else CASES
    only = [word for word in arguments if word != "quick" and not word.startswith("kept=")]
    folder = Path(kept or tempfile.mkdtemp(prefix="loanflow-pages-", dir="/var/tmp")).resolve()
    (folder / "run").mkdir(parents=True, exist_ok=True)
    (folder / "server").mkdir(exist_ok=True)
    folder.chmod(0o711)  # the server runs as another user where we are root
    try:
        with cluster.served(binaries, folder / "server", SERVER) as url:
            surroundings = {**os.environ, "TEST_DATABASE_URL": url, "LOANFLOW_TEST_RUN": str(folder / "run")}
            command = [sys.executable, "-m", "benchmarks.large.measure", str(folder), str(cases), *only]
            return subprocess.run(command, check=False, cwd=ROOT, env=surroundings).returncode
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
