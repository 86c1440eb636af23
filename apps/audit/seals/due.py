"""Which events may be sealed: committed, not yet in the tree, and with nothing older still on its way.

PostgreSQL gives numbers before it commits, so numbers tell nothing of what is finished. An event carries its transaction's
number; once every older transaction of this database has ended, no event can come in below. A log restored into
another cluster holds numbers of the old one's transactions; the head names the cluster, and where it has changed all rows
are looked at that cannot be of a transaction still open. SQLite has one writer, and its numbers are the order of commits.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db import connection

from apps.audit.models import AuditHead

LOCK = 0x5EA1  # of all sealers of a database
STATE = """
WITH held AS MATERIALIZED (
  SELECT l.transactionid, a.datid FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'
)
SELECT LEAST(pg_snapshot_xmax(s), pg_current_xact_id_if_assigned(), oldest.x)::text::bigint, system_identifier || '/' || d.oid,
  oldest.x IS NOT NULL AND NOT EXISTS (SELECT 1 FROM held WHERE transactionid = oldest.x::xid)
FROM pg_control_system(), pg_database d, pg_current_snapshot() s LEFT JOIN LATERAL (
  SELECT x FROM pg_snapshot_xip(s) x WHERE NOT EXISTS (
    SELECT 1 FROM held WHERE transactionid = x::xid AND datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
  ) ORDER BY x LIMIT 1
) oldest ON true WHERE d.datname = current_database()
"""
"""The oldest transaction still open, but for those that are known to be another database's: they write no event of ours. The last column:
it has ended since the snapshot, and nobody can tell any more whose it was.
"""
LOOKS = 20
"""At transactions, until the oldest open one is known to be ours; a busy cluster ends one at any moment."""
SETTLED = "txid >= %(low)s AND txid < %(high)s"
RESTORED = "(txid < %(high)s OR txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
DUE = """
WITH settled AS MATERIALIZED (SELECT id FROM audit_event WHERE {settled} AND id > %(floor)s)
SELECT e.id, e.body, e.mac_key, e.mac FROM (
  SELECT id FROM settled WHERE NOT EXISTS (SELECT 1 FROM audit_leaf WHERE event_id = settled.id AND event_id > %(floor)s)
  ORDER BY id LIMIT %(limit)s
) due JOIN audit_event e ON e.id = due.id ORDER BY e.id
"""
DUE_BY_NUMBER = "SELECT id, body, mac_key, mac FROM audit_event WHERE id > %s ORDER BY id LIMIT %s"
WAITING = """
SELECT COUNT(*), MIN(CASE WHEN body NOT LIKE '%%"simulated":true%%' THEN at END) FROM audit_event e
WHERE {recent} AND NOT EXISTS (SELECT 1 FROM audit_leaf WHERE event_id = e.id)
"""
RECENT = {"postgresql": "(txid >= %(low)s OR id > %(sealed)s)", "sqlite": "id > %(sealed)s"}
"""Where events not yet sealed may lie. The number is asked for first: inside the statement nobody could tell how few there are, and all would be read."""


class Due(NamedTuple):
    """An event to be sealed."""

    id: int
    body: str
    mac_key: str
    mac: str


class Window(NamedTuple):
    """Transactions from ``low`` up to, and without, ``high``, of a cluster; ``restored``: of whichever cluster."""

    low: int
    high: int
    cluster: str
    restored: bool = False


def lock() -> None:
    """Keep other sealers out until the transaction ends; SQLite's transactions do so by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def window_after(last: AuditHead | None) -> Window:
    """Return what a sealing that begins now may take."""
    if connection.vendor != "postgresql":
        return Window(0, 0, connection.vendor)
    with connection.cursor() as cursor:
        for _look in range(LOOKS):
            cursor.execute(STATE)
            high, cluster, has_ended = cursor.fetchone()
            if not has_ended:
                break
    return Window(last.horizon if last else 0, high, cluster, restored=last is not None and last.cluster != cluster)


def due_in(window: Window, *, floor: int, limit: int) -> list[Due]:
    """Return events to be sealed with numbers above ``floor``, in their order, at most ``limit``."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            settled = RESTORED if window.restored else SETTLED
            cursor.execute(DUE.format(settled=settled), {**window._asdict(), "floor": floor, "limit": limit})
        else:
            cursor.execute(DUE_BY_NUMBER, [max(floor, _last_sealed(cursor)), limit])
        return [Due(*row) for row in cursor.fetchall()]


def horizon_after(last: AuditHead | None, window: Window) -> tuple[int, str]:
    """Return horizon and cluster of a head that leaves nothing of the window behind."""
    if last is not None and last.cluster == window.cluster:
        return max(last.horizon, window.high), window.cluster
    return window.high, window.cluster


def waiting(last: AuditHead | None) -> tuple[int, dt.datetime | None]:
    """How many events are not sealed yet, and since when the oldest waits; simulated ones were not written when they say."""
    with connection.cursor() as cursor:
        places = {"low": last.horizon if last else 0, "sealed": _last_sealed(cursor)}
        cursor.execute(WAITING.format(recent=RECENT[connection.vendor]), places)
        count, oldest = cursor.fetchone()
    if isinstance(oldest, str):
        oldest = dt.datetime.fromisoformat(oldest)
    if oldest is not None and oldest.tzinfo is None:
        oldest = oldest.replace(tzinfo=dt.UTC)
    return count, oldest


def _last_sealed(cursor: Any) -> int:
    cursor.execute("SELECT COALESCE(MAX(event_id), 0) FROM audit_leaf")
    return int(cursor.fetchone()[0])
