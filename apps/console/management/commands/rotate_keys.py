"""``manage.py rotate_keys``: renews the root key, or every data key, while LoanFlow works on."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from apps.console.rotating import rotation_begin, rotation_run, rotation_size
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.vault.models import RotationKind


class Command(BaseCommand):
    """Interrupt it whenever you like: the next start goes on where this one was."""

    help = "Renew keys: --root wraps all data keys under a new root key, --data gives every owner a new data key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--root", action="store_true", help="a new root key, and all data keys wrapped under it")
        parser.add_argument("--data", action="store_true", help="new data keys, and all values sealed under them")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run what was asked for, the root key first."""
        wanted = [kind for kind in RotationKind if options[kind.value]]
        if not wanted:
            raise CommandError("Say which keys: --root, --data or both.")
        for kind in wanted:
            try:
                self._rotate(kind)
            except LoanFlowError as error:
                raise CommandError(f"{error} Start it again to go on.") from error

    def _rotate(self, kind: RotationKind) -> None:
        actor = Actor.system("rotate_keys")
        run = rotation_begin(actor=actor, kind=kind)
        with tqdm(total=rotation_size(kind), desc=str(kind.label), disable=not sys.stderr.isatty()) as bar:
            for seen in rotation_run(actor=actor, run=run):
                bar.update(seen)
        run.refresh_from_db()
        self.stdout.write(f"{kind.label}: {run.done} renewed.")
