"""The walk behind ``apps/console/reach.json``: every address, by every role, to an object of every class, looking and sending.

Each cell is walked inside a savepoint that is rolled back, so that no answer depends on what was sent before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.test import Client
from zeal import zeal_ignore

from apps.access.administration import HANDING
from apps.access.gate import mark_of
from apps.access.middleware import ACTING
from apps.access.models import Delegation
from apps.access.roles import Role, incompatible
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import StaffInterest
from apps.console.reach import CLASSES, Address
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.services.sharing import _viewing
from tests.accounts import factories as people
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.world import FAR, NEAR, OWNER, RICH, STRANGER, World

HTMX = {"hx-request": "true"}
LETTERS = {403: "f", 404: "h", 405: "n"}
NOT_WALKED = {"accounts:sign_out", "monitoring:healthz"}
"""One ends the walk; the other tells machines how the house is."""
OF_A_CASE = {
    "applications", "approval", "borrowers", "collateral", "credit_review", "disbursement", "portal", "post_loan", "workflow",
}  # fmt: skip
DEPUTY = Role.CREDIT_ANALYST
FOR_BORROWERS = ("own", "other", "frozen")


def addressed(world: World) -> dict[str, tuple[Page, str, str]]:
    """Every page that is walked, by key: the page, its real address (or a made-up one), and the station of its object."""
    found = {}
    stations = [RICH, "online", *world.cases]
    for page in pages():
        if page.name in NOT_WALKED:
            continue
        found[page.key] = (page, page.path, "")
        about = page.names and page.name.partition(":")[0] in OF_A_CASE
        for station in stations if about else ():
            arguments = arguments_of(page, world, world.case(station))
            if arguments is not None:
                found[page.key] = (page, page.at(arguments), station)
                break
    return found


def walk(world: World, wanted: Callable[[Page, Role, str], bool]) -> Iterator[tuple[Page, Role, str, str]]:
    """Yield the letters of every cell that is wanted: page, role, class, letters."""
    listed = addressed(world)
    for role in Role:
        for kind in CLASSES:
            mine = [
                (page, at) for page, at, station in listed.values()
                if bool(station) == (kind != "page") and open_to(page, role) and wanted(page, role, kind)
            ]  # fmt: skip
            if mine:
                yield from _walked(world, role, kind, mine)


def _walked(world: World, role: Role, kind: str, mine: list[tuple[Page, str]]) -> Iterator[tuple[Page, Role, str, str]]:
    print(f"{role} {kind} {len(mine)}", flush=True)  # noqa: T201 - minutes pass
    with undone():
        client = standing(world, role, kind)
        for page, at in mine:
            yield (
                page,
                role,
                kind,
                "-" if client is None else f"{_letter(client, 'get', at)}{_letter(client, 'post', at)}",
            )


def _letter(client: Client, method: str, at: str) -> str:
    with undone():
        status = getattr(client, method)(at, headers=HTMX).status_code
    assert status < 500, (method, at, status)
    return LETTERS.get(status, "o" if status < 400 else "a")


@contextmanager
def undone() -> Iterator[None]:
    """A stretch whose writes are rolled back; durable acts may run inside."""
    whole = transaction.atomic()
    whole._from_testcase = True
    with whole, zeal_ignore():  # thousands of requests in one test look like a loop to it
        yield
        transaction.set_rollback(True)


def standing(world: World, role: Role, kind: str) -> Client | None:
    """A browser of somebody who stands so to every case of the world; ``None`` where nobody can."""
    if role == Role.BORROWER and kind not in {*FOR_BORROWERS, "page"}:
        return None
    place = {"other": FAR, "shared": FAR}.get(kind, NEAR)
    if role == Role.BORROWER:
        place = STRANGER if kind == "other" else OWNER
    account = world.account(place, role)
    setup = SETUPS.get(kind)
    if setup is not None:
        for number in dict.fromkeys(world.cases.values()):
            setup(actor=people.SETUP, case=LoanCase.objects.get(number=number), account=account)
    if kind == "delegated":
        return _deputy(world, role, account)
    return _browser(account)


def _browser(account: Account) -> Client:
    client = Client()
    people.signed_in(client, account)
    return client


def _deputy(world: World, role: Role, principal: Account) -> Client | None:
    deputy = world.account(NEAR, Role.LOAN_OFFICER if role == DEPUTY else DEPUTY)
    if not HANDING.may_be_handed(role) or incompatible({role, DEPUTY}):
        return None
    row = _handed(actor=people.SETUP, role=role, principal=principal, deputy=deputy)
    client = _browser(deputy)
    session = client.session
    session[ACTING] = str(row.uuid)
    session.save()
    return client


@act
def _handed(*, actor: Actor, role: Role, principal: Account, deputy: Account) -> Delegation:
    now = clock.now()
    row = Delegation.objects.create(
        principal=principal.person,
        deputy=deputy.person,
        role=role,
        starts=now,
        ends=now + dt.timedelta(days=7),
        reason="walk",
    )
    record(Tag.DELEGATION_MADE, actor=actor, subject=row)
    return row


@act
def _assigned(*, actor: Actor, case: LoanCase, account: Account) -> None:
    case.holder = account.person
    case.save(update_fields=["holder"])
    record(Tag.CASE_REASSIGNED, actor=actor, subject=case)


@act
def _shared(*, actor: Actor, case: LoanCase, account: Account) -> None:
    LoanCaseUserObjectPermission.objects.create(user=account, permission=_viewing(), content_object=case, reason="walk")
    record(Tag.OBJECT_GRANTED, actor=actor, subject=case)


@act
def _frozen(*, actor: Actor, case: LoanCase, account: Account) -> None:
    case.is_frozen = True
    case.save(update_fields=["is_frozen"])
    record(Tag.CASE_FROZEN, actor=actor, subject=case)


@act
def _tied(*, actor: Actor, case: LoanCase, account: Account) -> None:
    if not StaffInterest.objects.filter(borrower=case.borrower, person=account.person, ended_on=None).exists():
        row = StaffInterest.objects.create(borrower=case.borrower, person=account.person, kind="relative")
        record(Tag.TIE_DECLARED, actor=actor, subject=row)


@act
def _blocked(*, actor: Actor, case: LoanCase, account: Account) -> None:
    row = CaseBlock.objects.create(case=case, person=account.person, reason="walk")
    record(Tag.CONFLICT_BLOCKED, actor=actor, subject=row)


SETUPS: Mapping[str, Any] = {
    "assigned": _assigned, "shared": _shared, "frozen": _frozen, "business": _tied, "blocked": _blocked,
}  # fmt: skip


def table(world: World, known: Mapping[str, Address] | None = None) -> dict[str, Address]:
    """The whole table; what is ``known`` and demands the same is not walked again."""
    listed = addressed(world)
    fresh = {key for key, (page, _at, _station) in listed.items() if not _is_same(page, (known or {}).get(key))}
    cells: dict[str, dict[str, dict[str, str]]] = {key: {} for key in fresh}
    for key in fresh:
        page, _at, station = listed[key]
        for role in Role:
            if not open_to(page, role):
                cells[key][role.value] = {name: "ff" for name in CLASSES if bool(station) == (name != "page")}
    for page, role, kind, letters in walk(world, lambda page, _role, _kind: page.key in fresh):
        cells[page.key].setdefault(role.value, {})[kind] = letters
    made = {key: _address(listed[key][0], cells[key]) for key in fresh}
    return {key: made.get(key) or (known or {})[key] for key in listed}


def _is_same(page: Page, known: Address | None) -> bool:
    return known is not None and (known.path, known.demands, known.step_up) == (
        page.path,
        demands(page),
        steps_up(page),
    )


def _address(page: Page, cells: Mapping[str, Mapping[str, str]]) -> Address:
    return Address(page.key, page.path, demands(page), steps_up(page), cells)


def demands(page: Page) -> tuple[str, ...]:
    """What a page's mark demands: permissions, or one of the words for everybody."""
    mark = mark_of(page.view)
    return (mark,) if isinstance(mark, str) else tuple(each.value for each in mark)


def steps_up(page: Page) -> bool:
    """Tell whether a page demands a fresh factor."""
    return bool(getattr(page.view, "loanflow_step_up", False))
