"""Where a document stands among those of its case: before, after, and the next that waits for a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from apps.applications.models import Document
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class Place:
    """``number`` of ``total``, oldest first; ids of the neighbours and of the next document that nobody has judged."""

    number: int
    total: int
    before: int | None
    after: int | None
    waiting: int | None


def place_of(case: LoanCase, pk: int) -> Place:
    """Place of a document of the case. One query."""
    rows = list(Document.objects.filter(case=case).order_by("id").values_list("id", "verified_at", "rejected_at"))
    ids = [row[0] for row in rows]
    at = ids.index(pk)
    unjudged = [each for each, verified, rejected in rows if verified is None and rejected is None and each != pk]
    return Place(
        at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None,
        next((each for each in unjudged if each > pk), unjudged[0] if unjudged else None),
    )  # fmt: skip
