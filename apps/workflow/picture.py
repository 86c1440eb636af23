"""Where states and arrows of the process stand on a drawing: pure geometry, computed from the table alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.labels import labelled, listed
from apps.workflow.process import BACK, CHOSEN, NEW, SAME, TABLE, Event, Row
from apps.workflow.states import EARLIER_THAN, UNDER_REVIEW, State

LINE: tuple[State, ...] = (
    State.DRAFT, State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK, State.APPROVAL, State.OFFERED, State.CONTRACTING,
    State.CONDITIONS, State.PAYOUT, State.ACTIVE, State.COMPLETED,
)  # fmt: skip
ENDS: tuple[State, ...] = (State.DECLINED, State.WITHDRAWN, State.EXPIRED)
COLUMN, BOX_WIDTH, BOX_HEIGHT, MARGIN = 130, 108, 46, 16
MIDDLE, ABOVE, BELOW = 168, 32, 452
BUS, BUS_STEP = 366, 22
WIDTH, HEIGHT = 2 * MARGIN + len(LINE) * COLUMN, 512


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its corner, size, words, and how many steps leave it unchanged."""

    state: str
    label: Any
    x: float
    y: float
    width: float
    stays: Sequence[Any]
    ended: bool = False
    height: int = BOX_HEIGHT

    @property
    def centre(self) -> float:
        """Middle of the box from left to right."""
        return self.x + self.width / 2

    @property
    def text_y(self) -> float:
        """Baseline of the state's name."""
        return self.y + self.height / 2 + (-2 if self.stays else 5)

    @property
    def stays_y(self) -> float:
        """Baseline of the count of steps that change nothing."""
        return self.y + self.height / 2 + 16


@dataclass(frozen=True, slots=True)
class Arrow:
    """Steps from one place to another: a path, its kind (``on``, ``back``, ``wait``, ``end``), its number and its words."""

    number: int
    kind: str
    path: str
    label_x: float
    label_y: float
    words: Any
    dots: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    width: int = WIDTH
    height: int = HEIGHT


Pair = tuple[str, str]


def targets(row: Row, source: str) -> tuple[str, ...]:
    """States a row may lead to from one of its sources; none when the state stays."""
    if row.target == SAME:
        return ()
    if row.target == BACK:
        return tuple(UNDER_REVIEW)
    if row.target == CHOSEN:
        return tuple(EARLIER_THAN.get(State(source), ()))
    return (row.target,)


def pairs() -> dict[Pair, list[Event]]:
    """Which events lead from which state to which other, in the order of the table."""
    found: dict[Pair, list[Event]] = {}
    for row in TABLE:
        for source in row.sources:
            for target in targets(row, source):
                if source != NEW:
                    found.setdefault((source, target), []).append(row.event)
    return found


def picture() -> Picture:
    """Draw the table."""
    boxes = {box.state: box for box in _boxes()}
    return Picture(list(boxes.values()), _arrows(boxes))


def _boxes() -> list[Box]:
    line = [
        Box(state, state.label, _left(column), MIDDLE, BOX_WIDTH, stays(state)) for column, state in enumerate(LINE)
    ]
    waiting_from, waiting_to = _left(1), _left(4) + BOX_WIDTH
    waiting = Box(
        State.WAITING, State.WAITING.label, waiting_from, ABOVE, waiting_to - waiting_from, stays(State.WAITING)
    )
    ends = [
        Box(state, state.label, _left(column), BELOW, BOX_WIDTH + 24, (), ended=True)
        for state, column in zip(ENDS, (1, 4, 7), strict=True)
    ]
    return [*line, waiting, *ends]


def _left(column: float) -> float:
    return MARGIN + column * COLUMN + (COLUMN - BOX_WIDTH) / 2


def stays(state: str) -> tuple[Any, ...]:
    """Words of the steps that leave a state as it is."""
    return tuple(row.event.label for row in TABLE if row.target == SAME and state in row.sources)


def _arrows(boxes: dict[str, Box]) -> list[Arrow]:
    found = pairs()
    between = [pair for pair in found if pair[0] in LINE and pair[1] in LINE]
    waits = [pair for pair in found if pair[1] == State.WAITING]
    drawn = [_between(pair, found[pair], boxes) for pair in sorted(between, key=_by_place)]
    drawn += [_wait(pair, found, boxes) for pair in waits]
    drawn += [_end(state, position, found, boxes) for position, state in enumerate(ENDS)]
    drawn += [_reopen(found, boxes)]
    return [
        Arrow(number, arrow.kind, arrow.path, arrow.label_x, arrow.label_y, arrow.words, arrow.dots)
        for number, arrow in enumerate(drawn, start=1)
    ]


def _by_place(pair: Pair) -> tuple[bool, int, int]:
    source, target = LINE.index(State(pair[0])), LINE.index(State(pair[1]))
    return target < source, source, target


def _words(pair: Pair, events: Sequence[Event]) -> str:
    origin, goal = State(pair[0]).label, State(pair[1]).label
    return _told(origin, goal, events)


def _told(origin: Any, goal: Any, events: Sequence[Event]) -> str:
    return labelled(f"{origin} → {goal}", listed(event.label for event in events))


def _between(pair: Pair, events: Sequence[Event], boxes: dict[str, Box]) -> Arrow:
    source, target = boxes[pair[0]], boxes[pair[1]]
    span = LINE.index(State(pair[1])) - LINE.index(State(pair[0]))
    words = _words(pair, events)
    if span == 1:
        y = MIDDLE + BOX_HEIGHT / 2
        left, right = source.x + source.width, target.x
        return Arrow(0, "on", f"M{left:.0f} {y:.0f}H{right - 6:.0f}", (left + right) / 2, y - 18, words)
    if span > 1:
        return _arc(source.centre + 20, target.centre - 20, MIDDLE, -34, "on", words)
    # short ways back lie inside long ones
    return _arc(source.centre - 18, target.centre + 18, MIDDLE + BOX_HEIGHT, 16 + 30 * -span, "back", words)


def _arc(start: float, end: float, y: float, depth: float, kind: str, words: str) -> Arrow:
    tip = y + (6 if depth > 0 else -6)
    lowest = y + depth
    path = f"M{start:.0f} {y:.0f}C{start:.0f} {lowest + depth / 3:.0f} {end:.0f} {lowest + depth / 3:.0f} {end:.0f} {tip:.0f}"
    return Arrow(0, kind, path, (start + end) / 2, y + depth, words)


def _wait(pair: Pair, found: dict[Pair, list[Event]], boxes: dict[str, Box]) -> Arrow:
    x = boxes[pair[0]].centre
    top, bottom = ABOVE + BOX_HEIGHT + 6, MIDDLE - 6
    events = [*found[pair], *found.get((pair[1], pair[0]), [])]
    return Arrow(0, "wait", f"M{x:.0f} {bottom:.0f}V{top:.0f}", x + 12, top + 24, _words(pair, events))


def _end(state: State, position: int, found: dict[Pair, list[Event]], boxes: dict[str, Box]) -> Arrow:
    """A line under all states from which a case may end so, with a dot for each."""
    sources = [source for source, target in found if target == state]
    events = list(dict.fromkeys(event for pair, each in found.items() if pair[1] == state for event in each))
    columns = sorted(boxes[source].centre for source in sources if source in LINE)
    y, box = BUS + position * BUS_STEP, boxes[state]
    offset = (position - 1) * 10
    dots = [(x + offset, y) for x in columns]
    path = (
        f"M{columns[0] + offset:.0f} {y}H{max(columns[-1] + offset, box.centre):.0f}M{box.centre:.0f} {y}V{BELOW - 6}"
    )
    words = _told(listed(State(source).label for source in sources), state.label, events)
    return Arrow(0, "end", path, box.centre + 14, BELOW - 22, words, dots)


def _reopen(found: dict[Pair, list[Event]], boxes: dict[str, Box]) -> Arrow:
    """The way back from the ends, under them and up along the margin."""
    reopened = [pair for pair in found if pair[0] in ENDS]
    goal, y = boxes[reopened[0][1]], HEIGHT - 8
    lanes = [boxes[pair[0]].centre for pair in reopened]
    left = MARGIN / 2
    path = "".join(f"M{x:.0f} {BELOW + BOX_HEIGHT}V{y}" for x in lanes)
    path += f"M{max(lanes):.0f} {y}H{left:.0f}V{MIDDLE - 26}H{goal.x + 12:.0f}V{MIDDLE - 6}"
    words = _told(listed(State(pair[0]).label for pair in reopened), goal.label, found[reopened[0]])
    return Arrow(0, "back", path, left + 60, MIDDLE - 26, words)
