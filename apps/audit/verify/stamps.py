"""Time-stamps against the heads that they are of: who sees a head stamped knows that it was there at that time."""

from __future__ import annotations

from django.conf import settings

from apps.audit.models import AuditHead, AuditTimestamp
from apps.audit.timestamps import NoTimestamp, checked
from apps.audit.verify.report import Report

CHUNK = 1000


def check_timestamps(report: Report) -> None:
    """Report time-stamps of heads that the log does not hold, those that do not hold, and those that name another time.

    Without certificates to believe there is nothing to hold them against.
    """
    if not getattr(settings, "LOANFLOW_TSA_ROOTS", None):
        return
    for row in AuditTimestamp.objects.order_by("head").iterator(CHUNK):
        note = AuditHead.objects.filter(pk=row.head).values_list("note", flat=True).first()
        report.timestamps += 1
        if note is None:
            report.fault(0, "timestamp", f"a head of {row.head} events is time-stamped, and the log does not hold it")
            continue
        try:
            read = checked(bytes(row.answer), note)
        except (NoTimestamp, TypeError) as problem:
            report.fault(0, "timestamp", f"the time-stamp of the head of {row.head} events does not hold: {problem}")
            continue
        if read.tst_info.gen_time != row.at:
            report.fault(
                0, "timestamp", f"the time-stamp of the head of {row.head} events says another time than its row"
            )
