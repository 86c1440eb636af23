"""A verification on record: bounded, so that a page can wait for it; the whole log is for ``manage.py audit_verify``."""

from __future__ import annotations

from apps.audit.services.act import act
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.audit.verify import Report, verify
from apps.audit.verify.walk import last_event
from apps.core.actor import Actor

BOUND = 20_000


def log_verify(*, actor: Actor, most: int = BOUND) -> Report:
    """Verify the newest events, at most ``most``, and record what was found; the caller has checked the permission.

    The walk runs outside any transaction, which would hold writers up. Raises ``KeysUnavailable``, recording nothing.
    """
    report = verify(since=max(0, last_event() - most))
    with act(actor=actor, tag=str(Tag.LOG_VERIFIED)):
        record(Tag.LOG_VERIFIED, actor=actor, note=_note(report))
    return report


def _note(report: Report) -> dict[str, int | bool | str]:
    bad = report.first_bad
    return {
        "intact": report.intact,
        "first": report.first,
        "last": report.last,
        "checked": report.checked,
        "faults": report.fault_count,
        "without_line": report.crash_count,
        "first_bad": bad.event if bad else 0,
        "first_fault": bad.kind if bad else "",
    }
