"""Guards that need nothing but the case and what was typed; stages register theirs in their own ``guards.py``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import can
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.eligibility import WORK_OF, holders_possible, may_work_here
from apps.workflow.models import LoanCase, Reason, ReasonKind
from apps.workflow.patience import WARNING_DAYS, is_warned
from apps.workflow.registry import guard
from apps.workflow.reopening import decided_before
from apps.workflow.states import EARLIER_THAN

Facts = Mapping[str, Any]


def _unless(holds: bool, sentence: Any) -> list[Any]:
    return [] if holds else [sentence]


@guard("holder", _("You hold the case"), standing=False, personal=True)
def holder(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The person who acts holds the case."""
    sentence = (
        _("Take the case first: only its holder does this.")
        if case.holder_id is None
        else _("Only the holder does this, and somebody else holds the case.")
    )
    return _unless(case.holder_id in actor.persons, sentence)


@guard("reason_given", _("A reason is given"), standing=False)
def reason_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """A reason from the list or a text stands beside the step."""
    return _unless(bool(facts.get("reasons")) or bool(str(facts.get("text", "")).strip()), _("Give a reason."))


@guard("reasons_given", _("Reasons from the list are given"), standing=False)
def reasons_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """At least one reason, all of them from the catalogue's reasons for declining, and in use."""
    return _reasons_of(ReasonKind.DECLINE, facts)


@guard("knock_out_reasons", _("Knock-outs from the list are given"), standing=False)
def knock_out_reasons(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """At least one reason, all of them from the catalogue's knock-outs, and in use."""
    return _reasons_of(ReasonKind.KNOCK_OUT, facts)


def _reasons_of(kind: ReasonKind, facts: Facts) -> list[Any]:
    codes = set(facts.get("reasons") or ())
    known = set(Reason.objects.filter(kind=kind, code__in=codes, is_active=True).values_list("code", flat=True))
    return _unless(bool(codes) and codes == known, _("Choose at least one reason from the list."))


@guard("question_given", _("A question is asked"), standing=False)
def question_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """What is asked, and by when if the borrower is asked."""
    return _unless(bool(str(facts.get("text", "")).strip()), _("Write what you ask."))


@guard("answer_given", _("An answer is given"), standing=False)
def answer_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The answer holds some text."""
    return _unless(bool(str(facts.get("text", "")).strip()), _("Write the answer."))


@guard("paper_given", _("The signed paper is attached"), standing=False)
def paper_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """What arrived on paper is attached as a scanned document."""
    return _unless(bool(facts.get("paper")), _("Attach the scanned paper that the borrower signed."))


@guard("earlier_stage", _("An earlier stage is named"), standing=False)
def earlier_stage(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The target lies before the present state; an unsecured case has no collateral check."""
    targets = [state for state in EARLIER_THAN.get(case.state, ()) if case.is_secured or state != "collateral_check"]
    return _unless(facts.get("to") in targets, _("Choose an earlier stage."))


@guard("eligible_here", _("You may do this stage's work"), standing=False)
def eligible_here(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Who claims may do the work of the state, did nothing that keeps them off it, and nobody else holds the case."""
    work = WORK_OF.get(case.state)
    people = [person_id for person_id in (actor.person_id, actor.on_behalf_of) if person_id is not None]
    return [
        *_unless(case.holder_id in (None, actor.person_id), _("Somebody else holds the case already.")),
        *_unless(work is not None and can(actor, work, case).allowed, _("Your role does not do this stage's work.")),
        *_unless(
            all(may_work_here(case, person_id) for person_id in people),
            _("What you did in this case keeps you off this stage's work."),
        ),
    ]


@guard("new_holder_eligible", _("The new holder may do this stage's work"), standing=False)
def new_holder_eligible(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The person named may do the work of the state at this branch, and nothing keeps them off the case."""
    fits = facts.get("new_holder_id") in {person_id for person_id, _handle in holders_possible(case)}
    return _unless(fits, _("Choose a person who may do this stage's work at this branch."))


@guard("others_decide", _("Others decide a reopened case"), standing=False, personal=True)
def others_decide(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Who reviewed or approved the case before it was reopened does neither again."""
    before = decided_before(case, actor.person_id) or decided_before(case, actor.on_behalf_of)
    return _unless(not before, _("You decided this case before it was reopened; another person decides now."))


@guard("not_frozen", _("The case is not frozen"), standing=False)
def not_frozen(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Nothing is frozen twice."""
    return _unless(not case.is_frozen, _("The case is frozen already."))


@guard("is_frozen", _("The case is frozen"), standing=False)
def is_frozen(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Only what is frozen is lifted."""
    return _unless(case.is_frozen, _("The case is not frozen."))


@guard("another_froze", _("Another person froze it"), standing=False, personal=True)
def another_froze(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """One person freezes, another lifts: four eyes."""
    return _unless(
        case.frozen_by_id not in actor.persons, _("You froze the case yourself: another person has to lift it.")
    )


@guard("not_urgent", _("The case is not urgent yet"), standing=False)
def not_urgent(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Nothing is put on the urgent lane twice."""
    return _unless(not case.is_urgent, _("The case is on the urgent lane already."))


@guard("is_urgent", _("The case is urgent"), standing=False)
def is_urgent(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Only what is on the urgent lane is taken off it."""
    return _unless(case.is_urgent, _("The case is not on the urgent lane."))


@guard("warned_before", _("The borrower was warned"), standing=False)
def warned_before(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """A case expires a week after its warning at the earliest, and only where nothing has happened since."""
    due = case.warned_at is not None and clock.now() - case.warned_at >= dt.timedelta(days=WARNING_DAYS)
    return _unless(due and is_warned(case), _("The borrower has not been warned a week ago."))
