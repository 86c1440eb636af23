"""``manage.py harden_database``: makes the roles of owner, application and sealer on PostgreSQL, and their grants."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from apps.audit.locks.roles import Roles, Step, StrangeFunctions, steps

NEXT = """Give the roles their passwords (\\password in psql) and use them:
  {owner}: manage.py migrate, then manage.py harden_database again
  {app}: web servers and task workers
  {sealer}: manage.py audit_seal --loop, as a service of its own"""
STRANGE = "the schema holds functions that are none of this application's: {}. Find out who made them, and drop them."
NO_ROLES = "SQLite has no roles: whoever may write its file may do anything to it, so verification, journal and pins must tell."


class Command(BaseCommand):
    """Does what is left to do, in one transaction, and says so; a second run finds nothing."""

    help = "Make the roles that own, use and seal the database on PostgreSQL, and take every other right away."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="print the SQL and do nothing")
        for name in ("owner", "app", "sealer"):
            default = getattr(Roles(), name)
            parser.add_argument(f"--{name}", default=default, metavar="ROLE", help=f"name of that role ({default})")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Find what is left, do it, print it."""
        if connection.vendor != "postgresql":
            self.stdout.write(NO_ROLES)
            return
        roles = Roles(options["owner"], options["app"], options["sealer"])
        try:
            left = steps(roles)
        except StrangeFunctions as problem:
            raise CommandError(f"Nothing was done: {STRANGE.format(problem)}") from problem
        if options["dry_run"]:
            self.stdout.write("\n".join(f"{step.sql};" for step in left) or "-- nothing to do")
            return
        self._do(left)
        for step in left:
            self.stdout.write(f"{step.words}.")
        self.stdout.write(
            f"{len(left)} things put right." if left else "Nothing to do: roles and grants are as they should be."
        )
        if left:
            self.stdout.write(NEXT.format(owner=roles.owner, app=roles.app, sealer=roles.sealer))

    def _do(self, left: list[Step]) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for step in left:
                    cursor.execute(step.sql)
        except DatabaseError as problem:
            raise CommandError(
                f"Nothing was done: {problem}. Connect as a superuser the first time, later as the owner."
            ) from problem
