"""Letters to the borrower: an offer, or a decline with its reasons, as PDF in the languages of the institution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Institution
from apps.accounts.selectors import institution
from apps.approval.letters import decline_letter, offer_letter, review_letter
from apps.approval.models import DecisionReview, DeclineDecision, DeclineOutcome, Letter, LetterKind, Offer
from apps.audit.services import record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.core.pdf import render_pdf
from apps.vault import files
from apps.workflow.models import CaseStep, LoanCase, Reason
from apps.workflow.process import Event
from apps.workflow.states import State

TEMPLATE = "approval/letter.typ"
LARGEST = 5 * 1024 * 1024


def here() -> Institution:
    """The institution that writes; raises ``Unavailable`` before it is set up."""
    found = institution()
    if found is None:
        raise Unavailable(_("The institution is not set up yet: run “manage.py init”."))
    return found


def languages(place: Institution) -> tuple[str, ...]:
    """Languages of letters: the institution's own, and English."""
    return tuple(dict.fromkeys((place.language, "en")))


def offer_letters(case: LoanCase, actor: Actor, offer: Offer, details: Mapping[str, str]) -> list[Letter]:
    """Write the letters of an offer, inside an open act; ``details`` are the conditions' further words by code."""
    place = here()
    worded = {language: offer_letter(case, offer, details, place, language) for language in languages(place)}
    return [
        _issue(case, actor, language, words, kind=LetterKind.OFFER, offer=offer) for language, words in worded.items()
    ]


def decline_letters(case: LoanCase, actor: Actor) -> list[Letter]:
    """Write the letters of the decline that has just been made, inside its act; they quote the reasons chosen."""
    step = CaseStep.objects.filter(case=case, to_state=State.DECLINED).order_by("-id")[0]
    place, reasons = here(), list(Reason.objects.filter(code__in=step.reason_codes).order_by("code"))
    decision = _decision(case, step)
    worded = {language: decline_letter(case, reasons, place, language) for language in languages(place)}
    return [
        _issue(case, actor, language, words, kind=LetterKind.DECLINE, decline=decision)
        for language, words in worded.items()
    ]


def review_letters(case: LoanCase, actor: Actor, review: DecisionReview, reasons: str) -> list[Letter]:
    """Write the letters of a second look, inside its act, with the reviewer's reasons as they were written."""
    place = here()
    worded = {language: review_letter(case, review, reasons, place, language) for language in languages(place)}
    return [
        _issue(case, actor, language, words, kind=LetterKind.REVIEW, review=review)
        for language, words in worded.items()
    ]


def _decision(case: LoanCase, step: CaseStep) -> DeclineDecision | None:
    """An approver's decision behind the step; there is none where intake or the review declined."""
    if step.event != Event.DECLINE_APPROVAL:
        return None
    return DeclineDecision.objects.filter(case=case, outcome=DeclineOutcome.DECLINED).order_by("-id").first()


def _issue(case: LoanCase, actor: Actor, language: str, words: Mapping[str, Any], **of: Any) -> Letter:
    pdf = render_pdf(TEMPLATE, words, language, made_at=clock.now())
    name = f"{case.number}-{of['kind']}-{language}.pdf"
    kept = files.store(case.borrower.key_owner, [pdf], name=name, content_type="application/pdf", max_bytes=LARGEST)
    letter = Letter.objects.create(case=case, language=language, file=kept, **of)
    record(
        Tag.LETTER_ISSUED, actor=actor, subject=letter, case=case, stage=case.stage,
        note={"kind": str(of["kind"]), "language": language, "sha256": kept.sha256},
    )  # fmt: skip
    return letter
