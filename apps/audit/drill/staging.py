"""What is attacked: two objects with events in two sealed batches, the second one pinned, and a tail that is not sealed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.audit.models import AuditHead
from apps.audit.pins import pin_head
from apps.audit.seals.objects import BYTES, SLOTS, TOP, slot_of
from apps.audit.services import act, record, record_read
from apps.audit.services.sealing import log_seal
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.audit.tree.objects import key_of
from apps.core.actor import Actor
from apps.vault.models import KeyOwner
from apps.vault.services import owner_create

ACTOR = Actor.system("drill", channel="command")
Rows = list[tuple[Any, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """Numbers of events by batch; size and map of the log before the second one."""

    owners: list[KeyOwner]
    first: list[int]
    second: list[int]
    tail: list[int]
    size: int
    objects: Rows
    nodes: Rows


def staged() -> Stage:
    """Seal what is there, then write and seal what the drill attacks."""
    log_seal(actor=ACTOR)
    owners = [_owner(number) for number in (1, 2)]
    first = [_look(owner) for owner in owners]
    log_seal(actor=ACTOR)
    size = AuditHead.objects.order_by("-pk")[0].pk
    objects, nodes = _map_of(owners)
    second = [_look(owners[number % 2]) for number in range(4)]
    log_seal(actor=ACTOR)
    pin_head(AuditHead.objects.order_by("-pk")[0], at_once=True)
    tail = [_look(owners[0]) for _each in range(3)]
    return Stage(owners, first, second, tail, size, objects, nodes)


def _owner(number: int) -> KeyOwner:
    with act(actor=ACTOR):
        made = owner_create(kind="person", label=f"drill {number}")
        record(Tag.KEY_OWNER_CREATED, actor=ACTOR, subject=made)
    return made


def _look(owner: KeyOwner) -> int:
    return int(record_read(Tag.EVENT_OPENED, actor=ACTOR, subject=owner).pk)


def _map_of(owners: Sequence[KeyOwner]) -> tuple[Rows, Rows]:
    """The map's rows of some objects and of the subtrees above them, as they stand now."""
    names = [object_key(owner) for owner in owners]
    slots = [slot_of(key_of(name)) for name in names]
    numbers = [number for slot in slots for number in (SLOTS + slot, BYTES + (slot >> TOP))]
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(names))
        cursor.execute(f"SELECT n, leaf, object FROM audit_object WHERE object IN ({marks})", names)  # noqa: S608  # nosec B608
        objects = list(cursor.fetchall())
        marks = ", ".join(["%s"] * len(numbers))
        cursor.execute(f"SELECT hash, entries, id FROM audit_object_node WHERE id IN ({marks})", numbers)  # noqa: S608  # nosec B608
        return objects, list(cursor.fetchall())
