"""The newest head, believed only when its signature, its row and the frontier to go on from agree."""

from __future__ import annotations

import dataclasses

from django.utils import timezone

from apps.audit import heads, notes
from apps.audit.heads import Head
from apps.audit.models import AuditHead, AuditSigningKey
from apps.audit.notes import BadNote
from apps.audit.signing import is_ours, verifier_key
from apps.audit.tree.frontier import Frontier


class SealBroken(Exception):
    """What the last sealing left behind has been changed: sealing stops, verification says where."""


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Where the tree stands: the head, its row (``None`` before the first) and the frontier."""

    head: Head
    row: AuditHead | None
    edge: Frontier
    signers: frozenset[int]


def standing(keys: list[AuditSigningKey]) -> Standing:
    """Return where the tree stands under keys of ours; raises ``SealBroken`` where it cannot be believed."""
    row = AuditHead.objects.order_by("-pk").first()
    if row is None:
        origin = keys[0].origin if keys else heads.origin_of(b"")
        return Standing(heads.first(origin, timezone.now()), None, Frontier(), frozenset())
    problem, head, signers = read(row, keys)
    if head is None or problem:
        raise SealBroken(problem)
    return Standing(head, row, Frontier.unpacked(row.pk, bytes(row.frontier)), signers)


def read(row: AuditHead, keys: list[AuditSigningKey]) -> tuple[str, Head | None, frozenset[int]]:
    """Return what is wrong with a head (empty: nothing), the head where it can be read, and which keys signed it."""
    try:
        note = notes.parse(row.note)
        head = Head.parsed(note.text)
    except BadNote:
        return f"the head of {row.pk} events cannot be read", None, frozenset()
    signers = frozenset(key.pk for key in keys if note.signed_by(verifier_key(key)) and is_ours(key))
    return _problem(row, head, signers), head, signers


def _problem(row: AuditHead, head: Head, signers: frozenset[int]) -> str:
    if not signers:
        return f"the head of {row.pk} events is not signed by a key of ours"
    columns = (row.pk, bytes(row.root), bytes(row.map_root), bytes(row.numbers))
    if columns != (head.size, head.root, head.map_root, head.numbers):
        return f"the head of {row.pk} events says something else than its row"
    try:
        edge = Frontier.unpacked(row.pk, bytes(row.frontier))
    except ValueError:
        return f"the frontier of the head of {row.pk} events is not shaped like one"
    return "" if edge.root() == head.root else f"the frontier of the head of {row.pk} events leads to another root"
