"""Alerts: raised by the figures or by a person, explained by an analyst, ended when the figures no longer call for them."""

from __future__ import annotations

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.credit_review.alerting import AlertKind, Suggestion, suggest
from apps.credit_review.intake import shared_details
from apps.credit_review.models import Alert
from apps.credit_review.selectors import review_facts
from apps.credit_review.services.entry import review_enter, text_taken
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

EXPLANATION_LENGTH = 2000
NOTE_LENGTH = 1000


def alerts_refresh(case: LoanCase) -> None:
    """Bring a locked case's alerts in line with its figures, inside the caller's act. An explanation outlives a change
    of figures only as long as the alert says the same."""
    wanted = {
        (each.kind.value, each.topic): each for each in suggest(review_facts(case).alert_facts(shared_details(case)))
    }
    for alert in Alert.objects.filter(case=case, ended_at=None).exclude(kind=AlertKind.OTHER):
        again = wanted.get((alert.kind, alert.topic))
        if again is not None and again.data == alert.data:
            del wanted[alert.kind, alert.topic]
        else:
            alert.ended_at = clock.now()
            alert.save(update_fields=["ended_at"])
    for suggestion in wanted.values():
        _raise(case, suggestion)


def _raise(case: LoanCase, suggestion: Suggestion) -> None:
    Alert.objects.create(
        case=case,
        key_owner_id=case.borrower.key_owner_id,
        kind=suggestion.kind,
        topic=suggestion.topic,
        data=suggestion.data,
    )


@act
def alerts_raise(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """Look anew for alerts, for instance after another file with the same telephone number came in."""
    locked = review_enter(case, actor=actor, version=version)
    alerts_refresh(locked)
    return _done(locked, actor, Tag.ALERT_RAISED)


@act
def alert_note(*, actor: Actor, case: LoanCase, version: int, note: str) -> Alert:
    """Raise an alert in one's own words; it too must be explained."""
    locked = review_enter(case, actor=actor, version=version)
    alert = Alert.objects.create(
        case=locked, key_owner_id=locked.borrower.key_owner_id, kind=AlertKind.OTHER,
        note=text_taken("note", note, most=NOTE_LENGTH, required=True),
    )  # fmt: skip
    _done(locked, actor, Tag.ALERT_RAISED)
    return alert


@act
def alert_explain(*, actor: Actor, case: LoanCase, version: int, alert_id: int, explanation: str) -> Alert:
    """Explain an alert, or explain it anew; the explanation stands in the memo."""
    locked = review_enter(case, actor=actor, version=version)
    alert = Alert.objects.select_related("key_owner").filter(case=locked, ended_at=None, pk=alert_id).first()
    if alert is None:
        raise NotVisible(subject=locked, action=Tag.ALERT_EXPLAINED)
    alert.explanation = text_taken("explanation", explanation, most=EXPLANATION_LENGTH, required=True)
    alert.explained_by_id, alert.explained_at = actor.person_id, clock.now()
    alert.save(update_fields=["explanation", "explained_by", "explained_at"])
    _done(locked, actor, Tag.ALERT_EXPLAINED)
    return alert


def _done(case: LoanCase, actor: Actor, tag: Tag) -> LoanCase:
    case_touch(case, actor=actor)
    record(tag, actor=actor, subject=case, case=case, stage=case.stage)
    return case
