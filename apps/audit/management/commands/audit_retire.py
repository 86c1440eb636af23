"""``manage.py audit_retire``: carries out what two people have agreed to, and says what is due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.retiring.due import next_due
from apps.audit.services.retiring import agreed_waiting, may_remove, stretch_retire
from apps.audit.tasks import retirer_actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Where the sealer has a role of its own, run it with the sealer's credential: the application may take nothing out."""

    help = "Let stretches of the audit log retire that one person has proposed and another agreed to."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--due", action="store_true", help="only say which stretch is old enough; needs the application's role"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Carry out, or say what is due."""
        if options["due"]:
            found = next_due()
            place = f"Leaves {found.start + 1} to {found.stop} are due." if found else "Nothing is due."
            self.stdout.write(place)
            return
        waiting = agreed_waiting()
        if waiting and not may_remove():
            raise CommandError("This role may take nothing out of the log: run it with the sealer's.")
        for each in waiting:
            try:
                done = stretch_retire(actor=retirer_actor("command"), asked=each.proposed.pk)
            except LoanFlowError as problem:
                raise CommandError(f"Nothing has retired: {problem}") from problem
            self.stdout.write(
                f"{done.events} events have retired, as event {done.event} tells; they lie in {done.file}."
            )
        if not waiting:
            self.stdout.write("Nothing waits to be carried out.")
