"""``manage.py administrator_recover``: where fewer than two administrators are left, make another by two named people."""

from __future__ import annotations

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.services.recovering import administrator_recover, recovery_check
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Asks the two who stand behind it for their one-time codes, and gives the role for a month."""

    help = "Make a member of staff an administrator for a month, where fewer than two administrators can sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "handle",
            metavar="HANDLE",
            help="Who becomes an administrator; holds a role already that takes four people to give.",
        )
        parser.add_argument(
            "--by", required=True, action="append", metavar="HANDLE", help="Who stands behind it; twice."
        )
        parser.add_argument("--reason", required=True, metavar="WORDS", help="Why; stands in the log.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give the role, or say in one sentence why not."""
        try:
            recovery_check(options["handle"], options["by"])
            made = administrator_recover(
                actor=Actor.system("recovery"), handle=options["handle"], by=options["by"], reason=options["reason"],
                code_of=lambda handle: getpass(f"One-time code of {handle}: "),
            )  # fmt: skip
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        until = f"{clock.day_of(made.until):%Y-%m-%d}" if made.until else ""
        self.stdout.write(
            self.style.SUCCESS(
                f"{options['handle']} is an administrator until {until}. Make another, then give both their roles anew."
            )
        )
