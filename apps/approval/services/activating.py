"""What the activation of a policy voids: the memos that it lists, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from apps.approval.models import Policy
from apps.approval.selectors.memos import memo_live
from apps.approval.selectors.waiting import MOST, token_of
from apps.approval.services.freezing import memo_renew
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.services import case_lock
from apps.workflow.states import State


def memos_put_under(policy: Policy, tokens: Iterable[str], actor: Actor) -> Sequence[str]:
    """Freeze the listed memos anew under a policy, inside its activation's act: their signatures are void and the signers told.

    Returns the numbers of the cases. Raises ``BadInput`` where one is not any more what was listed: then nothing holds.
    """
    listed = sorted(set(tokens))
    if len(listed) > MOST:
        raise BadInput(_("Choose at most %(most)s cases at once.") % {"most": MOST})
    numbers = []
    for token in listed:
        case = _case(actor, token)
        live = memo_live(case)
        if case.state != State.APPROVAL or case.is_frozen or live is None or token_of(case, live) != token:
            raise _changed(token)
        memo_renew(case, live, actor, policy)
        numbers.append(case.number)
    return numbers


def _case(actor: Actor, token: str) -> LoanCase:
    try:
        return case_lock(case_get(actor, token.partition(":")[0][:16]), actor=actor, version=None)
    except NotVisible:
        raise _changed(token) from None


def _changed(token: str) -> BadInput:
    words = _(
        "%(case)s has changed since it was listed, or is frozen. Look at the list again: nothing was put in force."
    )
    return BadInput(words % {"case": token.partition(":")[0][:16]})
