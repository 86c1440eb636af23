"""Measures sight in two banks that differ in their number of cases alone; `benchmarks/access.py` is the way in.

Four people look: one with a small branch and a few shared cases, one of a branch without cases, head office, and the head of all
branches under one root. Each opens every tab of the queue and the list of all cases, as the pages do. Guardian has no branches, so
it gets what says the same to it: one row for each case and person.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests import settings as _settings

_settings.MIDDLEWARE.remove("zeal.middleware.zeal_middleware")  # it watches each question; no installation has it
_settings.INSTALLED_APPS.remove("zeal")

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Permission as Codename  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from guardian.shortcuts import get_objects_for_user  # noqa: E402, TID251  it is what we measure against

from apps.access.roles import Role  # noqa: E402
from apps.accounts.models import Account, Branch  # noqa: E402
from apps.core.actor import Actor  # noqa: E402
from apps.core.permissions import Permission  # noqa: E402
from apps.workflow.models import LoanCase, LoanCaseUserObjectPermission  # noqa: E402
from apps.workflow.models.case import NO_DEADLINE  # noqa: E402
from apps.workflow.selectors import CaseFilter, cases_visible_to  # noqa: E402
from apps.workflow.states import OPEN, STAGE_OF, State  # noqa: E402
from apps.workflow.views.lists import PAGE, tabs_for  # noqa: E402
from benchmarks.large import book  # noqa: E402
from tests import databases  # noqa: E402
from tests.accounts import factories as people  # noqa: E402
from tests.workflow import factories  # noqa: E402

ROUNDS, LOOKS = 3, 15
FEW, MANY, QUICK = 10_000, 1_000_000, 20_000
MOST_GROWTH, LEAST_GAIN = 1.5, 20
BRANCHES, SMALL, SHARED, HELD = 40, 400, 30, 20
ENDED = (State.ACTIVE, State.COMPLETED, State.DECLINED)
NAMED = ("few grants", "empty branch", "head office")
"""Whose worst the floors are about."""
OPEN_SHARE = 8
"""One case in eight is open, in a young house as in an old one."""


@dataclass(frozen=True)
class World:
    """The people who look, by what their sight is like, and the permission that guardian's rows carry."""

    accounts: Mapping[str, Account]
    small: Branch
    viewing: Codename


def built() -> World:
    """A house with forty branches below head office, one of them small and one without cases, and nobody's cases yet."""
    root = people.branch("HQ")
    for at in range(BRANCHES):
        people.branch(f"B{at:02}", root)
    small, empty = people.branch("SMALL", root), people.branch("EMPTY", root)
    kind = ContentType.objects.get_for_model(LoanCase)
    name = Permission.CASE_VIEW.value
    viewing, _made = Codename.objects.get_or_create(content_type=kind, codename=name, defaults={"name": name})
    accounts = {
        "few grants": people.staff(Role.CREDIT_ANALYST, small, "few"),
        "empty branch": people.staff(Role.CREDIT_ANALYST, empty, "empty"),
        "head office": people.staff(Role.CREDIT_ANALYST, None, "head"),
        "all branches": people.staff(Role.CREDIT_ANALYST, root, "all"),
    }
    factories.case(branch=root)
    for at in range(20):
        people.staff(Role.CREDIT_ANALYST, root, f"colleague-{at}")
    return World(accounts, small, viewing)


def filled(world: World, count: int) -> None:
    """Write so many cases, the shares of who has few, and guardian's rows for what each person sees by role."""
    pattern = LoanCase.objects.get()
    fields = [field for field in LoanCase._meta.concrete_fields if not field.primary_key]
    places = list(Branch.objects.filter(code__startswith="B").order_by("pk").values_list("pk", flat=True))
    holders = list(Account.objects.filter(handle__startswith="colleague-").values_list("person_id", flat=True))
    state = f"CASE WHEN k %% {OPEN_SHARE} = 0 THEN (%(open)s::text[])[1 + (k / {OPEN_SHARE}) %% {len(OPEN)}] ELSE (%(ended)s::text[])[1 + k %% {len(ENDED)}] END"
    stages = " ".join(f"WHEN '{each}' THEN '{STAGE_OF.get(each, 'application')}'" for each in State)
    made = {
        "number": "'LF-' || 2030 + k / 1000000 || '-' || lpad((k %% 1000000)::text, 6, '0')", "uuid": "md5(k::text)::uuid",
        "branch_id": f"CASE WHEN k <= {SMALL} THEN {world.small.pk} ELSE (%(places)s::bigint[])[1 + (k * 7919 / 13) %% {BRANCHES}] END",
        "state": state, "stage": f"CASE {state} {stages} END",
        "due_at": f"CASE WHEN k %% {OPEN_SHARE} = 0 THEN now() + make_interval(mins => ((k * 7919) %% 60000 - 20000)::int) ELSE %(never)s END",
        "holder_id": f"CASE WHEN k %% 3 = 0 THEN NULL ELSE (%(holders)s::bigint[])[1 + k %% {len(holders)}] END",
        "entered_at": "now() - make_interval(mins => ((k * 104729) %% 500000)::int)", "amount_asked": "10000 + (k * 31) %% 900000",
    }  # fmt: skip
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(made.get(field.column, f'"{field.column}"') for field in fields)
    given = {
        "places": places, "holders": holders, "open": [str(each) for each in OPEN], "ended": [str(each) for each in ENDED],
        "never": NO_DEADLINE, "count": count, "pattern": pattern.pk,
    }  # fmt: skip
    table = LoanCase._meta.db_table
    with book.bare(LoanCase):
        book.run(
            f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" t, generate_series(1::bigint, %(count)s) k WHERE t.id = %(pattern)s',
            given,
        )
    for bare in (LoanCase, LoanCaseUserObjectPermission):  # rows by the million are no events
        book.run(f'ALTER TABLE "{bare._meta.db_table}" DISABLE TRIGGER ALL')
    _shared(world)
    _held(world)
    _for_guardian(world)
    book.run("VACUUM ANALYZE")


def _held(world: World) -> None:
    """Give those who look some open cases of their own, as many in a large house as in a small one."""
    table, given = LoanCase._meta.db_table, {"open": [str(each) for each in OPEN]}
    near, head, everywhere = (world.accounts[name].person_id for name in ("few grants", "head office", "all branches"))
    for holder, where in ((near, f"branch_id = {world.small.pk}"), (head, "id %% 2 = 0"), (everywhere, "id %% 2 = 1")):
        first = f'SELECT id FROM "{table}" WHERE state = ANY(%(open)s) AND {where} ORDER BY id LIMIT {HELD}'
        book.run(f'UPDATE "{table}" SET holder_id = {holder} WHERE id IN ({first})', given)


def _shared(world: World) -> None:
    far = LoanCase.objects.filter(state__in=OPEN).exclude(branch=world.small).order_by("-id")[:SHARED]
    rows = [
        LoanCaseUserObjectPermission(user=world.accounts["few grants"], permission=world.viewing, content_object=case)
        for case in far
    ]
    LoanCaseUserObjectPermission._base_manager.bulk_create(rows)


def _for_guardian(world: World) -> None:
    """What each person sees by role, once more as rows of an account that has nothing else: nothing of ours reads them."""
    table, cases = LoanCaseUserObjectPermission._meta.db_table, LoanCase._meta.db_table
    for name, account in world.accounts.items():
        twin = Account.objects.get(handle=f"g-{account.handle}")
        where = {
            "few grants": f"c.branch_id = {world.small.pk} OR c.id IN (SELECT content_object_id FROM {table} WHERE user_id = {account.pk})",
            "empty branch": "false",
        }.get(name, "true")
        book.run(
            f"INSERT INTO {table} (uuid, user_id, permission_id, content_object_id, reason) "
            f"SELECT md5('{twin.pk}-' || c.id)::uuid, {twin.pk}, {world.viewing.pk}, c.id, ''::bytea FROM {cases} c WHERE {where}"
        )


def queue(actor: Actor) -> None:
    """What the pages ask for: every tab of the queue with the counts of all, and the list of all cases."""
    lists(actor, [tab.filter for tab in tabs_for(actor)])


def lists(actor: Actor, tabs: Sequence[CaseFilter]) -> None:
    """The first pages of the tabs, what is due first, and of all cases, newest first."""
    for wanted in tabs:
        cases_visible_to(actor, replace(wanted, sort="due"), limit=PAGE)
    cases_visible_to(actor, CaseFilter(), limit=PAGE)


def guardian_lists(twin: Account, tabs: Sequence[CaseFilter]) -> None:
    """The same lists in the same order out of guardian's shortcut."""
    for wanted in tabs:
        _asked(wanted.apply(_granted(twin)).order_by("due_at", "id"))
    _asked(_granted(twin).order_by("-id"))


def _granted(account: Account) -> QuerySet[LoanCase]:
    codename = f"workflow.{Permission.CASE_VIEW.value}"
    found: QuerySet[LoanCase] = get_objects_for_user(
        account, codename, LoanCase, use_groups=False, accept_global_perms=False
    )
    return found


def _asked(cases: QuerySet[LoanCase]) -> None:
    list(cases.select_related("borrower", "product", "branch", "holder")[: PAGE + 1])


def milliseconds(work: Callable[[], object], looks: int = LOOKS) -> float:
    """Best time of some looks, after one that warms up: what else the machine does only adds to it."""
    spent = []
    for _look in range(looks + 1):
        began = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - began))
    return min(spent[1:])


def measured(world: World, small: str, large: str) -> dict[str, dict[str, float]]:
    """For each person: milliseconds of the queue in both banks, of its lists alone and of guardian's, growth and gain."""
    sides: dict[str, list[dict[str, float]]] = {name: [] for name in world.accounts}
    for _round in range(ROUNDS):
        for name, account in world.accounts.items():
            spent = {}
            for bank, side in (
                (small, "few_ms"),
                (large, "many_ms"),
            ):  # one after the other, so that both meet the same load
                databases.switch(bank)
                actor = people.actor_for(account)
                spent[side] = milliseconds(partial(queue, actor))
            tabs = [tab.filter for tab in tabs_for(actor)]
            spent["lists_ms"] = milliseconds(partial(lists, actor, tabs))
            spent["growth"] = spent["many_ms"] / spent["few_ms"]
            if name in NAMED:
                twin = Account.objects.get(handle=f"g-{account.handle}")
                spent["guardian_ms"] = milliseconds(partial(guardian_lists, twin, tabs), 1)
                spent["gain"] = spent["guardian_ms"] / spent["lists_ms"]
            sides[name].append(spent)
    return {
        name: {key: round(median(each[key] for each in rows), 2) for key in rows[0]} for name, rows in sides.items()
    }


def main(arguments: list[str]) -> int:
    """Make both banks, measure, print; 1 where a floor is missed."""
    many = QUICK if "quick" in arguments else MANY
    with databases.copied("few") as small:
        world = built()
        for account in list(world.accounts.values()):
            people.account(handle=f"g-{account.handle}")
        large = databases.name_of("many")
        connection.close()
        databases.engine().copy(small, large)
        began = time.monotonic()
        for name, count in ((large, many), (small, FEW)):
            databases.switch(name)
            filled(world, count - 1)
        made = time.monotonic() - began
        told = measured(world, small, large)
        databases.switch(small)
        databases.engine().drop(large)
    growth = max(told[name]["growth"] for name in NAMED)
    gain = max(told[name]["guardian_ms"] for name in NAMED) / max(told[name]["lists_ms"] for name in NAMED)
    if "json" not in arguments:
        print(f"{'first pages, ms':15} {FEW:>10,} {many:>10,} {'growth':>8} {'lists':>10} {'guardian':>10} {'gain':>8}")
        for name, each in told.items():
            print(f"{name:15} {each['few_ms']:10.1f} {each['many_ms']:10.1f} {each['growth']:8.2f} {each['lists_ms']:10.1f} {each.get('guardian_ms', 0):10.1f} {each.get('gain', 0):8.1f}")  # fmt: skip
    whole = {"cases": many, "growth": growth, "most": MOST_GROWTH, "gain": round(gain, 1), "least": LEAST_GAIN}
    print(json.dumps({**whole, "made_s": round(made), "people": told}, indent=1))
    return int(growth > MOST_GROWTH or gain < LEAST_GAIN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
