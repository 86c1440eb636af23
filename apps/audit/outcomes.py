"""What outlives a roll-back: the refusal, the failure of a service that says so, and the looks taken on the way."""

from __future__ import annotations

from django.db.models import Model

from apps.audit.acts import OpenAct
from apps.audit.body import Facts, case_label, case_of
from apps.audit.touched import object_key
from apps.audit.transactions import committed
from apps.audit.writing import write
from apps.core.errors import IllegalTransition, Refused

CASE = "workflow.LoanCase"
"""What is refused about a case belongs to that case, and is found with it."""


def keep_refusal(opened: OpenAct, refusal: Refused) -> None:
    """Write the refusal into the transaction that commits it, unless the service has recorded it itself."""
    opened.settle()
    refusal.kept = True
    if not any(step.outcome == "refused" for step in opened.steps):
        write(opened, opened.actor, _refusal(opened, refusal))


def after_roll_back(opened: OpenAct, raised: BaseException, *, record_failures: bool) -> None:
    """Write what must survive into a transaction of its own, on the same connection."""
    facts = None
    if isinstance(raised, Refused):
        facts = _refusal(opened, raised)
    elif record_failures and isinstance(raised, Exception):
        facts = Facts(opened.service, "failed", guard="error", note={"error": type(raised).__name__})
    if facts is None and not opened.looks:
        return
    again = OpenAct(opened.actor, opened.service)
    with committed(again):
        for look, _step in opened.looks:
            look()
        if facts is not None:
            write(again, again.actor, facts)
    if isinstance(raised, Refused):
        raised.kept = True


def _refusal(opened: OpenAct, refusal: Refused) -> Facts:
    note = {**refusal.note, **({"state": refusal.state} if isinstance(refusal, IllegalTransition) else {})}
    subject = _model(refusal.subject)
    case = subject if subject is not None and subject._meta.label == CASE else None
    action = refusal.action or opened.service
    facts = Facts(action, "refused", guard=refusal.guard, subject=subject, case=case, note=note)
    return _without_undone(opened, facts)


def _without_undone(opened: OpenAct, facts: Facts) -> Facts:
    """Leave out a subject that the roll-back has undone: its number will be another row's."""
    case = case_of(facts)
    undone = {
        "subject": None if _undone(opened, facts.subject) else facts.subject,
        "case": case_label(facts) if _undone(opened, case) else case,
    }
    return Facts(facts.action, facts.outcome, guard=facts.guard, note=facts.note, **undone)  # type: ignore[arg-type]


def _undone(opened: OpenAct, row: Model | str | None) -> bool:
    return isinstance(row, Model) and (row.pk is None or object_key(row) in opened.created)


def _model(subject: object) -> Model | None:
    return subject if isinstance(subject, Model) else None
