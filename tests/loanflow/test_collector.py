"""The collector of garbage in the processes that serve and in those of commands."""

import gc
import subprocess
import sys

from loanflow import collector
from tests import parts


def test_looking_seldom_begins_no_earlier_than_python_itself() -> None:
    script = "import gc; from loanflow import collector; collector.seldom(); print(*gc.get_threshold(), gc.isenabled())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=parts.ROOT)
    assert told.stdout.split() == [*map(str, collector.THRESHOLDS), "True"]


def test_rings_of_objects_are_still_found() -> None:
    class Ring:
        found = 0

        def __del__(self) -> None:
            Ring.found += 1

    collector.seldom()
    for _ in range(2 * collector.THRESHOLDS[0]):
        ring = Ring()
        ring.itself = ring  # type: ignore[attr-defined]
    assert Ring.found >= collector.THRESHOLDS[0]
    gc.collect()


def test_what_is_loaded_is_not_looked_through_again() -> None:
    script = "import gc; from loanflow import collector; collector.settled(); print(gc.get_freeze_count())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=parts.ROOT)
    assert int(told.stdout) > 1000
