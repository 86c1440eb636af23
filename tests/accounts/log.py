"""Looking into the log from tests."""

from __future__ import annotations

from typing import Any

from apps.audit.models import AuditEvent


def newest(action: str) -> dict[str, Any]:
    """Body of the newest event of an action; fails where there is none."""
    event = AuditEvent.objects.filter(action=str(action)).order_by("-id").first()
    assert event is not None, f"no event {action}"
    return event.data


def count(action: str, outcome: str = "") -> int:
    """Number of events of an action, of one outcome if told."""
    rows = AuditEvent.objects.filter(action=str(action))
    return (rows.filter(outcome=outcome) if outcome else rows).count()
