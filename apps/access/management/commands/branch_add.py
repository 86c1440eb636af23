"""``manage.py branch_add``: open a branch."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access.services.places import branch_open
from apps.accounts.models import Branch
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Opens a branch, recorded as the system actor of branches."""

    help = "Open a branch."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("code", metavar="CODE", help="1 to 12 capital letters, digits or hyphens.")
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--parent", metavar="CODE", default="", help="Code of the branch above.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it, or say in one sentence why not."""
        parent = Branch.objects.filter(code=options["parent"]).first() if options["parent"] else None
        if options["parent"] and parent is None:
            raise CommandError(f"There is no branch {options['parent']}.")
        try:
            branch = branch_open(
                actor=Actor.system("branches"), code=options["code"], name=options["name"], parent=parent
            )
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"Branch {branch.code} is open ({branch.path})."))
