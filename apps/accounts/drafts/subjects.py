"""Which borrower a form is about, told by its address: a draft goes when that borrower is forgotten.

Upper floors say how an argument of an address leads to a borrower, in ``AppConfig.ready()``. The most special line counts:
``app:page:argument``, then ``app:argument``, then ``argument``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Lookup = Callable[[Any], int | None]
LOOKUPS: dict[str, Lookup] = {}


def nobody(_borrower: int) -> bool:
    """Without borrowers nobody is forgotten."""
    return False


class Port:
    """``is_forgotten`` locks a borrower until the open transaction ends, and tells whether they are forgotten."""

    is_forgotten: Callable[[int], bool] = staticmethod(nobody)


def tell_forgotten(is_forgotten: Callable[[int], bool]) -> None:
    """Connect the port."""
    Port.is_forgotten = staticmethod(is_forgotten)


def tell(lookups: Mapping[str, Lookup]) -> None:
    """Add ways from an argument of an address to a borrower's id."""
    LOOKUPS.update(lookups)


def borrower_of(route: str, arguments: Mapping[str, Any]) -> int | None:
    """The borrower that an address is about, if any line tells."""
    app = route.partition(":")[0]
    for name, value in arguments.items():
        for key in (f"{route}:{name}", f"{app}:{name}", name):
            if key in LOOKUPS:
                found = LOOKUPS[key](value)
                if found is not None:
                    return found
                break
    return None
