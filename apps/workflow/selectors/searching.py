"""Cases for the one search box: by reference, beginning of a business name, or business. Nothing that lists would not show."""

from __future__ import annotations

import re

from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.text import fold
from apps.workflow.models import LoanCase
from apps.workflow.selectors.lists import CaseFilter, case_get, cases_visible_to

REFERENCE = re.compile(r"LF-?(\d{4})-?(\d{6})", re.IGNORECASE)
LONGEST_NAME = 200


def case_referred(actor: Actor, words: str) -> LoanCase | None:
    """The case whose reference was typed, if the actor may see it."""
    found = REFERENCE.fullmatch(words)
    try:
        return case_get(actor, f"LF-{found[1]}-{found[2]}") if found else None
    except NotVisible:
        return None


def cases_named(actor: Actor, words: str, cursor: str = "", limit: int = 25) -> Page[LoanCase]:
    """Cases of businesses whose name begins with ``words``, newest first."""
    return cases_visible_to(actor, CaseFilter(name=fold(words)[:LONGEST_NAME]), cursor, limit)


def cases_of(actor: Actor, borrower_ids: tuple[int, ...], limit: int = 25) -> Page[LoanCase]:
    """Cases of some businesses, newest first."""
    return cases_visible_to(actor, CaseFilter(borrower_ids=borrower_ids), limit=limit) if borrower_ids else Page([])
