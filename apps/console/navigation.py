"""Which entries stand in the top bar: a table of places and the permissions that open them; nothing names a role."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _

from apps.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the bar may lead to; any one of ``needs`` opens it."""

    label: Any
    url_name: str
    needs: tuple[Permission, ...]
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Places under one button."""

    label: Any
    places: tuple[Place, ...]


@dataclass(slots=True)
class Entry:
    """What the template draws: a link, or a button with links under it."""

    label: Any
    url: str = ""
    active: bool = False
    count: int = 0
    children: list[Entry] = field(default_factory=list)


P = Permission
BAR: tuple[Place | Group, ...] = (
    Place(_("My work"), "console:work", (P.CASE_CLAIM, P.CASE_REASSIGN), counted=True),
    Place(_("Cases"), "workflow:cases", (P.CASE_VIEW,)),
    Place(_("Borrowers"), "borrowers:list", (P.BORROWER_VIEW,)),
    Place(_("Loans"), "post_loan:loans", (P.LOAN_VIEW,)),
    Place(_("Requests"), "portal:requests", (P.DATA_REQUEST_DECIDE, P.DECISION_REVIEW)),
    Place(_("Payments"), "disbursement:payments", (P.PAYMENT_PREPARE, P.PAYMENT_RELEASE, P.PAYMENT_CONFIRM)),
    Place(_("Reports"), "reports:home", (P.REPORT_VIEW,)),
    Place(_("Audit"), "console:audit", (P.AUDIT_VIEW,)),
    Place(_("People"), "console:people", (P.PEOPLE_VIEW,)),
    Group(_("Institution"), (
        Place(_("Branches"), "console:branches", (P.BRANCH_MANAGE,)),
        Place(_("Products"), "console:products", (P.PRODUCT_MANAGE,)),
        Place(_("Reasons"), "console:reasons", (P.REASON_MANAGE,)),
        Place(_("What is kept"), "console:privacy", (P.PRIVACY_VIEW,)),
        Place(_("Portal"), "console:portal", (P.PORTAL_MANAGE,)),
        Place(_("Announcements"), "portal:announcements", (P.ANNOUNCE,)),
        Place(_("Paying accounts"), "disbursement:paying", (P.PAYING_ACCOUNT_MANAGE,)),
        Place(_("Policy"), "approval:policies", (P.POLICY_MANAGE,)),
        Place(_("Process"), "console:process", (P.PROCESS_VIEW,)),
        Place(_("Roles and duties"), "console:matrix", (P.MATRIX_VIEW, P.PROCESS_VIEW)),
        Place(_("My rights"), "console:rights", (P.RIGHT_ASK,)),
        Place(_("Requests for rights"), "console:rights_asked", (P.ROLE_GRANT,)),
        Place(_("Reviews of rights"), "console:rights_reviews", (P.PEOPLE_VIEW,)),
        Place(_("Deputies"), "console:delegations", (P.RIGHT_HAND_OVER, P.ROLE_ENDORSE)),
        Place(_("Who reaches what"), "console:reach", (P.MATRIX_VIEW,)),
        Place(_("Proof of duties"), "console:proof", (P.MATRIX_VIEW,)),
    )),
)  # fmt: skip
PORTAL: tuple[Place | Group, ...] = (
    Place(_("My applications"), "portal:home", (P.PORTAL_USE,)),
    Place(_("My loans"), "portal:loans", (P.PORTAL_USE,)),
    Place(_("My data"), "portal:my_data", (P.PORTAL_USE,)),
    Place(_("Safety"), "portal:safety", (P.PORTAL_USE,)),
)


OF_A_CASE = re.compile(r"^/applications/|/LF-\d{4}-\d{6}/")
"""Addresses of a case's own pages, whichever stage draws them: they lie beneath the list of cases."""


def entries(held: Iterable[Permission], path: str, *, portal: bool = False) -> list[Entry]:
    """Entries for who holds these permissions; active is the one whose address begins the ``path`` longest, else the list of cases."""
    permissions = frozenset(held)
    drawn = [_drawn(item, permissions) for item in (PORTAL if portal else BAR)]
    found = [entry for entry in drawn if entry is not None]
    _mark(found, path)
    return found


def _drawn(item: Place | Group, held: frozenset[Permission]) -> Entry | None:
    if isinstance(item, Place):
        url = address(item.url_name) if held & frozenset(item.needs) else ""
        return Entry(item.label, url, count=-1 if item.counted else 0) if url else None
    children = [child for place in item.places if (child := _drawn(place, held)) is not None]
    return Entry(item.label, children=children) if children else None


def address(name: str) -> str:
    """Address of a page by its name; ``""`` where this installation has no such page."""
    return _address(name, settings.ROOT_URLCONF, get_script_prefix())


@functools.lru_cache(maxsize=1024)
def _address(name: str, _pages: str, _prefix: str) -> str:
    """Found once: a bar asks for some thirty of them on every page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _mark(found: list[Entry], path: str) -> None:
    flat = [(entry, entry) for entry in found] + [(child, entry) for entry in found for child in entry.children]
    fitting = [(child, parent) for child, parent in flat if child.url and path.startswith(child.url)]
    if not fitting and OF_A_CASE.search(path):
        fitting = [(child, parent) for child, parent in flat if child.url == address("workflow:cases")]
    if fitting:
        child, parent = max(fitting, key=lambda pair: len(pair[0].url))
        child.active = parent.active = True
