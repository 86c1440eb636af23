"""Messages on a case and notices to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.core.text import refuse_nul
from apps.workflow import process
from apps.workflow.models import LoanCase, Message, Notice

LONGEST = 4000
ANSWERED = "answered"


def message_post(
    *,
    actor: Actor,
    case: LoanCase,
    audience: str,
    body: str,
    kind: str = "note",
    to_person_id: int | None = None,
    reply_to: Message | None = None,
    due_on: dt.date | None = None,
    checked: bool = False,
) -> Message:
    """Write a message inside an open act; the caller records. ``checked`` says that the caller authorised already."""
    if not checked and not actor.is_system:
        authorize(actor, Permission.CASE_MESSAGE, case)
    text = body.strip()
    if not text or len(text) > LONGEST:
        raise BadInput({"body": [_("Write between 1 and %(most)s characters.") % {"most": LONGEST}]})
    refuse_nul(text)
    return Message.objects.create(
        case=case,
        key_owner_id=case.borrower.key_owner_id,
        kind=kind,
        audience=audience,
        body=text,
        author_name=actor.name,
        author_id=actor.person_id,
        to_person_id=to_person_id,
        reply_to=reply_to,
        due_on=due_on,
    )


@act
def message_send(
    *,
    actor: Actor,
    case: LoanCase,
    audience: str,
    body: str,
    to_person_id: int | None = None,
    reply_to: Message | None = None,
) -> Message:
    """Send a message to the borrower or to colleagues and record it; an answer marks its question, whose author is told."""
    asked = None if reply_to is None else question_answered(case, reply_to, audience)
    kind = "note" if asked is None else "answer"
    told = to_person_id if asked is None else asked.author_id
    message = message_post(
        actor=actor, case=case, audience=audience, body=body, kind=kind, to_person_id=told, reply_to=asked
    )
    notify([told or case.holder_id], case, "message" if asked is None else ANSWERED)
    record(Tag.MESSAGE_SENT, actor=actor, subject=message, case=case, stage=case.stage, note={"audience": audience})
    return message


def question_answered(case: LoanCase, question: Message, audience: str) -> Message:
    """Mark a question of a case as answered inside an open act, under its lock; raises ``BadInput`` where it is none, or was."""
    locked = Message.objects.select_for_update(of=("self",)).filter(pk=question.pk, case=case).first()
    if locked is None or locked.kind != "question" or locked.audience != audience:
        raise BadInput({"body": [_("This is no question of this case.")]})
    if locked.answered_at is not None:
        raise BadInput({"body": [_("Somebody has answered this question already. Write a message instead.")]})
    locked.answered_at = clock.now()
    locked.save(update_fields=["answered_at"])
    return locked


def question_open(case: LoanCase, audience: str) -> Message | None:
    """The newest question that nobody has answered yet."""
    rows = Message.objects.filter(case=case, kind="question", audience=audience, answered_at=None)
    return rows.order_by("-id").first()


def notify(person_ids: Iterable[int | None], case: LoanCase | None, kind: str) -> None:
    """Put a line under the bell of each person named; ``None`` is skipped."""
    now = clock.now()
    Notice.objects.bulk_create(
        Notice(person_id=person_id, case=case, kind=kind, created_at=now) for person_id in set(person_ids) if person_id
    )


def told(person_ids: Iterable[int], kind: str) -> None:
    """Put a line that belongs to no case under the bells of persons."""
    notify(person_ids, None, kind)


def notify_moved(case: LoanCase, row: process.Row, actor: Actor) -> None:
    """Tell the holder what somebody else did to the case."""
    if case.holder_id and case.holder_id != actor.person_id:
        notify([case.holder_id], case, row.event)
