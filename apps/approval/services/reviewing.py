"""A second look at a decision: the borrower asks, a person who took no part answers with reasons.

It upholds, or it reopens by the row of the process that reopening has, with every guard of that row. Other terms of an open
offer are an approver's to amend; the second look only refers them.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.access.roles import who_can
from apps.access.services import authorize
from apps.approval.models import DecisionReview, ReviewOutcome
from apps.approval.selectors.reviews import MOST_NAMED, REVIEW, people_decided, reviewable, who_may_review
from apps.approval.services.letters import review_letters
from apps.approval.services.texts import text_taken
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock
from apps.workflow.services.portal import portal_told
from apps.workflow.services.talk import notify
from apps.workflow.states import State

WORDS, REASONS = 4000, 2000


@act
def review_ask(*, actor: Actor, case: LoanCase, words: str) -> DecisionReview:
    """Ask that a person look at the decision again, once a decision and within the term; only the borrower asks."""
    if not actor.is_borrower or case.borrower_id not in actor.borrower_ids or actor.account_id is None:
        raise NotVisible(subject=case, action=Tag.REVIEW_ASKED)
    locked = case_lock(case, actor=actor, version=None)
    found = reviewable(locked)
    if found is None:
        message = _("There is no decision here that you can ask about now: it was asked already, or its term is over.")
        raise Refused("review_term", message, subject=locked, action=Tag.REVIEW_ASKED)
    last_day = clock.today() + dt.timedelta(days=pack_in_use().clock("review_asked").days)
    review = DecisionReview.objects.create(
        case=locked, step=found.step, key_owner_id=locked.borrower.key_owner_id, account_id=actor.account_id,
        words=text_taken("words", words, most=WORDS, required=True), due_on=last_day,
    )  # fmt: skip
    notify([person for person, _handle in who_may_review(locked)], locked, "review_asked")
    record(
        Tag.REVIEW_ASKED, actor=actor, subject=review, case=locked, stage=locked.stage,
        note={"event": found.step.event, "due_on": last_day.isoformat()},
    )  # fmt: skip
    return review


@act
def review_close(
    *, actor: Actor, case: LoanCase, review: DecisionReview, version: int, outcome: str, reasons: str
) -> DecisionReview:
    """Answer a request with reasons that the letter quotes; a reopening has to pass all that reopening asks for."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, REVIEW, locked)
    _check_apart(actor, locked)
    current = DecisionReview.objects.select_for_update(of=("self",)).get(pk=review.pk, case=locked)
    if current.reviewed_at is not None:
        raise Refused("reviewed", _("Somebody has looked at this decision again already."), subject=current)
    chosen = _outcome(locked, current, outcome)
    current.reasons = text_taken("reasons", reasons, most=REASONS, required=True)
    current.reviewer_id, current.reviewed_at, current.outcome = actor.person_id, clock.now(), chosen
    current.save()
    review_letters(locked, actor, current, reasons.strip())
    record(
        Tag.REVIEW_CLOSED, actor=actor, subject=current, case=locked, stage=locked.stage, note={"outcome": chosen.value}
    )  # fmt: skip
    _follow(locked, actor, chosen, version, reasons.strip())
    portal_told(locked)
    return current


def _check_apart(actor: Actor, case: LoanCase) -> None:
    decided = people_decided(case)
    if not {actor.person_id, actor.on_behalf_of} & decided:
        return
    others = ", ".join(handle for _person, handle in who_may_review(case)[:MOST_NAMED])
    who = (
        f"{who_can(REVIEW)} ({others})"
        if others
        else str(_("Nobody in this branch is eligible: ask another branch or head office."))
    )
    message = _("You took part in this decision: a person who did not looks at it again.")
    raise Refused("own_decision", message, subject=case, action=Tag.REVIEW_CLOSED, who_can=who)


def outcomes_for(case: LoanCase, review: DecisionReview) -> tuple[ReviewOutcome, ...]:
    """What may become of a second look: a decline is reopened, terms are referred; a case that went on is only answered."""
    if case.state == State.DECLINED and review.step.to_state == State.DECLINED:
        return (ReviewOutcome.UPHELD, ReviewOutcome.REOPENED)
    if case.state == State.OFFERED and review.step.event == Event.SIGN_LAST:
        return (ReviewOutcome.UPHELD, ReviewOutcome.REFERRED)
    return (ReviewOutcome.UPHELD,)


def _outcome(case: LoanCase, review: DecisionReview, outcome: str) -> ReviewOutcome:
    found = next((each for each in outcomes_for(case, review) if each == outcome), None)
    if found is None:
        raise BadInput({"outcome": [_("Choose what becomes of the decision.")]})
    return found


def _follow(case: LoanCase, actor: Actor, chosen: ReviewOutcome, version: int, reasons: str) -> None:
    """Reopen by the process row; tell who signed and who holds the case of terms that are to be looked at anew."""
    if chosen == ReviewOutcome.REOPENED:
        advance(case, Event.REOPEN, actor=actor, version=version, text=reasons)
    elif chosen == ReviewOutcome.REFERRED:
        notify([case.holder_id, *people_decided(case)], case, "review_referred")
