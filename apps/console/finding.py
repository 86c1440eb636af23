"""What the one search box finds: cases, businesses and people, each with the scope of its own list, and single references."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.urls import reverse

from apps.access.services import can
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.searching import BY_NAME, BY_NUMBER, PersonFound, people_found
from apps.borrowers.selectors import borrower_find, borrower_rows, borrowers_found
from apps.borrowers.shown import BorrowerRow
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.core.text import fold
from apps.disbursement.selectors.payments import order_referred
from apps.post_loan.selectors.loans import loan_get
from apps.workflow.models import LoanCase
from apps.workflow.selectors.searching import REFERENCE, case_referred, cases_named, cases_of

LOAN = re.compile(r"LN-?(\d{4})-?(\d{6})", re.IGNORECASE)
PAYMENT = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
SHORTEST_NAME = 2
FEW = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kind, and ``how``; ``exact`` is the address of the one thing that a reference names."""

    how: str = ""
    exact: str = ""
    cases: Page[LoanCase] = field(default_factory=lambda: Page([]))
    businesses: Sequence[BorrowerRow] = ()
    more_businesses: bool = False
    people: Sequence[PersonFound] = ()

    @property
    def anything(self) -> bool:
        """Tell whether there is anything to show."""
        return bool(self.cases.rows or self.businesses or self.people)


def search(actor: Actor, words: str, cursor: str = "", *, posted: bool = True) -> Found:
    """Search with the scope of the lists. Each search is recorded, found or not, without what was typed.

    Only what was posted is looked up among identifiers and people's names: an address may be kept by others.
    """
    found = _referred(actor, words) or _searched(actor, words, cursor, posted=posted)
    if words and not found.exact:  # opening the one thing of a reference is a look of its own
        _record(actor, found, words if posted else "")
    return found


def _record(actor: Actor, found: Found, words: str) -> None:
    tried = {"reference": [], "short": []}.get(found.how, ["identifier" if _has_digit(words) else "name"])
    counts = {"businesses": len(found.businesses), "people": len(found.people)}
    note = {
        "how": found.how,
        "shown": len(found.cases.rows),
        **{kind: count for kind, count in counts.items() if count},
    }
    record_read(Tag.CASES_SEARCHED, actor=actor, fields=tried if words else [], note=note)


def _referred(actor: Actor, words: str) -> Found | None:
    """What a reference names; ``None`` where the words are no reference."""
    for shape, address in REFERENCES.items():
        if shape.fullmatch(words):
            return Found("reference", address(actor, words))
    return None


def _case(actor: Actor, words: str) -> str:
    case = case_referred(actor, words)
    return case.get_absolute_url() if case else ""


def _loan(actor: Actor, words: str) -> str:
    found = LOAN.fullmatch(words)
    try:
        return reverse("post_loan:loan", args=[loan_get(actor, f"LN-{found[1]}-{found[2]}").number]) if found else ""
    except NotVisible:
        return ""


def _payment(actor: Actor, words: str) -> str:
    order = order_referred(actor, words.lower())
    return reverse("disbursement:payments", args=[order.case.number]) if order else ""


REFERENCES: Mapping[re.Pattern[str], Callable[[Actor, str], str]] = {REFERENCE: _case, LOAN: _loan, PAYMENT: _payment}


def _searched(actor: Actor, words: str, cursor: str, *, posted: bool) -> Found:
    if posted and _has_digit(words) and (found := _by_identifier(actor, words)).anything:
        return found
    if len(fold(words)) < SHORTEST_NAME:
        return Found("short" if words else "")
    found = _by_name(actor, words, cursor)
    if not posted or _has_digit(words):
        return found
    return replace(found, people=people_found(actor, words, fields=BY_NAME))


def _by_identifier(actor: Actor, words: str) -> Found:
    allowed = can(actor, Permission.BORROWER_VIEW).allowed
    holders = borrower_find(actor, words) if allowed else []
    cases = cases_of(actor, tuple(holder.pk for holder in holders))
    return Found("identifier", "", cases, borrower_rows(holders), people=people_found(actor, words, fields=BY_NUMBER))


def _by_name(actor: Actor, words: str, cursor: str) -> Found:
    cases = cases_named(actor, words, cursor)
    if cursor or not can(actor, Permission.BORROWER_VIEW).allowed:
        return Found("name", "", cases)
    page = borrowers_found(actor, words, limit=FEW)
    return Found("name", "", cases, page.rows, bool(page.next_cursor))


def _has_digit(words: str) -> bool:
    return any(char.isdigit() for char in words)
