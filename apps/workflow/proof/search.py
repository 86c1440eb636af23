"""The search itself: the way with the fewest lines from nothing to a released payment, for a number of offenders."""

from __future__ import annotations

import heapq
import itertools
from typing import Any

from apps.workflow.process import NEW
from apps.workflow.proof.bank import Bank, House, Place
from apps.workflow.proof.changes import house_moves
from apps.workflow.proof.lines import Line
from apps.workflow.proof.moves import case_moves

MOST = 8
Way = tuple[Line, ...]
Trail = tuple[Any, tuple[Line, ...]] | None


class LeadsNowhere(Exception):
    """Raised where even many people reach no payout: a table that leads nowhere proves nothing."""


def way_to_payout(bank: Bank, people: int) -> Way | None:
    """A shortest way for so many people, or ``None`` where there is none."""
    house, number = House(bank), itertools.count()
    start = Place(NEW, "", frozenset(), (frozenset(),) * people)
    best: dict[tuple[Any, ...], int] = {house.same(start): 0}
    queue: list[tuple[int, int, Place | None, Trail]] = [(0, next(number), start, None)]
    while queue:
        length, _turn, place, trail = heapq.heappop(queue)
        if place is None:
            return _unrolled(trail)
        if best[house.same(place)] < length:
            continue
        for lines, after in itertools.chain(house_moves(house, place), case_moves(house, place)):
            further = length + len(lines)
            if after is not None:
                key = house.same(after)
                if best.get(key, further + 1) <= further:
                    continue
                best[key] = further
            heapq.heappush(queue, (further, next(number), after, (trail, lines)))
    return None


def _unrolled(trail: Trail) -> Way:
    found: list[tuple[Line, ...]] = []
    while trail is not None:
        trail, lines = trail
        found.append(lines)
    return tuple(line for lines in reversed(found) for line in lines)


def least_people(bank: Bank, most: int = MOST) -> tuple[int, Way]:
    """The least number of people who reach payout, and their way; raises ``LeadsNowhere`` beyond ``most``."""
    for people in range(1, most + 1):
        way = way_to_payout(bank, people)
        if way is not None:
            return people, way
    raise LeadsNowhere(f"{most} people do not reach payout: the table leads nowhere")
