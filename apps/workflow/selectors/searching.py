"""One search box: reference, beginning of a business name, identifier. Finds nothing that the lists would not show."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.access.services import can
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.selectors import borrower_find
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.core.text import fold
from apps.workflow.models import LoanCase
from apps.workflow.selectors.lists import CaseFilter, case_get, cases_visible_to

REFERENCE = re.compile(r"LF-?(\d{4})-?(\d{6})", re.IGNORECASE)
SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the one case of a reference, or a page of cases and how they were found."""

    page: Page[LoanCase]
    how: str = ""
    exact: LoanCase | None = None


def search_cases(actor: Actor, words: str, cursor: str = "", limit: int = 25, *, identifiers: bool = True) -> Found:
    """Search with the same scope as the lists. Each is recorded, found or not, without what was typed."""
    found = _searched(actor, words, cursor, limit, identifiers=identifiers)
    if words and found.exact is None:  # opening the one case of a reference is a look of its own
        tried = identifiers and found.how != "reference" and _may_be_identifier(words)
        note = {"how": found.how, "shown": len(found.page.rows)}
        record_read(Tag.CASES_SEARCHED, actor=actor, fields=["identifier"] if tried else [], note=note)
    return found


def _searched(actor: Actor, words: str, cursor: str, limit: int, *, identifiers: bool) -> Found:
    reference = REFERENCE.fullmatch(words)
    if reference:
        return Found(Page([]), "reference", _by_reference(actor, f"LF-{reference[1]}-{reference[2]}"))
    if identifiers and _may_be_identifier(words) and (holders := _by_identifier(actor, words)):
        return Found(cases_visible_to(actor, CaseFilter(borrower_ids=holders), cursor, limit), "identifier")
    if len(fold(words)) < SHORTEST_NAME:
        return Found(Page([]), "short" if words else "")
    return Found(cases_visible_to(actor, CaseFilter(name=fold(words)[:200]), cursor, limit), "name")


def _by_reference(actor: Actor, number: str) -> LoanCase | None:
    try:
        return case_get(actor, number)
    except NotVisible:
        return None


def _by_identifier(actor: Actor, words: str) -> tuple[int, ...]:
    if not can(actor, Permission.BORROWER_VIEW).allowed:
        return ()
    return tuple(borrower.pk for borrower in borrower_find(actor, words))


def _may_be_identifier(words: str) -> bool:
    return any(char.isdigit() for char in words)
