"""How few people can bring a case to payout: a search over the real process table, always in the offenders' favour.

In their favour means: everybody holds every role there is; facts, once given, stay for ever; a guard holds unless it is tied
to an act of a member of staff that lays a duty on them; what the borrower and the system do costs nobody. So whatever the
search calls impossible is impossible, and the least number it finds is a lower bound.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apps.access.duties import Duty, Pair, excluded
from apps.workflow.process import BACK, CHOSEN, NEW, SAME, TABLE, Event, Row, Who
from apps.workflow.states import EARLIER_THAN, State

Hand = frozenset[Duty]
"""What a person has done."""

TIED: Mapping[str, Duty | None] = {
    "checklist_complete": Duty.PREPARES,  # documents are accepted by a member of staff, who takes part in preparing
    "identity_checked": Duty.PREPARES,  # as is an identity
    "another_prepared": None,  # there is a payment that another person prepared
}
"""Guards that hold only after an act of a person, with the duty that the act lays on them. All others hold at no cost."""
PREPARED = "another_prepared"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands, what is established, and what each person has done (``maker`` prepared the payment)."""

    state: str
    came_from: str
    facts: frozenset[str]
    hands: tuple[Hand, ...]
    maker: Hand | None = None

    @property
    def people(self) -> int:
        """Number of persons who did something that counts."""
        return sum(bool(hand) for hand in self.hands)


@dataclass(frozen=True, slots=True)
class Bank:
    """What is searched: the table, the acts guards are tied to, pairs of duties set compatible, secured or not."""

    table: Sequence[Row] = TABLE
    tied: Mapping[str, Duty | None] = field(default_factory=lambda: TIED)
    compatible: frozenset[Pair] = frozenset()
    secured: bool = False
    delegation: bool = False

    def without(self, duty: Duty) -> Bank:
        """The same bank where nobody takes on a duty any more."""
        table = [replace(row, duty=None) if row.duty == duty else row for row in self.table]
        tied = {name: None if each == duty else each for name, each in self.tied.items()}
        return replace(self, table=table, tied=tied)


Step = tuple[str, Place]


def path_to_payout(bank: Bank, people: int) -> list[str] | None:
    """A shortest way for so many people from nothing to a released payment, one line a step, or ``None``."""
    start = Place(NEW, "", frozenset(), (frozenset(),) * people)
    came: dict[Place, tuple[Place, str]] = {}
    known, queue = {start}, deque([start])
    while queue:
        place = queue.popleft()
        for words, after in steps(bank, place):
            if after is None:
                return [*_way(came, place), words]
            if after not in known:
                known.add(after)
                came[after] = (place, words)
                queue.append(after)
    return None


def least_people(bank: Bank, most: int = 8) -> tuple[int, list[str]]:
    """The least number of people who reach payout, and their way."""
    for people in range(1, most + 1):
        way = path_to_payout(bank, people)
        if way is not None:
            return people, way
    raise AssertionError(f"{most} people do not reach payout: the table leads nowhere")


def _way(came: Mapping[Place, tuple[Place, str]], place: Place) -> list[str]:
    lines: list[str] = []
    while place in came:
        place, words = came[place]
        lines.append(words)
    return lines[::-1]


def steps(bank: Bank, place: Place) -> Iterator[tuple[str, Place | None]]:
    """Everything that can happen next; ``None`` stands for the money that has gone out."""
    yield from _acts(bank, place)
    for row in bank.table:
        if place.state in row.sources and _fits(row, bank) and _holds(row, bank, place):
            for target in targets(row, place):
                yield from _taken(bank, row, place, target)


def _fits(row: Row, bank: Bank) -> bool:
    return ("secured" not in row.guards or bank.secured) and ("unsecured" not in row.guards or not bank.secured)


def _holds(row: Row, bank: Bank, place: Place) -> bool:
    return all(name in place.facts for name in row.guards if name in bank.tied)


def targets(row: Row, place: Place) -> tuple[str, ...]:
    """Where a row may lead from here."""
    named = {SAME: (place.state,), BACK: (place.came_from,), CHOSEN: tuple(EARLIER_THAN.get(place.state, ()))}
    return named.get(row.target, (row.target,))


def _acts(bank: Bank, place: Place) -> Iterator[tuple[str, Place]]:
    """What members of staff do beside the table so that a guard holds."""
    for name, duty in bank.tied.items():
        if name == PREPARED or name in place.facts or place.state == NEW:
            continue
        for who, hands, _hand in _doers(bank, place.hands, duty):
            yield f"({name.replace('_', ' ')}) {who}", replace(place, facts=place.facts | {name}, hands=hands)


def _taken(bank: Bank, row: Row, place: Place, target: str) -> Iterator[tuple[str, Place | None]]:
    came_from = place.state if target == State.WAITING else ""
    after = replace(place, state=target, came_from=came_from)
    words = f"{row.event}: {place.state} → {target}"
    if row.who is not Who.PERSON:
        if target != place.state:
            yield f"{words} by the {row.who}", after
        return
    for who, hands, hand in _doers(bank, place.hands, row.duty):
        if row.event == Event.RELEASE_PAYMENT:
            if _another_than_maker(place, row, hand):
                yield f"{words} {who}", None
        elif row.event == Event.PREPARE_PAYMENT:
            yield f"{words} {who}", replace(after, facts=place.facts | {PREPARED}, hands=hands, maker=hand)
        elif target != place.state:
            # what leaves the case where it is and establishes nothing only adds duties: it never helps
            yield f"{words} {who}", replace(after, hands=hands)


def _another_than_maker(place: Place, row: Row, hand: Hand) -> bool:
    """Tell whether somebody else can release; persons who did the same are told apart by their number alone."""
    before = hand - {row.duty} if row.duty else hand
    return place.maker is None or before != place.maker or place.hands.count(before) > 1


def _doers(bank: Bank, hands: tuple[Hand, ...], duty: Duty | None) -> Iterator[tuple[str, tuple[Hand, ...], Hand]]:
    """Who may take on a duty: each person once for each thing they did before, alone or for somebody who is away."""
    if duty is None:
        for hand in sorted(set(hands), key=sorted):
            yield f"by {_name(hand)}", hands, hand
        return
    able = [at for at in _first_of_each(hands) if excluded(duty, hands[at], bank.compatible) is None]
    for at in able:
        yield f"by {_name(hands[at])} ({duty})", _with(hands, (at,), duty), hands[at] | {duty}
    for at, away in _delegations(bank, hands, duty):
        words = f"by {_name(hands[at])} for {_name(hands[away])} ({duty})"
        yield words, _with(hands, (at, away), duty), hands[at] | {duty}


def _delegations(bank: Bank, hands: tuple[Hand, ...], duty: Duty) -> Iterable[tuple[int, int]]:
    """A delegated act is checked on both, and lays its duty on both."""
    if not bank.delegation:
        return ()
    able = [at for at in range(len(hands)) if excluded(duty, hands[at], bank.compatible) is None]
    return itertools.permutations(able, 2)


def _first_of_each(hands: tuple[Hand, ...]) -> list[int]:
    return sorted({hand: at for at, hand in reversed(list(enumerate(hands)))}.values())


def _with(hands: tuple[Hand, ...], who: Sequence[int], duty: Duty) -> tuple[Hand, ...]:
    changed = [hand | {duty} if at in who else hand for at, hand in enumerate(hands)]
    return tuple(sorted(changed, key=sorted))


def _name(hand: Hand) -> str:
    return f"who {' and '.join(sorted(hand))}" if hand else "somebody new"
