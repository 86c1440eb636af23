"""``manage.py audit_verify``: proves that nobody has edited, forged, renumbered or removed an event."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from apps.audit.verify import Report, verify
from apps.audit.verify.walk import last_event


class Command(BaseCommand):
    """Exits 0 when the log is intact, 1 naming the first bad record."""

    help = "Verify the audit log: codes, spelling, numbers, columns, tree, heads, map, journal, pins and locks."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
        parser.add_argument(
            "--processes",
            type=int,
            default=0,
            metavar="COUNT",
            help="side by side, for a long log (default: one a core)",
        )
        parser.add_argument(
            "--since", type=int, default=0, metavar="NUMBER", help="verify only events above this number"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, print, and exit 1 when something is wrong."""
        processes = options["processes"] or os.cpu_count() or 1
        bar = tqdm(total=last_event() - options["since"], unit="event", disable=not sys.stderr.isatty())
        with bar:
            report = verify(since=options["since"], progress=bar.update, processes=processes)
        self.stdout.write(json.dumps(report.as_json(), indent=1) if options["json"] else "\n".join(_sentences(report)))
        if not report.intact:
            sys.exit(1)


def _sentences(report: Report) -> list[str]:
    first_bad = report.first_bad
    lines = [
        f"{report.checked} events checked, {report.lines} journal lines.",
        f"{report.size} events are sealed, {report.heads} heads checked, {report.unsealed} events not sealed yet.",
    ]
    lines += [
        f"{gone['events']} events of the leaves {gone['first']} to {gone['last']} have retired, as event {gone['event']} tells:"
        f" {' and '.join(gone['people'])} agreed; they lie in {gone['file']}."
        for gone in report.retired
    ]
    if report.pins:
        lines.append(f"{report.pins} pinned heads agree or are named below.")
    if report.timestamps:
        lines.append(f"{report.timestamps} time-stamps hold or are named below.")
    if report.crash_count:
        lines.append(
            f"{report.crash_count} events have no journal line (first: {report.crashes[0]}): a crash, or a journal not kept."
        )
    if first_bad is None:
        lines.append("The log is intact.")
    else:
        where = f"First bad record: event {first_bad.event}" if first_bad.event else "No event is named"
        lines.append(f"The log is NOT intact, {report.fault_count} faults. {where}: {first_bad.words}.")
    return lines
