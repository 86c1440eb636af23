"""Reads of second looks at decisions: what a borrower may ask for, who took part, what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from apps.access.duties import Duty
from apps.access.selectors import accounts_who_can
from apps.access.services import authorize
from apps.approval.models import DecisionReview, Offer
from apps.approval.selectors.offers import offer_standing
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.vault.secret import Secret
from apps.workflow.models import CaseStep, DutyDone, Facility, LoanCase
from apps.workflow.process import Event
from apps.workflow.services.reading import words_of
from apps.workflow.states import State

REVIEW = Permission.DECISION_REVIEW
DECIDING_EVENTS = (
    Event.KNOCK_OUT, Event.DECLINE_REVIEW, Event.DECLINE_APPROVAL, Event.ESCALATE, Event.RECOMMEND_SECURED,
    Event.RECOMMEND_UNSECURED, Event.SIGN, Event.SIGN_LAST,
)  # fmt: skip
DECIDING_DUTIES = (Duty.REVIEWS, Duty.APPROVES)
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Reviewable:
    """A decision that the borrower may ask to look at again, through ``last_day``."""

    step: CaseStep
    last_day: dt.date


def reviewable(case: LoanCase) -> Reviewable | None:
    """The decision of a case that may still be asked about: a decline, or an offer of other terms than were asked."""
    step = _decision(case)
    if step is None or any(each.step_id == step.pk for each in reviews_of(case)):
        return None
    last_day = clock.day_of(step.created_at) + dt.timedelta(days=pack_in_use().clock("decided").days)
    return Reviewable(step, last_day) if clock.today() <= last_day else None


def _decision(case: LoanCase) -> CaseStep | None:
    if case.state == State.DECLINED:
        return next((step for step in reversed(rows(case, CaseStep)) if step.to_state == State.DECLINED), None)
    offer = offer_standing(case) if case.state == State.OFFERED else None
    signed = (step for step in reversed(rows(case, CaseStep)) if step.event == Event.SIGN_LAST)
    return next(signed, None) if offer is not None and is_less(case, offer) else None


def is_less(case: LoanCase, offer: Offer) -> bool:
    """Tell whether an offer differs in amount or term from what was asked."""
    asked = dict(_asked(rows(case, Facility)))
    return any(
        asked.get(int(each["position"])) != _terms(each["amount"], each["term"]) for each in offer.terms["facilities"]
    )


def _asked(facilities: Iterable[Facility]) -> Iterable[tuple[int, tuple[str, int]]]:
    return ((each.position, _terms(each.amount, each.term_months)) for each in facilities)


def _terms(amount: object, term: object) -> tuple[str, int]:
    return f"{float(str(amount)):.4f}", int(str(term))


def reviews_of(case: LoanCase) -> list[DecisionReview]:
    """Second looks asked for on a case, newest first."""
    return rows(case, DecisionReview, "step", "key_owner")[::-1]


def review_open(case: LoanCase) -> DecisionReview | None:
    """The second look that nobody has taken yet."""
    return DecisionReview.objects.filter(case=case, reviewed_at=None).order_by("-id").first()


def people_decided(case: LoanCase) -> set[int]:
    """Persons who took part in deciding the case, by a step or a duty: none of them looks at it again."""
    steps = CaseStep.objects.filter(case=case, event__in=DECIDING_EVENTS).exclude(person=None)
    duties = DutyDone.objects.filter(case=case, duty__in=DECIDING_DUTIES)
    return {*steps.values_list("person_id", flat=True), *duties.values_list("person_id", flat=True)}


def who_may_review(case: LoanCase) -> list[tuple[int, str]]:
    """People who may look at the decision again: person id and handle."""
    rows = accounts_who_can(REVIEW, case.branch_id).exclude(person_id__in=people_decided(case))
    return list(rows.values_list("person_id", "handle"))


def review_read(actor: Actor, case: LoanCase, pk: int) -> tuple[DecisionReview, str]:
    """A second look with the borrower's words, the look on record first; raises ``NotVisible``."""
    authorize(actor, REVIEW, case)
    found = DecisionReview.objects.select_related("step", "key_owner", "case").filter(case=case, pk=pk).first()
    if found is None:
        raise NotVisible(subject=case, action=Tag.REVIEW_OPENED)
    record_read(
        Tag.REVIEW_OPENED, actor=actor, subject=found, case=case, fields=("words", "reasons"),
        purpose=Purpose("task:decision_review"),
    )  # fmt: skip
    return found, text_of(found.words)


def text_of(held: Secret) -> str:
    """Words of a review, whose opening is on record."""
    return words_of(held) if held else ""
