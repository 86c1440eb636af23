"""`manage.py clock_round`: does once what a task worker does every quarter of an hour, and says what it did."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.monitoring.clockwork import clock_actor, clock_round


class Command(BaseCommand):
    """Run it by a scheduler where no task worker goes round; a second run finds nothing left to do."""

    help = "Lapse offers, freeze memos anew, warn of cases that expire, let them expire, send reminders."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go round once and say how many; ends with an error where a job failed."""
        done = clock_round(clock_actor())
        for name, count in done.items():
            self.stdout.write(f"{name}: {'failed' if count is None else count}")
        if None in done.values():
            raise CommandError("a job failed; its failure is in the log")
