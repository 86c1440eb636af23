"""``manage.py audit_stream``: sends sealed events to the SIEM that LOANFLOW_SIEM names."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.models import AuditStream
from apps.audit.services.streaming import log_stream
from apps.audit.stream.destination import destination
from apps.core.actor import Actor


class Command(BaseCommand):
    """Sends once, or over and over where no task worker does; exits 1 where the receiver did not take everything."""

    help = "Stream sealed events to a SIEM, as OCSF or CEF, over syslog/TLS or a webhook."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--loop", action="store_true", help="go on, every LOANFLOW_SEAL_INTERVAL seconds")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Send and say how many."""
        to = destination()
        if to is None:
            raise CommandError("LOANFLOW_SIEM names no receiver: see docs/settings.md.")
        while True:
            done = log_stream(actor=Actor.system("streamer", channel="command"), to=to)
            stream = AuditStream.objects.get(pk=to.name)
            if done or not options["loop"]:
                self.stdout.write(f"{done} events sent to {to.name}, {stream.leaf} in all.")
            if stream.failing_since:
                self.stderr.write(f"The receiver does not take events since {stream.failing_since}: {stream.problem}.")
            if not options["loop"]:
                sys.exit(1 if stream.failing_since else 0)
            time.sleep(float(settings.LOANFLOW_SEAL_INTERVAL))
