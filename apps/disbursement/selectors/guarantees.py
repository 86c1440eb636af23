"""Who stands in for a case: the guarantors that the approval rests on, and those entered but never reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.borrowers.models import InterestKind, Party
from apps.credit_review.selectors import credit_outcome, parties_reviewed
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class StandsIn:
    """A guarantor of the approval: the person, how they are bound, up to how much in the case's currency."""

    party: Party
    kind: str
    amount: Decimal


def guarantors_approved(case: LoanCase) -> list[StandsIn]:
    """Guarantors of the recommendation that was approved, in the order they were taken on."""
    outcome = credit_outcome(case)
    given = outcome.guarantees if outcome is not None else ()
    parties = Party.objects.select_related("key_owner").in_bulk([each.party_id for each in given])
    return [StandsIn(parties[each.party_id], each.kind, each.amount) for each in given]


def guarantors_unreviewed(case: LoanCase) -> list[Party]:
    """People entered as guarantors of the business whose credit nobody has seen, in this case or in any other of it."""
    entered = Party.objects.filter(
        borrower_id=case.borrower_id, interests__kind=InterestKind.GUARANTOR, interests__ended_on=None
    )
    return list(entered.exclude(pk__in=parties_reviewed(case.borrower_id)).order_by("id").distinct())
