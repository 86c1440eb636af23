"""How often Python looks for garbage: rarely. A page makes objects by the ten thousand, nearly all of which free themselves."""

import gc

THRESHOLDS = (50_000, 20, 50)
"""Of new objects before the youngest are looked through, and of looks before the older ones are; Python's own begin at 700."""


def seldom() -> None:
    """Look seldom: with Python's own thresholds a seventh of a page's time goes into looking."""
    gc.set_threshold(*THRESHOLDS)


def settled() -> None:
    """Look seldom, and never again at what has been loaded by now: it stays until the process ends."""
    gc.collect()
    gc.freeze()
    seldom()
