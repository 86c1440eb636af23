"""Reads for the people pages: who there is, in which state, with which roles; limited to who may see people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.administration import AGREEING
from apps.access.models import FactorReset, RoleGrant
from apps.access.rights import manager_of
from apps.access.roles import permissions_by
from apps.access.roles import who_can as who_may_agree
from apps.access.selectors import consents_missing, describe, grants_live, grants_waiting, resets_open
from apps.access.services.approving import agrees_there
from apps.access.services.authority import authorize, can
from apps.accounts import selectors
from apps.accounts.models import Account, SessionRecord
from apps.accounts.services.lockout import is_locked
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock, keyset
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.core.text import whole_number

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of people."""

    account: Account
    state: str
    state_words: Any
    roles: str


@dataclass(frozen=True, slots=True)
class Card:
    """One person's page."""

    line: Line
    locked: bool
    grants: list[RoleGrant]
    waiting: list[RoleGrant]
    past: list[RoleGrant]
    sessions: list[SessionRecord]
    manager: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the list of roles that wait for others to agree; handles, never names. ``missing``: who is waited for."""

    grant: RoleGrant
    handle: str
    asked_by: str
    state_words: Any
    missing: list[str]
    is_mine: bool


STATES = {"active": pgettext_lazy("an account", "active"), "invited": _("invited"), "suspended": _("suspended")}


def state_of(account: Account) -> str:
    """State of an account in one word: active, invited or suspended."""
    if not account.is_active:
        return "suspended"
    return "active" if account.enrolled_at is not None else "invited"


def people_page(
    *, actor: Actor, query: str = "", role: str = "", branch_id: int | None = None, cursor: str = ""
) -> Page[Line]:
    """Staff by handle, fifty a page, filtered by handle, role and branch; one read event a page."""
    authorize(actor, Permission.PEOPLE_VIEW)
    rows = selectors.staff_accounts().filter(_matching(query, role, branch_id))
    key = keyset.decode(cursor)
    if key:
        rows = rows.filter(handle__gt=str(key[0]))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    record_read(Tag.PEOPLE_LISTED, actor=actor, note={"rows": len(shown)})
    following = keyset.encode([shown[-1].handle]) if len(found) > PAGE else ""
    return Page(_lines(shown), following, not key)


def person_card(*, actor: Actor, handle: str) -> Card:
    """One member of staff with grants and open sessions; raises ``NotVisible`` for an unknown handle."""
    authorize(actor, Permission.PEOPLE_VIEW)
    account = selectors.staff_accounts().filter(handle=handle).first()
    if account is None:
        raise NotVisible(action=Permission.PEOPLE_VIEW)
    live = list(grants_live().filter(person=account.person).select_related("branch").order_by("role"))
    held = {grant.pk for grant in live}
    all_grants = RoleGrant.objects.filter(person=account.person).select_related("branch").order_by("-starts", "-pk")
    others = [grant for grant in all_grants if grant.pk not in held]
    now = clock.now()
    waiting = [grant for grant in others if grant.ends is None or grant.ends > now]  # for approval, or for enrolment
    past = [grant for grant in others if grant not in waiting]
    above = manager_of(account.person_id)
    return Card(_lines([account])[0], is_locked(account), live, waiting, past, selectors.sessions_open(account), above)


def grants_page(*, actor: Actor, cursor: str = "") -> Page[Asked]:
    """Roles that wait for others to agree, oldest first, fifty a page; one read event a page.

    Who does not see people sees those of the branches where they agree themselves.
    """
    key = keyset.decode(cursor)
    rows = _waiting_for(actor).select_related("person", "branch").prefetch_related("consents").order_by("pk")
    after = whole_number(str(key[0])) if key else None
    found = list((rows if after is None else rows.filter(pk__gt=after))[: PAGE + 1])
    shown = found[:PAGE]
    record_read(Tag.PEOPLE_LISTED, actor=actor, note={"rows": len(shown), "waiting": True})
    following = keyset.encode([shown[-1].pk]) if len(found) > PAGE else ""
    return Page(_asked(shown, actor), following, after is None)


def grants_to_agree(actor: Actor) -> list[RoleGrant]:
    """Roles that wait for this very person's agreement, as far as one page shows."""
    asked = grants_waiting().exclude(granted_by_id=actor.person_id).prefetch_related("consents").order_by("pk")
    return [grant for grant in asked[:PAGE] if _is_mine(grant, actor)]


def grant_waiting(*, actor: Actor, uuid: UUID) -> tuple[RoleGrant, str]:
    """A role that waits and the handle it is for; raises ``NotVisible`` where there is none for this person."""
    if not any(can(actor, each) for each in AGREEING):
        authorize(actor, Permission.ROLE_APPROVE)
    grant = _waiting_for(actor).select_related("person", "branch").filter(uuid=uuid).first()
    if grant is None:
        raise NotVisible(action=Permission.ROLE_APPROVE)
    return grant, _asked([grant], actor)[0].handle


def _waiting_for(actor: Actor) -> QuerySet[RoleGrant]:
    if can(actor, Permission.PEOPLE_VIEW):
        return grants_waiting()
    authorize(actor, Permission.ROLE_ENDORSE)
    leading = [held for held in actor.held if Permission.ROLE_ENDORSE in permissions_by(held)]
    if any(held.branch_ids is None for held in leading):
        return grants_waiting()
    return grants_waiting().filter(branch_id__in={branch for held in leading for branch in held.branch_ids or ()})


def _is_mine(grant: RoleGrant, actor: Actor) -> bool:
    if actor.person_id in {grant.person_id, grant.granted_by_id, *(each.person_id for each in grant.consents.all())}:
        return False
    return any(agrees_there(actor, each, grant.branch_id) for each in consents_missing(grant))


@dataclass(frozen=True, slots=True)
class Lost:
    """One line of the list of lost factors that wait; handles, never names. ``is_mine``: the reader may agree to it."""

    reset: FactorReset
    handle: str
    asked_by: str
    is_mine: bool


def resets_page(*, actor: Actor) -> list[Lost]:
    """Lost factors that wait, oldest first, as far as one page shows; one read event."""
    authorize(actor, Permission.PEOPLE_VIEW)
    found = list(resets_open().select_related("account")[:PAGE])
    record_read(Tag.PEOPLE_LISTED, actor=actor, note={"rows": len(found), "lost": True})
    starters = {row.started_by_id for row in found if row.started_by_id is not None}
    handles = dict(selectors.staff_accounts().filter(person_id__in=starters).values_list("person_id", "handle"))
    return [
        Lost(row, row.account.handle, handles.get(row.started_by_id or 0, ""), waits_for(row, actor)) for row in found
    ]


def waits_for(row: FactorReset, actor: Actor) -> bool:
    """Tell whether a request waits for this very person's agreement, as far as who they are decides it."""
    return row.started_at is not None and actor.person_id not in {row.person_id, row.started_by_id}


def staff_named(*, actor: Actor, handle: str) -> Account:
    """Account of a member of staff by handle; raises ``NotVisible`` for an unknown one."""
    authorize(actor, Permission.PEOPLE_VIEW)
    account = selectors.staff_accounts().filter(handle=handle).first()
    if account is None:
        raise NotVisible(action=Permission.PEOPLE_VIEW)
    return account


def _asked(grants: list[RoleGrant], actor: Actor) -> list[Asked]:
    people = {person for grant in grants for person in (grant.person_id, grant.granted_by_id) if person is not None}
    accounts = {account.person_id: account for account in selectors.staff_accounts().filter(person_id__in=people)}
    handles = {person_id: account.handle for person_id, account in accounts.items()}
    return [
        Asked(grant, handles.get(grant.person_id, ""), handles.get(grant.granted_by_id or 0, ""),
              STATES[state_of(accounts[grant.person_id])] if grant.person_id in accounts else "",
              [who_may_agree(each) for each in consents_missing(grant)], _is_mine(grant, actor))
        for grant in grants
    ]  # fmt: skip


def _matching(query: str, role: str, branch_id: int | None) -> Q:
    wanted = Q(handle__contains=query.strip().lower()) if query.strip() else Q()
    if role or branch_id is not None:
        grants = grants_live().filter(**({"role": role} if role else {}))
        grants = grants.filter(branch_id=branch_id) if branch_id is not None else grants
        wanted &= Q(person_id__in=grants.values("person_id"))
    return wanted


def _lines(accounts: Iterable[Account]) -> list[Line]:
    rows = list(accounts)
    words = describe(rows)
    return [Line(row, state_of(row), STATES[state_of(row)], words.get(row.pk, "")) for row in rows]
