"""What upper floors tell access about accounts and persons; they fill the ports in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.core.actor import Actor
from apps.core.packs import Pack

Lookup = Callable[[int], frozenset[int]]


def nobody(_key: int) -> frozenset[int]:
    """Answer of a port that nobody has filled: no borrower at all."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Engaged:
    """What a person's audit engagements in force name, together; branches with all below them."""

    branch_ids: frozenset[int] = frozenset()
    case_ids: frozenset[int] = frozenset()
    borrower_ids: frozenset[int] = frozenset()


def not_engaged(_person_id: int) -> Engaged | None:
    """Answer of a port that nobody has filled: no engagement."""
    return None


def untold(_people: Iterable[int], _kind: str) -> None:
    """Answer of a port that nobody has filled: nobody is told."""


def nothing_held(_actor: Actor, _person_id: int) -> int:
    """Answer of a port that nobody has filled: nobody holds anything."""
    return 0


class Ports:
    """``borrowers_of_account``: borrowers a portal account acts for. ``borrowers_tied_to``: own businesses and
    relatives' of a member of staff, by person; they are excluded from every case of these. ``engaged``: what a person's
    audit engagements name, ``None`` while none is in force. ``tell`` puts a line of a kind under the bells of persons.
    ``leaving`` takes what a person holds out of their hands, inside the open act.
    """

    borrowers_of_account: Lookup = staticmethod(nobody)
    borrowers_tied_to: Lookup = staticmethod(nobody)
    engaged: Callable[[int], Engaged | None] = staticmethod(not_engaged)
    tell: Callable[[Iterable[int], str], None] = staticmethod(untold)
    leaving: Callable[[Actor, int], int] = staticmethod(nothing_held)


def tell(people: Iterable[int], kind: str) -> None:
    """Pass on what a floor below has to tell, by the port as it is filled then."""
    Ports.tell(people, kind)


def fill(*, borrowers_of_account: Lookup, borrowers_tied_to: Lookup) -> None:
    """Connect both ports; the borrowers app calls it once."""
    Ports.borrowers_of_account = staticmethod(borrowers_of_account)
    Ports.borrowers_tied_to = staticmethod(borrowers_tied_to)


def fill_engaged(lookup: Callable[[int], Engaged | None]) -> None:
    """Connect the engagements; the workflow app calls it once."""
    Ports.engaged = staticmethod(lookup)


Seed = Callable[[Actor, Pack], None]
SEEDS: dict[str, Seed] = {}
"""What upper floors lay down at a first start, by name; each adds only what is missing, inside the founding's act."""


def at_founding(name: str, seed: Seed) -> None:
    """Have ``seed`` run at a first start; apps call it in ``ready()``. Two different ones of a name raise."""
    if SEEDS.setdefault(name, seed) is not seed:
        raise ValueError(f"{name} is laid down twice")
