"""``manage.py audit_reconcile``: finds business rows that were edited, added or deleted behind the application's back."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from apps.audit.reconcile import Reconciliation
from apps.audit.services.reconciling import rows_reconcile
from apps.monitoring.clockwork import clock_actor
from apps.monitoring.reconciling import told

SHOWN = 20


class Command(BaseCommand):
    """Compares at once, records what was found and tells who may verify the log; exits 1 where a row differs."""

    help = "Compare every governed row with the newest event that tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print what was found as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare, print, and exit 1 when something differs."""
        with tqdm(unit="object", disable=not sys.stderr.isatty()) as bar:
            report = told(rows_reconcile(actor=clock_actor(), progress=bar.update))
        self.stdout.write(json.dumps(report.as_json(), indent=1) if options["json"] else "\n".join(_sentences(report)))
        if report.count:
            sys.exit(1)


def _sentences(report: Reconciliation) -> list[str]:
    lines = [f"{report.checked} objects compared with the log."]
    if report.left_out:
        lines.append(f"{report.left_out} could not be compared: a key is destroyed, or their table is gone.")
    if not report.count:
        return [*lines, "Every row is as its newest event left it."]
    lines.append(f"{report.count} rows differ from the log:")
    lines += [f"  {difference.words}." for difference in report.differences[:SHOWN]]
    if report.count > SHOWN:
        lines.append(f"  and {report.count - SHOWN} more.")
    return lines
