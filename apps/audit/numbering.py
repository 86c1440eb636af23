"""Running numbers of objects: locked in sorted order, then counted from the last event that touched each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from django.db import connection

from apps.audit.acts import Number
from apps.audit.canonical import digest
from apps.audit.models import AuditStub

LAST = """
SELECT t.object, t.n, e.body, t.event_id FROM audit_touch t LEFT JOIN audit_event e ON e.id = t.event_id
WHERE t.object = %s AND t.n = (SELECT MAX(n) FROM audit_touch WHERE object = %s)
"""


def next_numbers(fresh: Collection[str], known: Collection[str], taken: Mapping[str, Number]) -> dict[str, Number]:
    """Return the number to take and the digest to point back to, by object key.

    ``fresh`` objects were made in this act and start at 1 without a look; ``taken`` are numbers this act holds already.
    """
    numbers = {key: Number(1, "") for key in fresh if key not in taken}
    numbers |= {key: Number(taken[key].n + 1, taken[key].digest) for key in (*fresh, *known) if key in taken}
    unknown = sorted(key for key in known if key not in taken and key not in numbers)
    if unknown:
        _lock(unknown)
        last = _last(unknown)
        numbers |= {key: Number(last[key].n + 1, last[key].digest) if key in last else Number(1, "") for key in unknown}
    return numbers


def last_numbers(keys: Collection[str]) -> dict[str, Number]:
    """Lock objects and return the number that each holds now: 0 for one that no event has touched yet."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    _lock(wanted)
    return {**dict.fromkeys(wanted, Number(0, "")), **_last(wanted)}


def _lock(keys: list[str]) -> None:
    """Hold each object's numbering until the transaction ends; SQLite has one writer and nothing to lock."""
    if connection.vendor == "postgresql":
        locks = sorted(
            {int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), signed=True) for key in keys}
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k", [locks])


def _last(keys: list[str]) -> dict[str, Number]:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([LAST] * len(keys)), [key for key in keys for _twice in range(2)])
        rows = cursor.fetchall()
    stubs = _stubs([event for _key, _n, body, event in rows if body is None])
    return {
        key: Number(n, stubs[event] if body is None else digest(body))
        for key, n, body, event in rows
        if body is not None or event in stubs
    }


def _stubs(events: list[int]) -> dict[int, str]:
    """Digests of retired events, by number."""
    return dict(AuditStub.objects.filter(pk__in=events).values_list("pk", "digest")) if events else {}
