"""Has the newest head time-stamped once an hour. An authority that is away keeps nobody from sealing, and it is told, once."""

from __future__ import annotations

import http.client
import logging
import urllib.parse

from django.utils import timezone

from apps.audit.exchanges import connected
from apps.audit.models import AuditEvent, AuditHead, AuditTimestamp
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.audit.timestamps import EVERY, NoTimestamp, asked, authority, checked
from apps.core.actor import Actor

logger = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for the whole of an exchange
AGAIN = 60.0  # seconds before an authority that failed is asked again
MOST_BYTES = 64 * 1024
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class _Tried:
    """When this process has asked in vain; others ask for themselves."""

    at: float = 0.0


def log_timestamp(*, actor: Actor) -> bool:
    """Have the newest head time-stamped unless one was within the hour; tells whether it was. Raises nothing of the network's."""
    head, address = AuditHead.objects.order_by("-pk").first(), authority()
    if not address or head is None or not _is_due(head):
        return False
    try:
        question = asked(head)
        answer = _post(address, question.as_bytes())
        read = checked(answer, head.note, question)
    except (OSError, http.client.HTTPException, NoTimestamp, ValueError) as problem:
        _Tried.at = timezone.now().timestamp()
        _note_failed(actor=actor, head=head, problem=problem)
        return False
    AuditTimestamp.objects.get_or_create(head=head.pk, defaults={"answer": answer, "at": read.tst_info.gen_time})
    return True


def _is_due(head: AuditHead) -> bool:
    if 0 <= timezone.now().timestamp() - _Tried.at < AGAIN:
        return False
    last = AuditTimestamp.objects.order_by("-head").values_list("head", "at").first()
    return last is None or (last[0] < head.pk and timezone.now() - last[1] >= EVERY)


def _post(address: str, body: bytes) -> bytes:
    parts = urllib.parse.urlsplit(address)
    with connected(parts, PATIENCE) as connection:
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", path, body, {"Content-Type": QUERY, "Accept": REPLY})
        with connection.getresponse() as answer:
            if answer.status != http.client.OK:
                raise NoTimestamp(f"the authority answers {answer.status}")
            return answer.read(MOST_BYTES)


@act
def _note_failed(*, actor: Actor, head: AuditHead, problem: Exception) -> None:
    """On record once until it goes well again."""
    logger.warning("the head of %s events is not time-stamped: %s", head.pk, problem)
    last = AuditEvent.objects.filter(action=Tag.TIMESTAMP_FAILED).order_by("-pk").first()
    newest = AuditTimestamp.objects.order_by("-head").values_list("head", flat=True).first() or 0
    if last is None or newest >= last.data["note"]["size"]:
        words = str(problem)[:200] if isinstance(problem, NoTimestamp) else type(problem).__name__
        record(Tag.TIMESTAMP_FAILED, actor=actor, note={"size": head.pk, "problem": words}, outcome="failed")
