"""What the proof searches: the house as its own tables describe it, and where a case and the offenders stand in it.

Everything is in the offenders' favour. Everybody holds every role there is, but for pairs that one person may not hold. Facts,
once given, stay for ever; a guard holds unless it is tied to an act that lays a duty on a member of staff; what the borrower
and the system do costs nobody; a password alone is known to them. So what the search calls impossible is impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from apps.access.administration import HANDING, RULES, Change, Handing, Rule
from apps.access.duties import Duty, Pair, excluded
from apps.access.roles import POWERFUL, ROLE_TABLE, Role
from apps.access.roles import incompatible as incompatible_pair
from apps.core.permissions import Permission
from apps.workflow.process import TABLE, Row

Hand = frozenset[str]
"""What a person has done: duties, and roles used that others exclude."""

TIED: Mapping[str, tuple[Permission, Duty] | None] = {
    "checklist_complete": (Permission.APPLICATION_ACCEPT, Duty.PREPARES),  # documents are accepted by a member of staff
    "identity_checked": (Permission.IDENTITY_CHECK, Duty.PREPARES),
    "another_prepared": None,  # there is a payment that another person prepared
}
"""Guards that hold only after an act of a person, with its permission and duty. All others hold at no cost."""
PREPARED = "another_prepared"
INVENTED, EMPOWERED, HANDED = "invented", "empowered", "handed:"
RECOVERED = "recovered"
"""Facts: people exist whom nobody has met, with roles that one administrator gives; with any role; a role was handed over;
such people were made administrators by command."""


class Delegation(StrEnum):
    """Who hands over rights: nobody; the offenders among themselves, as often as they like; one unsuspecting colleague."""

    NONE = "none"
    AMONG = "among"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Bank:
    """The tables searched and the setting: secured or not, pairs of duties set compatible, delegation, administration."""

    table: Sequence[Row] = TABLE
    tied: Mapping[str, tuple[Permission, Duty] | None] = field(default_factory=lambda: TIED)
    compatible: frozenset[Pair] = frozenset()
    secured: bool = False
    delegation: Delegation = Delegation.NONE
    roles: Mapping[Role, frozenset[Permission]] = field(default_factory=lambda: ROLE_TABLE)
    powerful: frozenset[Role] = POWERFUL
    incompatible: Callable[[Iterable[str]], Any] = incompatible_pair
    rules: Mapping[Change, Rule] | None = field(default_factory=lambda: RULES)
    handing: Handing = HANDING

    def without(self, duty: Duty) -> Bank:
        """The same bank where nobody takes on a duty any more."""
        table = [replace(row, duty=None) if row.duty == duty else row for row in self.table]
        tied = {name: None if each is None or each[1] == duty else each for name, each in self.tied.items()}
        return replace(self, table=table, tied=tied)

    def in_person(self) -> Bank:
        """The same bank where nobody is invented, empowered or taken over."""
        return replace(self, rules=None)


class Place(NamedTuple):
    """Where a case stands, what is established, what each of the offenders has done, and which of them prepared a payment."""

    state: str
    came_from: str
    facts: frozenset[str]
    hands: tuple[Hand, ...]
    maker: int | None = None


class House:
    """Answers about roles in a bank, worked out once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        staff = [role for role in bank.roles if role != Role.BORROWER]
        self.touchy = {one for one in staff if any(bank.incompatible({one, other}) for other in staff)}
        self.plain = frozenset(role for role in staff if role not in bank.powerful)
        self.able = lru_cache(maxsize=None)(self._able)
        self.takes = lru_cache(maxsize=None)(self._takes)
        self.is_free = lru_cache(maxsize=None)(self._is_free)
        self.doers: dict[Hashable, tuple[Any, ...]] = {}
        self._ranks: dict[Hand, int] = {}

    def same(self, place: Place) -> tuple[Any, ...]:
        """What tells places apart: offenders who did the same are interchangeable."""
        ranks = [self._ranks.setdefault(hand, len(self._ranks)) for hand in place.hands]
        maker = -1 if place.maker is None else ranks[place.maker]
        return (place.state, place.came_from, place.facts, tuple(sorted(ranks)), maker)

    def meet(self, hand: Hand) -> bool:
        """Tell whether one person may hold all the roles in a hand."""
        return not self.bank.incompatible(each for each in hand if each in self.touchy)

    def _is_free(self, hand: Hand, duty: Duty | None) -> bool:
        done = [Duty(each) for each in hand if each in Duty.values]
        return duty is None or excluded(duty, done, self.bank.compatible) is None

    def _able(self, permission: Permission) -> tuple[Role | None, ...]:
        """Roles by which one may use a permission, one of each kind; ``None`` for a role that excludes no other."""
        holding = [role for role, held in self.bank.roles.items() if permission in held and role != Role.BORROWER]
        if any(role not in self.touchy for role in holding):
            return (None,)
        return tuple({self.bank.roles[role]: role for role in reversed(holding)}.values())

    def holds(self, roles_given: Iterable[Role], permission: Permission) -> bool:
        """Tell whether one of some roles holds a permission."""
        return any(permission in self.bank.roles[role] for role in roles_given)

    def _takes(self, hand: Hand, permission: Permission) -> Hand | None:
        """What a hand becomes by using a permission, or ``None`` where what it did before excludes every role for it."""
        for role in self.able(permission):
            wanted = hand if role is None else hand | {role}
            if self.meet(wanted):
                return wanted
        return None
