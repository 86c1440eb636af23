"""``manage.py audit_seal``: takes into the tree what has been committed, and signs the new head."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.seals.objects import MapChanged
from apps.audit.seals.standing import SealBroken
from apps.audit.services.sealing import log_seal
from apps.audit.services.signing import sealer_actor, signing_key_rotate
from apps.audit.services.stamping import log_timestamp
from apps.audit.services.witnessing import log_witness


class Command(BaseCommand):
    """Seals once, or over and over where no task worker does; exits 1 where something could not be sealed."""

    help = "Seal the audit log: put committed events into its tree and sign the head."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--loop", action="store_true", help="go on, every LOANFLOW_SEAL_INTERVAL seconds")
        parser.add_argument("--rotate-key", action="store_true", help="make a new signing key first, on record")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal and say how much."""
        actor = sealer_actor("command")
        if options["rotate_key"]:
            made = signing_key_rotate(actor=actor)
            self.stdout.write(f"New signing key {made.pk}: the next head is signed by it and by the one before.")
        while True:
            try:
                done = log_seal(actor=actor)
            except (SealBroken, MapChanged) as problem:
                raise CommandError(f"Nothing was sealed: {problem}. Run audit_verify.") from problem
            log_witness(actor=actor)
            log_timestamp(actor=actor)
            if done.added or not options["loop"]:
                self.stdout.write(f"{done.added} events sealed, {done.size} in all.")
            if done.refused:
                self.stderr.write(f"Not sealed, as their codes do not fit: events {done.refused[:10]}.")
            if not options["loop"]:
                sys.exit(1 if done.refused else 0)
            time.sleep(float(settings.LOANFLOW_SEAL_INTERVAL))
