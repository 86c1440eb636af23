"""What sight costs: the first page of the queue at a million cases against ten thousand, and against guardian on the same data.

`python benchmarks/access.py` starts a PostgreSQL of its own, with its defaults for durability, and prints a table and JSON; `quick`
takes 20,000 cases for the million, `json` leaves the table out. Ratios are medians of three rounds in which all sides take
turns, each the best of several looks. The exit code says whether a floor is missed. What a passkey's signature costs to check is in `signatures.py`, run at the end.
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

SERVER = {
    **cluster.SETTINGS,
    **cluster.DURABLE,
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "wal_level": "replica",
}


def main(arguments: list[str]) -> int:
    """Serve a database from a folder of its own, and measure on it in a process that knows its address."""
    binaries = parts.postgres_binaries()
    if binaries is None:
        print("no PostgreSQL server programs on this machine: nothing to measure")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="loanflow-access-", dir="/var/tmp")).resolve()
    folder.chmod(0o711)  # the server runs as another user where we are root
    (folder / "run").mkdir()
    (folder / "server").mkdir()
    try:
        with cluster.served(binaries, folder / "server", SERVER) as url:
            surroundings = {**os.environ, "TEST_DATABASE_URL": url, "LOANFLOW_TEST_RUN": str(folder / "run")}
            command = [sys.executable, "-m", "benchmarks.large.sights", *arguments]
            missed = subprocess.run(command, check=False, cwd=ROOT, env=surroundings).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    signatures = [sys.executable, str(ROOT / "benchmarks" / "signatures.py"), "quick"]
    return missed or subprocess.run(signatures, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
