"""Runs the whole suite on SQLite, then on PostgreSQL, and names the parts this machine lacks: `python -m tests.run`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests import cluster, parts

PARALLEL = ("-n", "3", "--dist", "worksteal")
NO_TESTS_COLLECTED = 5


def main(arguments: list[str]) -> int:
    """Run both passes and return the exit code of the run."""
    missing = parts.missing()
    lacking = sorted(parts.required() & set(missing))
    if lacking:
        print(f"Required, but missing: {'; '.join(f'{part} ({missing[part]})' for part in lacking)}.", file=sys.stderr)
        return 1
    if not arguments and not any((parts.ROOT / "tests" / "__pycache__").glob("conftest.*-pytest-*.pyc")):
        _compile()
    with tempfile.TemporaryDirectory(prefix="loanflow-notes-") as notes:
        if "postgres" not in missing and not os.environ.get(parts.WHOLE):
            os.environ[parts.NOTES] = notes
        codes = [_suite("SQLite", "", arguments)]
        if "postgres" not in missing:
            with _postgres() as url:
                codes.append(_suite("PostgreSQL", url, arguments, later=True))
    if os.environ.get(parts.NOTES):
        print("PostgreSQL saw all that commits and each statement (make test-whole repeats every test).")
    if missing:
        print(f"Not tested here: {'; '.join(f'{part} ({reason})' for part, reason in missing.items())}.")
    return max(codes)


def _compile() -> None:
    """Let two processes compile what each worker of the first run after a clone would compile by itself, all at the same time."""
    halves: list[tuple[int, list[str]]] = [(0, []), (0, [])]
    folders = {
        folder: sum(file.stat().st_size for file in folder.rglob("*.py"))
        for folder in (parts.ROOT / "tests").glob("[a-z]*/")
    }
    for folder, size in sorted(folders.items(), key=lambda item: -item[1]):
        sum_of, names = min(halves)
        halves[halves.index((sum_of, names))] = (sum_of + size, [*names, str(folder)])
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-n", "0"]
    started = [
        subprocess.Popen([*command, *names], cwd=parts.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _size, names in halves
    ]  # what is wrong with a test is told by the run itself
    for process in started:
        process.wait()


@contextmanager
def _postgres() -> Iterator[str]:
    """Yield the URL of the server to test on: the given one, or a throw-away of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    binaries = parts.postgres_binaries()
    if given:
        yield given
    elif binaries:
        with cluster.throw_away(binaries) as url:
            yield url


def _suite(name: str, url: str, arguments: list[str], *, later: bool = False) -> int:
    """Run the suite on one database; return 0 when everything passed. A later pass leaves out what opens no database."""
    print(f"== {name}", flush=True)
    start = time.monotonic()
    command = [sys.executable, "-m", "pytest", *PARALLEL, *arguments]
    surroundings = {**os.environ, "TEST_DATABASE_URL": url, parts.LATER_PASS: "1" if later else ""}
    code = subprocess.run(command, check=False, cwd=parts.ROOT, env=surroundings).returncode
    print(f"== {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return 0 if code == NO_TESTS_COLLECTED and arguments else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
