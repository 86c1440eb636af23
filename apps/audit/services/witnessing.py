"""Asks the witnesses to cosign the newest head, and keeps their lines; what they decline goes on record, once."""

from __future__ import annotations

import http.client
import logging
import urllib.parse

from apps.audit.cosigners import WitnessPlace, cosigned_at, vouched, witnesses
from apps.audit.exchanges import connected
from apps.audit.models import AuditCosignature, AuditEvent, AuditHead
from apps.audit.proofs import growth_proof
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.audit.witness import wire
from apps.core.actor import Actor
from apps.core.text import whole_number

logger = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for the whole of an exchange, once its host's name is known
MOST_BYTES = 4 * 1024
CONFLICT = 409


def log_witness(*, actor: Actor) -> int:
    """Have the newest head cosigned by every witness of the settings that has not; returns how many did.

    A witness that is away, or whose answer is past understanding, is asked again in the next round and keeps nobody from
    being asked. Network calls run outside any transaction.
    """
    head = AuditHead.objects.order_by("-pk").first()
    return 0 if head is None else sum(_has_cosigned(actor, place, head) for place in witnesses())


def _has_cosigned(actor: Actor, place: WitnessPlace, head: AuditHead) -> bool:
    try:
        return _asked(actor, place, head)
    except Exception:  # whatever a witness's answer sets off, the others are asked and the log is sealed on
        logger.exception("witness %s could not be asked", place.key.name)
        return False


def _asked(actor: Actor, place: WitnessPlace, head: AuditHead) -> bool:
    given = vouched(place.key).size
    if given >= head.pk:
        return False
    try:
        status, answer = _post(place, given, head)
        known = whole_number(answer.strip()) if status == CONFLICT else None
        if known is not None and known <= head.pk:  # it knows more than we noted
            status, answer = _post(place, known, head)
    except (OSError, http.client.HTTPException):
        logger.warning("witness %s is away", place.key.name, exc_info=True)
        return False
    if status == http.client.OK and _kept(place, head, answer):
        return True
    _note_declined(place, head, status, answer, actor=actor)
    return False


def _post(place: WitnessPlace, old: int, head: AuditHead) -> tuple[int, str]:
    proof = growth_proof(old, head.pk) if old else []
    body = wire.written(wire.Asked(old, proof, head.note)).encode()
    address = urllib.parse.urlsplit(place.url)
    with connected(address, PATIENCE) as connection:
        connection.request("POST", f"{address.path}{wire.PATH}", body, {"Content-Type": "text/plain; charset=utf-8"})
        with connection.getresponse() as answer:  # a redirection is an answer like any other: it is not followed
            return answer.status, answer.read(MOST_BYTES).decode(errors="replace")


def _kept(place: WitnessPlace, head: AuditHead, line: str) -> bool:
    """Store a witness's line if it is one: a valid cosignature under this very head."""
    sound = cosigned_at(place.key, head.note, line) is not None
    if sound:
        AuditCosignature.objects.get_or_create(head=head.pk, witness=place.key.name, defaults={"line": line})
    return sound


@act
def _note_declined(place: WitnessPlace, head: AuditHead, status: int, answer: str, *, actor: Actor) -> None:
    note = {"witness": place.key.name, "status": status, "answer": answer.strip()[:200]}
    logger.error("witness %s declines the head of %s events: %s %s", note["witness"], head.pk, status, note["answer"])
    last = AuditEvent.objects.filter(action=Tag.WITNESS_DECLINED).order_by("-pk").first()
    if last is None or {**last.data["note"], "size": 0} != {**note, "size": 0}:
        record(Tag.WITNESS_DECLINED, actor=actor, note={**note, "size": head.pk})
