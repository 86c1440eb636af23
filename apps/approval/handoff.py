"""What opens and closes when a case enters a state: the memo is frozen, the offer made, the decline told, or all end."""

from __future__ import annotations

from apps.approval.services.freezing import memo_freeze, memo_retire
from apps.approval.services.letters import decline_letters
from apps.approval.services.offering import offer_close, offer_make
from apps.core.actor import Actor
from apps.workflow.models import LoanCase


def approval_entered(case: LoanCase, actor: Actor) -> None:
    """Freeze the memo."""
    memo_freeze(case, actor)


def offered_entered(case: LoanCase, actor: Actor) -> None:
    """Make the offer of what was signed."""
    offer_make(case, actor)


def earlier_entered(case: LoanCase, actor: Actor) -> None:
    """Back in an earlier stage, memo and signatures no longer stand; nor does an offer."""
    memo_retire(case, actor)
    offer_close(case, actor)


def declined_entered(case: LoanCase, actor: Actor) -> None:
    """Whoever declined, at intake, in the review or in approval: the borrower gets a letter with the reasons given."""
    decline_letters(case, actor)


def ended(case: LoanCase, actor: Actor) -> None:
    """A case that was withdrawn or expired keeps no offer."""
    offer_close(case, actor)
