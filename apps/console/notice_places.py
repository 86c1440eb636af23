"""Where a notice without a case leads: to the page on which its reader answers it, if they may open that page."""

from __future__ import annotations

from collections.abc import Iterable

from apps.access.roles import permissions_held
from apps.console.navigation import address
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import Notice

DEPUTIES = ("console:delegations", (Permission.RIGHT_HAND_OVER, Permission.ROLE_ENDORSE))
OWN_RIGHTS = ("console:rights", (Permission.RIGHT_ASK,))
LOG = ("console:audit", (Permission.AUDIT_VIEW,))
PLACES: dict[str, tuple[str, tuple[Permission, ...]]] = {
    "data_asked": ("portal:requests", (Permission.DATA_REQUEST_DECIDE, Permission.DECISION_REVIEW)),
    "delegation_made": DEPUTIES, "delegation_asked": DEPUTIES, "delegation_agreed": DEPUTIES, "delegation_ended": DEPUTIES,
    "right_asked": ("console:rights_team", (Permission.RIGHT_ASK,)), "right_agreed": ("console:rights_asked", (Permission.PEOPLE_VIEW,)),
    "right_declined": OWN_RIGHTS, "right_given": OWN_RIGHTS, "right_ending": OWN_RIGHTS, "right_ended": OWN_RIGHTS,
    "review_asked_of_rights": ("console:rights_review", (Permission.RIGHT_ASK,)), "review_ending": ("console:rights_review", (Permission.RIGHT_ASK,)),
    "review_revoked": OWN_RIGHTS, "few_administrators": ("console:people", (Permission.PEOPLE_VIEW,)), "role_recovered": LOG, "rows_differ": LOG,
}  # fmt: skip
"""By kind of notice: a page, and the permissions of which one opens it."""


def with_places(actor: Actor, notices: Iterable[Notice]) -> list[tuple[Notice, str]]:
    """Notices with the address of the page that each leads to: its case's, that of its kind, or ``""``."""
    held = permissions_held(actor.held)
    return [(notice, notice.case.get_absolute_url() if notice.case else _place(notice, held)) for notice in notices]


def _place(notice: Notice, held: frozenset[Permission]) -> str:
    name, demanded = PLACES.get(notice.kind.split(".")[0], ("", ()))
    return address(name) if held.intersection(demanded) else ""
