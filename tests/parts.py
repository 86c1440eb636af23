"""The parts of the suite that a machine may lack: PostgreSQL, a browser, the shared data. A missing one is named."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
OLDEST_POSTGRES = 15
LATER_PASS = "LOANFLOW_TEST_LATER_PASS"
"""Set by ``tests.run`` for each pass after the first."""
NOTES = "LOANFLOW_TEST_NOTES"
"""Folder in which the first pass notes what each test sends to its database, so that a later one repeats enough of it."""
WHOLE = "LOANFLOW_TEST_WHOLE"
"""Set to anything, it makes each later pass repeat every test that opens a database."""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""In the order of preference: the one without windows takes half the time to open a page."""


def browser() -> str | None:
    """Return the path of the Chromium to test with, if this machine has one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def postgres_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs, if this machine has some that are new enough."""
    installed = {int(path.parent.parent.name): path.parent for path in _debian_initdbs()}
    newest = max((version for version in installed if version >= OLDEST_POSTGRES), default=None)
    if newest is not None:
        return installed[newest]
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _debian_initdbs() -> list[Path]:
    """Return the `initdb` of every major version that Debian's packages have put in place."""
    return [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if path.parts[-3].isdigit()]


def missing() -> dict[str, str]:
    """Return the parts that cannot run here, each with the reason."""
    reasons = {
        "postgres": "" if os.environ.get("TEST_DATABASE_URL") or postgres_binaries() else "no server programs found",
        "browser": "" if browser() else "no Chromium found",
        "shared": "" if SHARED.is_dir() else "no shared data beside the repository",
    }
    return {part: reason for part, reason in reasons.items() if reason}


def required() -> set[str]:
    """Return the parts that LOANFLOW_REQUIRE says must not be missing."""
    return {part for part in os.environ.get("LOANFLOW_REQUIRE", "").replace(" ", "").split(",") if part}
