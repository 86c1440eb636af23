"""Whose data an export in clear may show: borrowers of its branches, but none that a reader is tied to or kept off."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Model

from apps.access.ports import Ports
from apps.audit.opening_port import Readers
from apps.audit.selectors import WHOLE_LOG
from apps.borrowers.models import Borrower
from apps.core import clock
from apps.workflow.models import CaseBlock


def openable(readers: Readers, owners: Collection[int]) -> Mapping[int, Model]:
    """Borrowers by their key owners. Data of staff and of the house are nobody's to open in bulk."""
    rows = Borrower.objects.filter(key_owner_id__in=owners).exclude(pk__in=kept_from(readers.people))
    if readers.scope != WHOLE_LOG:  # of a part that is bounded otherwise than by branches, nothing
        rows = rows.filter(branch_id__in=readers.scope.branches or ())
    return {row.key_owner_id: row for row in rows}


def kept_from(people: Collection[int]) -> set[int]:
    """Borrowers that any of these people is tied to, or whose case they are kept off."""
    tied = {borrower for person in people for borrower in Ports.borrowers_tied_to(person)}
    blocks = CaseBlock.objects.filter(person_id__in=people).exclude(ends_at__lte=clock.now())
    return tied | set(blocks.values_list("case__borrower_id", flat=True))
