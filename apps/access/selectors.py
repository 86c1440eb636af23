"""Reads of access: live role grants, live object grants, and who could do what is refused."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, Exists, Model, OuterRef, Q, QuerySet
from guardian.models import UserObjectPermissionBase

from apps.access.administration import RULES, Change, role_change
from apps.access.models import FactorReset, RoleConsent, RoleGrant
from apps.access.ports import Ports
from apps.access.roles import SEES_CASES, roles_with
from apps.accounts.models import Account, AccountKind, Branch
from apps.core import clock, memory
from apps.core.actor import Actor, HeldRole
from apps.core.permissions import Permission
from apps.core.prepared import Given, Prepared

P = Permission
NAMES = "branch names"
GRANT_MODELS: dict[type[Model], type[UserObjectPermissionBase]] = {}


def register_grants(model: type[Model], grants: type[UserObjectPermissionBase]) -> None:
    """Tell which direct foreign-key permission model carries the exceptions of a model."""
    GRANT_MODELS[model] = grants


def grants_live(at: dt.datetime | Given | None = None) -> QuerySet[RoleGrant]:
    """Role grants in force at a moment (now, unless told); the one place that says when a role counts.

    A powerful one counts once all who have to have agreed and its person has enrolled.
    """
    moment = at or clock.now()
    agreed = Q(needs_second=False) | _agreed(moment)
    return RoleGrant.objects.filter(agreed, Q(ends=None) | Q(ends__gt=moment), starts__lte=moment)


def grants_waiting() -> QuerySet[RoleGrant]:
    """Role grants to which somebody has still to agree."""
    still = Q(ends=None) | Q(ends__gt=clock.now())
    return RoleGrant.objects.filter(still, needs_second=True, approved_at=None)


def resets_open() -> QuerySet[FactorReset]:
    """Requests for a new factor in place of a lost one that still wait, oldest first."""
    rows = FactorReset.objects.filter(agreed_at=None, stopped_at=None, expires_at__gt=clock.now())
    return rows.order_by("pk")


def _agreed(moment: dt.datetime | Given) -> Q:
    if not RULES[Change.POWERFUL_ROLE].enrolled:
        return Q(approved_at__lte=moment)
    enrolled = Account.objects.filter(person=OuterRef("person"), kind=AccountKind.STAFF, enrolled_at__lte=moment)
    return Q(Exists(enrolled), approved_at__lte=moment)


def consents_missing(grant: RoleGrant) -> list[Permission]:
    """Permissions by which somebody has still to agree to a role that waits, in the order of its rule.

    Nobody is waited for of a kind that the house has never had: a first start has two administrators and nobody else. From
    the first one in office on the kind is asked for, whether or not anybody of it is left.
    """
    given = {consent.permission for consent in grant.consents.all()}
    wanted = RULES[role_change(grant.role)].agree
    return [each for each in wanted if each.value not in given and (each is P.ROLE_APPROVE or _established(each))]


@memory.remembered
def _established(permission: Permission) -> bool:
    taken_up = Account.objects.filter(person=OuterRef("person"), kind=AccountKind.STAFF, password_at__isnull=False)
    ever = RoleGrant.objects.filter(
        Q(needs_second=False) | Q(approved_at__isnull=False), role__in=roles_with(permission)
    )
    return RoleConsent.objects.filter(permission=permission).exists() or ever.filter(Exists(taken_up)).exists()


def grants_open(person_id: int) -> QuerySet[RoleGrant]:
    """Role grants of a person that count, or will once they are approved and the person has enrolled."""
    return RoleGrant.objects.filter(Q(ends=None) | Q(ends__gt=clock.now()), person_id=person_id)


@functools.cache
def _held(_enrolled: bool) -> Prepared[Any]:
    """Role, branch and whether it is bound to engagements, of all grants of a person; by the rule that decides which count."""
    return Prepared(
        lambda person, now: (
            grants_live(now).filter(person_id=person).values_list("role", "branch__path", "by_engagement")
        ),
        {"person": BigIntegerField(), "now": DateTimeField()},
    )


def held_roles(person_id: int) -> tuple[HeldRole, ...]:
    """Roles a person holds now with their branches, subtrees expanded. Two queries, one without branch roles.

    A role bound to engagements is held while one is in force, and not at all otherwise.
    """
    every = _held(RULES[Change.POWERFUL_ROLE].enrolled).rows(person=person_id, now=clock.now())
    rows = [(role, path) for role, path, bound in every if not bound]
    paths = {path for _role, path in rows if path is not None}
    below = subtrees(paths)
    whole = {role for role, path in rows if path is None}
    partial: dict[str, set[int]] = {}
    for role, path in rows:
        if role not in whole:
            partial.setdefault(role, set()).update(below[path])
    held = [HeldRole(role) for role in whole]
    held += [HeldRole(role, frozenset(branches)) for role, branches in partial.items()]
    held += _engaged(person_id, {role for role, _path, bound in every if bound})
    return tuple(sorted(held, key=lambda each: each.role))


def _engaged(person_id: int, bound: set[str]) -> list[HeldRole]:
    named = Ports.engaged(person_id) if bound else None
    if named is None:
        return []
    return [HeldRole(role, named.branch_ids, named.case_ids, named.borrower_ids, engaged=True) for role in bound]


def are_engaged(held: Iterable[HeldRole]) -> bool:
    """Tell whether all of some roles are bound to engagements: then nothing that others share widens them."""
    roles = list(held)
    return bool(roles) and all(role.engaged for role in roles)


def role_names(person_id: int) -> frozenset[str]:
    """Names of the roles that a person holds now."""
    return frozenset(grants_live().filter(person_id=person_id).values_list("role", flat=True))


def subtrees(paths: Iterable[str]) -> dict[str, set[int]]:
    """Ids of the branches at and below each path."""
    roots = set(paths)
    found: dict[str, set[int]] = {path: set() for path in roots}
    if not roots:
        return found
    wanted = Q()
    for path in roots:
        wanted |= Q(path__startswith=path)
    names = {}
    for branch_id, branch_path, name in (
        Branch.objects.filter(wanted).order_by("path").values_list("id", "path", "name")
    ):
        names[branch_id] = name
        for path in roots:
            if branch_path.startswith(path):
                found[path].add(branch_id)
    memory.keep(NAMES, names)
    return found


def held_names(branch_ids: Iterable[int]) -> list[str]:
    """Names of branches, from the top; no query where the roles of this request were looked up with them."""
    wanted = set(branch_ids)
    known: dict[int, str] = memory.kept(NAMES) or {}
    if wanted <= known.keys():
        return [name for branch_id, name in known.items() if branch_id in wanted]
    return list(Branch.objects.filter(pk__in=wanted).order_by("path").values_list("name", flat=True))


def object_grants_live(
    model: type[Model], *, account_id: int | None, permissions: Iterable[Permission]
) -> QuerySet[Any]:
    """Live exception rows of an account on objects of a model: the one door to guardian's tables.

    ``can()`` filters it by object; lists join it as a leg (``.values("content_object_id")``).
    """
    live = Q(ends_at=None) | Q(ends_at__gt=clock.now())
    rows = GRANT_MODELS[model]._default_manager
    return rows.filter(live, user_id=account_id, permission__codename__in=[each.value for each in permissions])


def has_object_grant(actor: Actor, permission: Permission, obj: Any) -> bool:
    """Tell whether an exception widens the actor's scope to this object (or its case) for a permission now.

    A case shared for viewing shows all that viewing roles see; nothing else is implied.
    """
    if actor.is_deputy:
        return False  # what was shared with the deputy themselves widens nothing that is another's
    target: Any = obj if type(obj) in GRANT_MODELS else getattr(obj, "case", None)
    model: type[Any] = type(target)
    if actor.account_id is None or model not in GRANT_MODELS:
        return False
    names = {permission, Permission.CASE_VIEW} if permission in SEES_CASES else {permission}
    rows = object_grants_live(model, account_id=actor.account_id, permissions=names)
    return bool(rows.filter(content_object=target).exists())


def accounts_who_can(permission: Permission, branch_id: int | None) -> QuerySet[Account]:
    """Active staff accounts whose roles hold a permission at a branch (any branch when ``None``).

    Roles bound to an engagement are left out: what they reach is not told by a branch.
    """
    grants = grants_live().filter(role__in=roles_with(permission), by_engagement=False)
    if branch_id is not None:
        path = next(iter(Branch.objects.filter(pk=branch_id).values_list("path", flat=True)), "")
        codes = path.strip("/").split("/")
        grants = grants.filter(Q(branch=None) | Q(branch__code__in=codes))
    return Account.objects.filter(
        kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False, person_id__in=grants.values("person_id")
    ).order_by("handle")


def persons_able(permission: Permission, at: dt.datetime | None = None) -> set[int]:
    """Persons who could use a permission: who can sign in, with a role that carries it now, or at a moment to come."""
    holding = grants_live(at).filter(role__in=roles_with(permission), by_engagement=False).values("person_id")
    able = Account.objects.filter(kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False)
    return set(able.filter(person_id__in=holding).values_list("person_id", flat=True))


def watchers() -> set[int]:
    """Persons who can suspend an account."""
    return persons_able(Permission.PEOPLE_SUSPEND)


def people_closest(permission: Permission, branch_id: int) -> set[int]:
    """Persons who may use a permission at a branch: those whose role is for the branch or one above it, if there are any,
    else those whose role covers the whole institution.
    """
    able = accounts_who_can(permission, branch_id).order_by()
    here = grants_live().filter(role__in=roles_with(permission)).exclude(branch=None).values("person_id")
    local = set(able.filter(person_id__in=here).values_list("person_id", flat=True))
    return local or set(able.values_list("person_id", flat=True))


def who_can(permission: Permission, branch_id: int | None = None) -> str:
    """Words for a message: roles that may, and up to five handles of people who could now."""
    roles = " · ".join(str(role.label) for role in roles_with(permission))
    handles = list(accounts_who_can(permission, branch_id).values_list("handle", flat=True)[:5])
    return f"{roles} ({', '.join(handles)})" if handles else roles


def describe(accounts: Iterable[Account]) -> dict[int, str]:
    """Words for roles and branches by account: ``Credit analyst · Jinan branch``. One query."""
    people = {each.person_id: each.pk for each in accounts}
    words: dict[int, list[str]] = {}
    for grant in grants_live().filter(person_id__in=people).select_related("branch").order_by("pk"):
        where = grant.where_words
        words.setdefault(people[grant.person_id], []).append(f"{grant.role_label} · {where}")
    return {account_id: ", ".join(lines) for account_id, lines in words.items()}


def people_at(branch_id: int) -> dict[int, tuple[str, frozenset[str]]]:
    """Staff whose roles reach a branch: person → handle and the roles that do. Three queries."""
    path = next(iter(Branch.objects.filter(pk=branch_id).values_list("path", flat=True)), "")
    here = Q(branch=None) | Q(branch__code__in=path.strip("/").split("/"))
    grants = grants_live().filter(here, by_engagement=False)
    roles: dict[int, set[str]] = {}
    for person_id, role in grants.values_list("person_id", "role"):
        roles.setdefault(person_id, set()).add(role)
    able = Account.objects.filter(
        kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False, person_id__in=roles
    )
    return {person: (handle, frozenset(roles[person])) for person, handle in able.values_list("person_id", "handle")}
