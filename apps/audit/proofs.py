"""Proofs out of the database: of an event's place, of a tree's growth, of an object's number of events.

They are made under the newest head, or under any size that some head has signed; ``tree.checking`` and ``tree.objects``
verify them anywhere.
"""

from __future__ import annotations

import dataclasses

from django.db import transaction

from apps.audit.models import AuditHead, AuditLeaf
from apps.audit.seals.objects import proof_of
from apps.audit.seals.store import StoredTree
from apps.audit.tree.objects import Proof
from apps.audit.tree.proofs import consistency_proof, inclusion_proof


class NotSealed(LookupError):
    """There is no head yet, or the event came after it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Inclusion:
    """Proof that an event stands at ``index`` (from 0) of the tree of ``size`` events."""

    event: int
    index: int
    size: int
    leaf: bytes
    proof: list[bytes]


@dataclasses.dataclass(frozen=True, slots=True)
class ObjectProof:
    """Proof of an object's number of events under the map root of a head."""

    object: str
    head: AuditHead
    proof: Proof


def newest_head() -> AuditHead:
    """The newest head; raises ``NotSealed`` where there is none."""
    head = AuditHead.objects.order_by("-pk").first()
    if head is None:
        raise NotSealed("nothing has been sealed yet")
    return head


def leaf_of(event: int) -> AuditLeaf | None:
    """The leaf of an event; not asked for in order, which would tempt the database to walk the whole tree."""
    return next(iter(AuditLeaf.objects.filter(event_id=event).order_by()), None)


def event_proof(event: int, *, size: int | None = None, tree: StoredTree | None = None) -> Inclusion:
    """Prove that an event is in the tree of ``size`` events (default: the newest head's).

    Several proofs are cheaper with one ``tree``, which remembers what it has read. Raises ``NotSealed``.
    """
    whole = newest_head().pk if size is None else size
    leaf = leaf_of(event)
    if leaf is None or leaf.pk >= whole:
        raise NotSealed(f"event {event} is not among the first {whole} sealed events")
    proof = inclusion_proof(leaf.pk, whole, StoredTree() if tree is None else tree)
    return Inclusion(event, leaf.pk, whole, bytes(leaf.hash), proof)


def growth_proof(first: int, second: int, *, tree: StoredTree | None = None) -> list[bytes]:
    """Prove that the tree of ``second`` events begins with the tree of ``first``; raises ``ValueError`` outside them."""
    return consistency_proof(first, second, StoredTree() if tree is None else tree)


def object_proof(name: str) -> ObjectProof:
    """Prove how many events an object has under the newest head; the map and its head are read as of one moment."""
    with transaction.atomic():
        for _try in range(3):
            head, proof = newest_head(), proof_of(name)
            if newest_head().pk == head.pk:
                return ObjectProof(name, head, proof)
        raise NotSealed("the log is being sealed faster than a proof is made")
