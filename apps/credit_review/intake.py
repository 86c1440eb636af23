"""What the review asks of lower floors, in one place: consents to enquiries, scanned papers, details shared with others."""

from __future__ import annotations

from collections.abc import Mapping

from apps.applications.selectors import ConsentOutcome, application_outcome
from apps.applications.selectors.outcome import documents_of
from apps.borrowers.duplicates import duplicates_of
from apps.borrowers.models import Party
from apps.workflow.models import LoanCase

BUREAU = "bureau"
REPORT = "bureau_report"


def bureau_consent(case: LoanCase, party: Party | None) -> ConsentOutcome | None:
    """Live consent to an enquiry about a party, or about the business (given by any of its people); the newest one."""
    consents = reversed(application_outcome(case).consents)
    fitting = (each for each in consents if each.kind == BUREAU and (party is None or each.party_id == party.pk))
    return next(fitting, None)


def papers(case: LoanCase, code: str) -> list[tuple[int, str]]:
    """Documents of a kind on the case that nobody rejected: id and masked name, newest first."""
    return [(row.pk, f"{row.reference} · {row.file.original_name.masked}") for row in documents_of(case)
            if row.code == code and row.state != "rejected"]  # fmt: skip


def shared_details(case: LoanCase) -> Mapping[str, tuple[str, ...]]:
    """Kinds of detail shared with other borrowers, each with the references of those files."""
    found: dict[str, list[str]] = {}
    for each in duplicates_of(case.borrower):
        found.setdefault(each.kind, []).append(f"borrower {each.other_id}")
    return {kind: tuple(files) for kind, files in found.items()}
