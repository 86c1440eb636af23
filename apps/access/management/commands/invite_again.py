"""``manage.py invite_again``: a new link for somebody who never enrolled."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.management.links import default_site, link_of
from apps.access.services.founding import invitation_renew
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Prints a new one-time link; refused for accounts that are enrolled."""

    help = "Make a new link for an account that never enrolled."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("handle", metavar="HANDLE")
        parser.add_argument("--site", default=default_site(), metavar="URL", help="Address that the link begins with.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link, or say in one sentence why not."""
        try:
            invited = invitation_renew(actor=Actor.system("init"), handle=options["handle"])
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(link_of(invited, options["site"]))
