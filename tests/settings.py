"""Settings of a test run: LoanFlow's own, in a throw-away folder with keys, journal and database of its own."""

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

# One folder a run; the processes of a parallel run share its keys and keep their data apart.
# Hundreds of databases are written and thrown away: not to a disk, if it can be helped.
MEMORY = Path("/dev/shm")
ROOMY = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2 << 30
if "LOANFLOW_TEST_RUN" not in os.environ:
    for left in MEMORY.glob("loanflow-test-*"):  # by a run that was killed
        if left.stat().st_mtime < time.time() - 6 * 3600:
            shutil.rmtree(left, ignore_errors=True)
    os.environ["LOANFLOW_TEST_RUN"] = tempfile.mkdtemp(prefix="loanflow-test-", dir=MEMORY if ROOMY else None)
    atexit.register(shutil.rmtree, os.environ["LOANFLOW_TEST_RUN"], ignore_errors=True)
RUN = Path(os.environ["LOANFLOW_TEST_RUN"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

(RUN / "static").mkdir(exist_ok=True)

for surroundings in ("LOANFLOW_PASSKEY_HOST", "LOANFLOW_PASSKEY_ORIGINS"):
    os.environ.pop(surroundings, None)
for surroundings in ("LOANFLOW_HOSTS", "REDIS_URL", "EMAIL_URL", "LOANFLOW_SECRET_KEY", "DISABLE_SERVER_SIDE_CURSORS"):
    os.environ.pop(surroundings, None)
os.environ |= {
    "LOANFLOW_MODE": "test",
    "LOANFLOW_VAR": str(RUN / WORKER),
    "LOANFLOW_KEY_FILE": str(RUN / "keys" / "root.json"),
    "LOANFLOW_JOURNAL": str(RUN / WORKER / "journal"),
    "LOANFLOW_STATIC_ROOT": str(RUN / "static"),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{RUN / WORKER / 'loanflow.sqlite3'}",
}

from loanflow.settings import *  # noqa: E402, F403
from loanflow.settings import INSTALLED_APPS, MIDDLEWARE  # noqa: E402
from tests import parts  # noqa: E402

# Static files are looked up when asked for: a client is made for nearly every test, and gathering them costs more than a page.
WHITENOISE_AUTOREFRESH = True

# A page that asks once a row fails its test; it does so on any database, and the first pass has seen each test.
if not os.environ.get(parts.LATER_PASS):
    INSTALLED_APPS += ["zeal"]
    MIDDLEWARE += ["zeal.middleware.zeal_middleware"]
    ZEAL_RAISE = True
