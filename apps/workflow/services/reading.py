"""Opening a case: the look is recorded first, then what people wrote on it is decrypted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from apps.audit.body import Purpose
from apps.audit.services import Look, record_looks
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Unavailable
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.vault.errors import CannotOpen
from apps.vault.secret import Secret
from apps.workflow.models import LoanCase, Message
from apps.workflow.selectors.people import handles_of

MOST = 50


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a page shows it."""

    pk: int
    kind: str
    kind_label: Any
    outside: bool
    text: str
    author: str
    to: str
    at: dt.datetime
    due_on: dt.date | None
    answered_at: dt.datetime | None
    answerable: bool = False


def case_opened(*, actor: Actor, case: LoanCase) -> list[Said]:
    """Record that the actor opened the case and return its newest messages, oldest first.

    Borrowers get what is addressed to them and what they wrote, and nothing between colleagues.
    """
    newest = _heard(case, actor)
    record_looks([case_look(case, actor)], actor=actor)
    handles = handles_of(message.to_person_id for message in newest)
    return [_said(message, handles, actor) for message in reversed(newest)]


def case_look(case: LoanCase, actor: Actor) -> Look:
    """The look of opening a case, with what was said on it if anything was."""
    fields = ("messages",) if _heard(case, actor) else ()
    return Look(Tag.CASE_OPENED, case, Purpose(f"task:{case.state}"), fields, case=case)


def _heard(case: LoanCase, actor: Actor) -> list[Message]:
    heard = [row for row in rows(case, Message) if row.audience == "borrower" or not actor.is_borrower]
    return heard[: -MOST - 1 : -1]


def _said(message: Message, handles: dict[int, str], actor: Actor) -> Said:
    return Said(
        message.pk,
        message.kind,
        message.get_kind_display(),
        message.audience == "borrower",
        words_of(message.body),
        message.author_name,
        handles.get(message.to_person_id or 0, ""),
        message.created_at,
        message.due_on,
        message.answered_at,
        is_answerable(message, actor),
    )


def is_answerable(message: Message, actor: Actor) -> bool:
    """Tell whether the actor may answer: a colleague's open question to anybody but its author."""
    return message.answered_at is None and _is_for(message, actor)


def _is_for(message: Message, actor: Actor) -> bool:
    between = message.kind == "question" and message.audience == "colleague"
    return between and actor.is_person and message.author_id != actor.person_id


def question_of(case: LoanCase, pk: int, actor: Actor) -> Message:
    """A colleague's question on a case, answered or not; raises ``NotVisible`` for any other message and for its author."""
    message = Message.objects.filter(case=case, pk=pk).first()
    if message is None or not _is_for(message, actor):
        raise NotVisible(subject=case, action=Permission.CASE_MESSAGE)
    return message


def question_opened(*, actor: Actor, case: LoanCase, question: Message) -> str:
    """Record the look at a colleague's question, then return its words."""
    record_looks([Look(Tag.CASE_OPENED, case, Purpose(f"task:{case.state}"), ("messages",), case=case)], actor=actor)
    return words_of(question.body)


def words_of(body: Secret) -> str:
    """The words, or why they cannot be read: forgotten with their owner, or the key service away."""
    try:
        return str(body.reveal())
    except CannotOpen as refusal:
        return str(refusal.placeholder)
    except Unavailable as away:
        return str(away)
