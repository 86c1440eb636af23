"""``manage.py init``: a first start that is no demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.management.links import default_site, link_of
from apps.access.services.founding import Founding, founding_check, institution_found
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.core.packs import PACKS
from apps.vault.errors import KeyFileExists
from apps.vault.keyservice.current import LOCAL, key_service
from apps.vault.keyservice.keyfile import keyfile_create


class Command(BaseCommand):
    """Makes database, key file, institution, first terms and administrators; prints each administrator's one-time link."""

    help = "Make the institution of this installation, its key file and at least two administrators."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--institution", required=True, metavar="NAME", help="Name of the bank or lending company.")
        parser.add_argument("--pack", required=True, choices=sorted(PACKS), help="Jurisdiction.")
        parser.add_argument(
            "--admin", required=True, action="append", metavar="MAIL", help="An administrator; twice or more."
        )
        parser.add_argument("--site", default=default_site(), metavar="URL", help="Address that the links begin with.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make everything, or say in one sentence why not."""
        plan = Founding(options["institution"], options["pack"], options["admin"])
        call_command("migrate", verbosity=0, interactive=False)
        try:
            founding_check(plan)
            self._key_file()
            made = institution_found(actor=Actor.system("init"), plan=plan)
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            self.style.SUCCESS(f"{plan.name} is made. Give each administrator their link; it works once, for 24 hours:")
        )
        for invited in made:
            self.stdout.write(f"{invited.account.handle}  {link_of(invited, options['site'])}")
        self.stdout.write(
            "A first credit policy, conditions, products and reasons are laid down; replace them by your own."
        )

    def _key_file(self) -> None:
        """Make the key file; one left by a first start that failed is used, as the database holds no keys yet."""
        if settings.LOANFLOW_KEY_SERVICE != LOCAL:
            self.stdout.write(f"Keys are wrapped under {key_service().active()} at {key_service().place}.")
            return
        try:
            keyfile_create(settings.LOANFLOW_KEY_FILE)
        except KeyFileExists:
            self.stdout.write(f"The key file {settings.LOANFLOW_KEY_FILE} was there already and is used.")
        else:
            self.stdout.write(
                f"Key file made: {settings.LOANFLOW_KEY_FILE}. Keep a copy apart from the database's backups."
            )
