"""``manage.py audit_head``: the newest head, to be printed, filed and compared; and the keys that sign heads."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.models import AuditCosignature, AuditSigningKey
from apps.audit.proofs import NotSealed, newest_head
from apps.audit.signing import verifier_key


class Command(BaseCommand):
    """Prints the signed note of the newest head with its witnesses' lines."""

    help = "Print the newest head of the audit log (for paper or a pin file), or the keys that sign heads."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--key", action="store_true", help="print the signing keys, oldest first, and stop")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print."""
        if options["key"]:
            for row in AuditSigningKey.objects.order_by("pk"):
                self.stdout.write(verifier_key(row).text())
            return
        try:
            head = newest_head()
        except NotSealed as problem:
            raise CommandError("Nothing has been sealed yet: run audit_seal.") from problem
        lines = AuditCosignature.objects.filter(head=head.pk).order_by("witness").values_list("line", flat=True)
        self.stdout.write(head.note + "".join(lines), ending="")
