"""What upper floors tell access about accounts and persons; they fill the ports in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable

Lookup = Callable[[int], frozenset[int]]


def nobody(_key: int) -> frozenset[int]:
    """Answer of a port that nobody has filled: no borrower at all."""
    return frozenset()


class Ports:
    """``borrowers_of_account``: borrowers a portal account acts for. ``borrowers_tied_to``: own businesses and
    relatives' of a member of staff, by person; they are excluded from every case of these."""

    borrowers_of_account: Lookup = staticmethod(nobody)
    borrowers_tied_to: Lookup = staticmethod(nobody)


def fill(*, borrowers_of_account: Lookup, borrowers_tied_to: Lookup) -> None:
    """Connect both ports; the borrowers app calls it once."""
    Ports.borrowers_of_account = staticmethod(borrowers_of_account)
    Ports.borrowers_tied_to = staticmethod(borrowers_tied_to)
