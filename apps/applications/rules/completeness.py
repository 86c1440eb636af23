"""Is the application complete: the business, the people behind it, who signs, what is asked and how it is repaid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.borrowers.rules import owners_missing

OWNER, BENEFICIAL, REPRESENTATIVE, SIGNER = "owner", "beneficial_owner", "legal_representative", "signer"
NAMED_PARTS = frozenset({OWNER, BENEFICIAL, REPRESENTATIVE, SIGNER})
REPLACING = frozenset({"renewal", "top_up", "restructure"})


@dataclass(frozen=True, slots=True)
class BusinessFacts:
    """What is known of the business."""

    has_identifier: bool = False
    industry: str = ""
    founded_on: dt.date | None = None
    employees: int | None = None
    has_address: bool = False
    has_phone: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person behind the business; ``label`` is what pages call them (masked)."""

    id: int
    label: str
    parts: frozenset[str]
    share: Decimal | None = None
    has_id_number: bool = False
    has_birth_date: bool = False
    authority_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """What is asked for in one facility; the term in months."""

    position: int
    kind: str
    amount: Decimal
    term_months: int
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class WordFacts:
    """Whether the words of the application are there."""

    has_purpose: bool = False
    has_repayment_source: bool = False


def missing_in_application(
    business: BusinessFacts, people: Sequence[PersonFacts], facilities: Sequence[FacilityFacts], words: WordFacts,
    today: dt.date,
) -> list[Any]:  # fmt: skip
    """Sentences on everything that keeps an application from being submitted."""
    return [
        *business_missing(business), *people_missing(people, today), *facilities_missing(facilities), *words_missing(words),
    ]  # fmt: skip


def people_missing(people: Sequence[PersonFacts], today: dt.date) -> list[Any]:
    """What is missing of owners, beneficial owners, representative and signer."""
    return [*_owners(people), *_signers(people, today), *_people(people)]


def business_missing(business: BusinessFacts) -> list[Any]:
    """What is missing of the business."""
    checks = (
        (business.has_identifier, _("Enter the identifier of the business.")),
        (bool(business.industry), _("Enter the industry.")),
        (business.founded_on is not None, _("Enter when the business was founded.")),
        (business.employees is not None, _("Enter how many people the business employs.")),
        (business.has_address, _("Enter the address of the business.")),
        (business.has_phone, _("Enter the phone number of the business.")),
    )
    return [sentence for holds, sentence in checks if not holds]


def _owners(people: Sequence[PersonFacts]) -> list[Any]:
    owners = [person for person in people if OWNER in person.parts]
    lines: list[Any] = []
    if not owners:
        lines.append(_("Enter the owners and their shares."))
    elif owners_missing([person.share or Decimal(0) for person in owners]):
        lines.append(
            _("The owners entered hold 75 percent or less together. Enter everybody who holds 25 percent or more.")
        )
    if not any(BENEFICIAL in person.parts for person in people):
        lines.append(_("Enter the beneficial owners: the human beings who own or control the business in the end."))
    if not any(REPRESENTATIVE in person.parts for person in people):
        lines.append(_("Enter the legal representative."))
    return lines


def _signers(people: Sequence[PersonFacts], today: dt.date) -> list[Any]:
    signers = [person for person in people if SIGNER in person.parts]
    if not signers:
        return [_("Enter who signs for the business, and where the authority comes from.")]
    if all(person.authority_until is not None and person.authority_until < today for person in signers):
        return [_("The signer's authority has ended. Enter a signer whose authority is in force.")]
    return []


def _people(people: Sequence[PersonFacts]) -> list[Any]:
    lines: list[Any] = []
    for person in people:
        if not person.parts & NAMED_PARTS:
            continue
        if not person.has_id_number:
            lines.append(_("Enter the identity number of %(person)s.") % {"person": person.label})
        if not person.has_birth_date:
            lines.append(_("Enter the date of birth of %(person)s.") % {"person": person.label})
    return lines


def facilities_missing(facilities: Sequence[FacilityFacts]) -> list[Any]:
    """What is missing of what is asked for."""
    if not facilities:
        return [_("Enter what is asked for: amount and term.")]
    lines: list[Any] = []
    for facility in facilities:
        words = {"number": facility.position}
        if facility.amount <= 0:
            lines.append(_("Enter the amount of facility %(number)s.") % words)
        if facility.term_months <= 0:
            lines.append(_("Enter the term of facility %(number)s.") % words)
        if facility.kind in REPLACING and not facility.replaces:
            lines.append(_("Say which facility is replaced by facility %(number)s.") % words)
    return lines


def words_missing(words: WordFacts) -> list[Any]:
    """What is missing of purpose and source of repayment."""
    checks = (
        (words.has_purpose, _("Describe what the loan is for.")),
        (words.has_repayment_source, _("Describe what the loan is repaid from.")),
    )
    return [sentence for holds, sentence in checks if not holds]
