"""What must be seen before a case is accepted: documents, identities, duplicates, and the visit before it is recommended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.policy import IntakePolicy
from apps.applications.rules.completeness import BENEFICIAL, REPRESENTATIVE, SIGNER, PersonFacts

CHECKED_PARTS = frozenset({BENEFICIAL, REPRESENTATIVE, SIGNER})
NOT_CONFIRMED = _("The identity of %(person)s was not confirmed.")
NOT_CHECKED = _("Check the identity of %(person)s: a valid number alone proves nothing.")


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document of the checklist and where it stands: ``added``, ``accepted`` or ``rejected``."""

    code: str
    state: str


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """An identity check."""

    party_id: int
    passed: bool


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """When a visit took place, and who went."""

    visited_at: dt.datetime
    visitors: frozenset[int]


def checklist_missing(required: Mapping[str, Any], documents: Iterable[DocumentFacts]) -> list[Any]:
    """Each required document, by code and words, is there and accepted, and no newer one of its kind waits."""
    states: dict[str, set[str]] = {}
    for document in documents:
        states.setdefault(document.code, set()).add(document.state)
    return [line for code, label in required.items() if (line := _document_line(label, states.get(code, set())))]


def _document_line(label: Any, states: Collection[str]) -> Any:
    if "added" in states:
        return _("Check and accept or reject: %(document)s.") % {"document": label}
    if "accepted" in states:
        return ""
    if "rejected" in states:
        return _("Ask for a better document: %(document)s.") % {"document": label}
    return _("Add the document: %(document)s.") % {"document": label}


def identity_missing(people: Sequence[PersonFacts], checks: Iterable[CheckFacts]) -> list[Any]:
    """Everybody who owns in the end, represents or signs has passed a check; the newest one of a person counts.

    ``checks`` come in the order in which they were made.
    """
    newest = {check.party_id: check.passed for check in checks}
    lines: list[Any] = []
    for person in people:
        if not person.parts & CHECKED_PARTS or newest.get(person.id):
            continue
        sentence = NOT_CONFIRMED if person.id in newest else NOT_CHECKED
        lines.append(sentence % {"person": person.label})
    return lines


def applicants_missing(labels: Iterable[str]) -> list[Any]:
    """Whoever applied by themselves is confirmed to be who they say; ``labels`` are those who are not (masked)."""
    sentence = _("Make sure that the account of %(person)s is theirs: they registered by themselves.")
    return [sentence % {"person": label} for label in labels]


def duplicates_missing(found: Iterable[tuple[str, int]], settled: Collection[tuple[str, int]]) -> list[Any]:
    """Every feature shared with another borrower (kind, other's number) is settled with an explanation."""
    others = {other for _kind, other in set(found) - set(settled)}
    sentence = _("Explain what the business shares with other borrowers: %(count)s still to settle.")
    return [sentence % {"count": len(others)}] if others else []


def visit_missing(visits: Iterable[VisitFacts], now: dt.datetime, policy: IntakePolicy) -> list[Any]:
    """Two people have visited the business within the policy's days."""
    newest = max((visit.visited_at for visit in visits if len(visit.visitors) >= 2), default=None)
    if newest is None:
        return [_("File a report of a visit by an officer and a second person, who confirms it.")]
    if now - newest > dt.timedelta(days=policy.visit_days):
        return [_("The visit is older than %(days)s days. Visit the business again.") % {"days": policy.visit_days}]
    return []
