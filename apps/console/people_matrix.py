"""The role matrix and the duties, drawn from the tables that the code itself obeys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.access.duties import SETTABLE, Duty, exclusive
from apps.access.roles import ADMINISTERING, APPROVING_OR_PAYING, ROLE_TABLE, Role, permissions_held
from apps.access.services import can
from apps.access.services.places import passkey_roles_set
from apps.accounts.selectors import institution, roles_with_passkey
from apps.console.people import FORM
from apps.console.people_forms import PasskeyRolesForm, needs_second
from apps.core.actor import HeldRole
from apps.core.labels import listed
from apps.core.pages import post_form
from apps.core.permission_words import GROUPS, WORDS
from apps.core.permissions import Permission
from apps.core.requires import requires


@dataclass(frozen=True, slots=True)
class Row:
    """One permission and, role by role, whether it is held. ``side`` tells administering from approving and paying."""

    permission: str
    words: Any
    side: str
    cells: tuple[bool, ...]


@requires(Permission.MATRIX_VIEW, Permission.PROCESS_VIEW)
@require_safe
def matrix(request: Any) -> HttpResponse:
    """Show who may do what, and which duties exclude each other; every member of staff may know."""
    own = request.actor.role_names
    roles = [(role, role.value in own) for role in Role]
    grouped = [(GROUPS.get(app, app), rows) for app, rows in groups().items()]
    context = {"roles": roles, "groups": grouped, "may": may(request.actor.held), "duties": list(Duty), "pairs": duty_rows(),
               "needs_second": needs_second(), "with_passkey": with_passkey(),
               "may_set_passkeys": can(request.actor, Permission.PEOPLE_INVITE).allowed}  # fmt: skip
    return render(request, "console/people_matrix.html", context)


@requires(Permission.PEOPLE_INVITE, step_up=True)
@FORM
def passkey_roles(request: Any) -> HttpResponse:
    """Say which roles need a passkey."""
    back = {"back_url": reverse("console:matrix"), "back_label": _("Roles and duties")}
    return post_form(
        request, PasskeyRolesForm,
        success=gettext_lazy("The roles that need a passkey are set. One that was taken off stays until another administrator takes it off too."),
        success_url=reverse("console:matrix"), initial={"roles": sorted(roles_with_passkey())},
        service=lambda data: passkey_roles_set(actor=request.actor, **data),
        context={"title": _("Passkeys"), "lead": leaving_words(), **back},
    )  # fmt: skip


def leaving_words() -> str:
    """Which roles somebody wants to take off, for another to agree or not; empty where nobody does."""
    house = institution()
    names = [str(role.label) for role in Role if house is not None and role.value in house.passkey_leaving]
    words = _("An administrator asks that these need no passkey any more: %(roles)s. Take them off too if you agree.")
    return words % {"roles": listed(names)} if names else ""


def with_passkey() -> list[Any]:
    """Words of the roles that need a passkey."""
    needed = roles_with_passkey()
    return [role.label for role in Role if role.value in needed]


def groups() -> dict[str, list[Row]]:
    """Rows of the matrix by the app that the permission belongs to."""
    found: dict[str, list[Row]] = {}
    for permission in Permission:
        app = permission.value.partition(".")[0]
        cells = tuple(permission in ROLE_TABLE[role] for role in Role)
        found.setdefault(app, []).append(
            Row(permission.value, WORDS.get(permission, permission.value), side_of(permission), cells)
        )
    return found


def may(roles: Iterable[HeldRole]) -> list[Any]:
    """What a reader may do with all roles together, in words."""
    held = permissions_held(roles)
    return [words for permission, words in WORDS.items() if permission in held]


def side_of(permission: Permission) -> str:
    """On which side of "who administers neither approves nor pays" a permission stands, if on any."""
    if permission in ADMINISTERING:
        return "administers"
    return "acts" if permission in APPROVING_OR_PAYING else ""


def duty_rows() -> list[tuple[Duty, list[str]]]:
    """For each duty and each other: ``same``, ``excluded``, or ``settable`` where a small branch may loosen it."""
    return [(one, [_between(one, other) for other in Duty]) for one in Duty]


def _between(one: Duty, other: Duty) -> str:
    if one == other:
        return "same"
    if frozenset({one, other}) in SETTABLE:
        return "settable"
    return "excluded" if exclusive(one, other) else "free"
