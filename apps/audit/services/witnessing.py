"""Asks the witnesses to cosign the newest head, and keeps their lines; what they decline goes on record, once."""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request

from django.db.models import Max

from apps.audit import notes
from apps.audit.cosigners import WitnessPlace, witnesses
from apps.audit.models import AuditCosignature, AuditEvent, AuditHead
from apps.audit.notes import BadNote
from apps.audit.proofs import growth_proof
from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.audit.witness import wire
from apps.core.actor import Actor

logger = logging.getLogger(__name__)

PATIENCE = 5  # seconds
MOST_BYTES = 64 * 1024
CONFLICT = 409


def log_witness(*, actor: Actor) -> int:
    """Have the newest head cosigned by every witness of the settings that has not; returns how many did.

    A witness that is away is asked again with the next head. Network calls run outside any transaction.
    """
    head = AuditHead.objects.order_by("-pk").first()
    return 0 if head is None else sum(_asked(actor, place, head) for place in witnesses())


def _asked(actor: Actor, place: WitnessPlace, head: AuditHead) -> bool:
    given = AuditCosignature.objects.filter(witness=place.key.name).aggregate(size=Max("head"))["size"] or 0
    if given >= head.pk:
        return False
    try:
        status, answer = _post(place, given, head)
        if status == CONFLICT and answer.strip().isdigit() and int(answer) <= head.pk:  # it knows more than we noted
            status, answer = _post(place, int(answer), head)
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
    request = urllib.request.Request(f"{place.url}{wire.PATH}", data=body, method="POST")  # noqa: S310 - http or https
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # nosec B310
            return answer.status, answer.read(MOST_BYTES).decode(errors="replace")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read(MOST_BYTES).decode(errors="replace")


def _kept(place: WitnessPlace, head: AuditHead, line: str) -> bool:
    """Store a witness's line if it is one: a valid cosignature under this very head."""
    text = notes.parse(head.note).text
    try:
        sound = notes.parse(notes.written(text, [line])).cosigned_at(place.key) is not None
    except BadNote:
        return False
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
