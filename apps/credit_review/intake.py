"""What the review asks of lower floors, in one place: consents to enquiries, scanned reports, details shared with others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from apps.applications.models import Consent, Document
from apps.borrowers.duplicates import duplicates_of
from apps.borrowers.models import Party
from apps.workflow.models import LoanCase

BUREAU = "bureau"
REPORT_CODE = "bureau_report"


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A live consent to an enquiry at the bureau: its id and its day."""

    id: int
    given_on: dt.date


def bureau_consent(case: LoanCase, party: Party | None) -> ConsentGiven | None:
    """Live consent to an enquiry about a party, or about the business (given by any of its people); newest first."""
    rows = Consent.objects.filter(case=case, kind=BUREAU, withdrawn_at=None).order_by("-given_on", "-id")
    newest = (rows if party is None else rows.filter(party=party)).values_list("id", "given_on").first()
    return None if newest is None else ConsentGiven(*newest)


def documents_of(case: LoanCase) -> list[tuple[int, str]]:
    """Scanned reports among the case's documents: id and masked name."""
    rows = Document.objects.select_related("key_owner").filter(case=case, code=REPORT_CODE, rejected_at=None).order_by("-id")
    return [(row.pk, f"{row.reference} · {row.name.masked}") for row in rows]


def shared_details(case: LoanCase) -> Mapping[str, tuple[str, ...]]:
    """Kinds of detail shared with other borrowers, each with the references of those files."""
    found: dict[str, list[str]] = {}
    for each in duplicates_of(case.borrower):
        found.setdefault(each.kind, []).append(f"borrower {each.other_id}")
    return {kind: tuple(files) for kind, files in found.items()}
