"""``manage.py audit_drill``: attacks a copy of the log in every way that it must survive, and says what was found."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.drill.running import AlreadyBroken, drilled
from apps.audit.drill.scratch import CannotCopy, scratch


class Command(BaseCommand):
    """Exits 0 when every attack was found, refused or survived, else 1. The log itself is only read."""

    help = "Copy the database aside, tamper with the copy's audit log in every known way, and say what was found."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Drill, attack by attack."""
        done = missed = 0
        try:
            with scratch() as name:
                self.stdout.write(f"Working on the copy {name}.")
                for finding in drilled():
                    done, missed = done + 1, missed + (not finding.found)
                    sign = "found" if finding.found else "MISSED"
                    self.stdout.write(f"{sign:6} {finding.seconds:7.2f} s  {finding.attack}: {finding.words}")
        except CannotCopy as problem:
            raise CommandError(
                f"The database cannot be copied: {problem}. Nobody else may be connected to it."
            ) from problem
        except AlreadyBroken as problem:
            raise CommandError(f"The log is not intact to begin with: {problem}. Run audit_verify.") from problem
        self.stdout.write(f"{done - missed} of {done} attacks found, refused or survived.")
        if missed:
            sys.exit(1)
