"""What stays of each event of a stretch that retires, and the digest over all of it that the retiring event signs."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db import connection

from apps.audit.bundle.choosing import Sealed, Stretch
from apps.audit.canonical import canonical, digest
from apps.audit.locks.guarded import NEVER_RETIRED
from apps.audit.selectors import CHUNK

NEWEST_WRITES = """
SELECT t.event_id, t.object FROM audit_touch t WHERE t.event_id >= %s AND t.event_id <= %s AND t.op <> 'name'
AND NOT EXISTS (SELECT 1 FROM audit_touch x WHERE x.object = t.object AND x.n > t.n AND x.op <> 'name')
"""


class Stub(NamedTuple):
    """Number of an event, SHA-256 of its body in hex, and canonical JSON of the images that are still the newest."""

    event: int
    digest: str
    images: str


def stubs_of(stretch: Stretch) -> Iterator[Stub]:
    """Yield the stubs of a stretch in the order of the tree, without the events that stay."""
    events = stretch.events()
    while chunk := list(itertools.islice(events, CHUNK)):
        newest = _newest_writes(chunk)
        for event in chunk:
            body = json.loads(event.body)
            if body["action"] not in NEVER_RETIRED:
                images = {
                    one["object"]: one["after"]
                    for one in body.get("touched", ())
                    if "after" in one and one["object"] in newest[event.number]
                }
                yield Stub(event.number, digest(event.body), canonical(images) if images else "")


def chained(stubs: Iterable[Stub]) -> tuple[int, str]:
    """How many stubs there are, and SHA-256 over a line of each: number, digest, images."""
    count, found = 0, hashlib.sha256()
    for stub in stubs:
        count += 1
        found.update(f"{stub.event} {stub.digest} {stub.images}\n".encode())
    return count, found.hexdigest()


def _newest_writes(chunk: list[Sealed]) -> defaultdict[int, set[str]]:
    """By event, the objects of which no later event tells that they were written."""
    numbers = [event.number for event in chunk]
    found: defaultdict[int, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_WRITES, [min(numbers), max(numbers)])
        for event, name in cursor.fetchall():
            found[event].add(name)
    return found
