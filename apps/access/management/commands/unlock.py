"""``manage.py unlock``: lift a lock-out where no administrator can sign in to do it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.services.people import staff_unlock
from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Lets a locked-out account try again at once, recorded as the system actor of unlocking."""

    help = "Lift the lock-out of an account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("handle", metavar="HANDLE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Lift it, or say in one sentence why not."""
        account = Account.objects.select_related("person").filter(handle=options["handle"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['handle']}.")
        try:
            staff_unlock(actor=Actor.system("unlock"), account=account)
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{account.handle} may try again."))
