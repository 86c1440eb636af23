"""Makes the book: the bank, its people and products, then all lives in the order of time."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random  # noqa: TID251 - the demo's seeded chance

from apps.accounts import demo
from apps.accounts.models import Branch
from apps.borrowers.models import Interest
from apps.borrowers.services import access_give
from apps.console.demo_book import plans, setting
from apps.console.demo_book.cast import OUTSIDE, Cast, act
from apps.console.demo_book.hours import working
from apps.console.demo_book.life import Life, Plan
from apps.console.demo_book.lives import Wait, live
from apps.console.demo_book.names import firm
from apps.console.demo_book.renewal import DAYS, renewal
from apps.core import clock
from apps.workflow.models import LoanCase, Product
from apps.workflow.services.engaging import Plan as Audit
from apps.workflow.services.engaging import engagement_agree, engagement_ask

Progress = Callable[..., object]
Entry = tuple[dt.datetime, int, Iterator[Wait]]


def book_make(*, seed: int = 2026, share: Decimal = Decimal(1), progress: Progress = lambda: None) -> int:
    """Make the demo book; returns the number of cases. Refused outside demo mode.

    ``share`` scales the numbers of cases (tests make a small book); ``progress`` is called once a life's step.
    """
    demo.require()
    now, random = clock.now(), Random(seed)  # noqa: S311 - not for secrets
    with clock.at(now - dt.timedelta(days=500)):
        branches, cast, products = setting.bank_open()
    lives = list(_lives(random, now, branches, cast, products, share))
    with clock.at_home():
        queue = [(start, at, live(life)) for at, (start, life) in enumerate(lives)]
        begins = working(now - dt.timedelta(days=DAYS))
        _play([*queue, (begins, len(queue), renewal(lives, cast, products))], now, progress)
        with clock.at(now):
            _engagements(cast, branches)
            _portal(cast, [life for _start, life in lives if life.number])
    return LoanCase.objects.count()


def _lives(
    random: Random,
    now: dt.datetime,
    branches: dict[str, Branch],
    cast: Cast,
    products: dict[bool, Product],
    share: Decimal,
) -> Iterator[tuple[dt.datetime, Life]]:
    serials = itertools.count(1)
    wanted = [(each, False) for each in plans.unfinished(random, share)]
    wanted += [(each, True) for each in itertools.chain(plans.special(), plans.running(random, share))]
    for each, runs in wanted:
        serial = next(serials)
        code = "JN" if serial % 5 < 3 else "QD"
        life = Life(each, firm(random, serial, code), branches[code], cast, products[each.secured], random, serial)
        yield working(now - dt.timedelta(days=_age(random, each, runs))), life
        if each.months_late:
            life.notes["stops_paying_on"] = (now - dt.timedelta(days=31 * each.months_late)).date()


def _age(random: Random, plan: Plan, runs: bool) -> float:
    """Days ago that a life begins, so that it stands where its plan says today."""
    if runs:
        return random.uniform(130 if plan.settle_early or plan.months_late else 30, 270)
    if plan.ends == "lapsed":
        return random.uniform(60, 80)
    return random.uniform(9, 24) if plan.until or plan.ends else random.uniform(20, 40)


def _play(queue: list[Entry], now: dt.datetime, progress: Progress) -> None:
    """Let all lives go on in the order of time until today."""
    heapq.heapify(queue)
    while queue:
        moment, serial, life = heapq.heappop(queue)
        if moment >= now:
            continue
        with clock.at(moment):
            wait = next(life, None)
        progress()
        if wait is not None:
            heapq.heappush(queue, (working(moment + wait), serial, life))


def _engagements(cast: Cast, branches: dict[str, Branch]) -> None:
    """An auditor from outside reads one branch; a second engagement waits for another person's agreement."""
    [outside] = cast.accounts[OUTSIDE]
    words, today = "Li & Partners, yearly audit, letter of engagement of this spring", clock.today()
    auditor, officer = cast.act("", "auditor"), cast.act("", "compliance_officer")
    read = Audit([outside.handle], words, today + dt.timedelta(days=90), branches=[branches["JN"]])
    engagement_agree(actor=officer, engagement=engagement_ask(actor=auditor, plan=read))
    more = Audit(
        [outside.handle], "Li & Partners, loans overdue", today + dt.timedelta(days=30), branches=[branches["QD"]]
    )
    engagement_ask(actor=auditor, plan=more)


def _portal(cast: Cast, lives: list[Life]) -> None:
    """The demo borrower acts for three businesses: one waiting, one offered, one with a running loan."""
    if cast.borrower is None:
        return
    for until in ("waiting", "offered", ""):
        life = next((each for each in lives if each.plan.until == until and (until or not each.plan.ends)), None)
        if life is not None:
            signer = Interest.objects.filter(borrower=life.case.borrower, kind="signer", ended_on=None).first()
            access_give(
                actor=act(cast.of(life.branch.code, "loan_officer")), borrower=life.case.borrower, account=cast.borrower,
                party=signer.party if signer else None,
            )  # fmt: skip
