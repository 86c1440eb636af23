"""Which lives the book holds: about 300 cases over all states and two branches, 120 running loans, and the special ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random  # noqa: TID251 - the demo's seeded chance
from typing import Any

from apps.console.demo_book.life import Plan
from apps.workflow.states import State

UNFINISHED: tuple[tuple[str, int], ...] = (
    (State.DRAFT, 16),
    (State.INTAKE, 20),
    (State.CREDIT_REVIEW, 23),
    (State.COLLATERAL_CHECK, 11),
    (State.APPROVAL, 21),
    (State.OFFERED, 12),
    (State.CONTRACTING, 9),
    (State.CONDITIONS, 10),
    (State.PAYOUT, 9),
)
ENDED: tuple[tuple[str, int], ...] = (
    ("declined_review", 8),
    ("declined_approval", 5),
    ("withdrawn", 5),
    ("lapsed", 4),
    ("countered", 3),
    ("waiting", 8),
)
RUNNING, LATE, SETTLED = 114, 14, 6


def amount(random: Random, secured: bool) -> Decimal:
    """A round amount, larger where there is collateral."""
    return Decimal(random.randint(20, 240) if secured else random.randint(5, 60)) * 10_000


def plan(random: Random, until: str, **more: Any) -> Plan:
    """A plan with an amount of its own."""
    secured = bool(more.pop("secured", random.random() < 0.45)) or until == State.COLLATERAL_CHECK
    terms = random.choice((12, 18, 24, 36))
    return Plan(
        until,
        secured=secured,
        amounts=(amount(random, secured),),
        term=terms,
        strength=Decimal(random.randint(100, 190)) / 100,
        **more,
    )  # type: ignore[arg-type]


def unfinished(random: Random, share: Decimal) -> Iterator[Plan]:
    """Cases on their way, and those that ended early."""
    for state, count in UNFINISHED:
        for at in range(scaled(count, share)):
            yield plan(
                random,
                state,
                signatures_missing=1 if state == State.APPROVAL and at % 3 == 0 else 0,
                urgent=at % 9 == 4,
            )
    for ends, count in ENDED:
        for _at in range(scaled(count, share)):
            yield plan(random, State.WAITING if ends == "waiting" else "", ends=ends)


def running(random: Random, share: Decimal) -> Iterator[Plan]:
    """Cases whose loans run, some of them late, some settled early."""
    for at in range(scaled(RUNNING, share)):
        yield plan(random, "", months_late=1 + at % 4 if at < scaled(LATE, share) else 0)
    for _at in range(scaled(SETTLED, share)):
        yield plan(random, "", settle_early=True)


def special() -> Iterator[Plan]:
    """A case with two facilities, and a limit drawn three times."""
    yield Plan("", secured=True, amounts=(Decimal(600_000), Decimal(300_000)), term=24, strength=Decimal(2))
    yield Plan("", amounts=(Decimal(300_000),), term=12, kind="revolving", draws=3, strength=Decimal(2))


def scaled(count: int, share: Decimal) -> int:
    """A count scaled to the size of the book, at least one."""
    return max(1, int(count * share))
