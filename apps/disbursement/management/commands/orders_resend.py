"""`manage.py orders_resend`: sends released orders that no worker has sent, for instance after a crash."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.core.actor import Actor
from apps.disbursement.services.sending import orders_resend


class Command(BaseCommand):
    """Says for each order whether it was sent or what stopped it; the task worker does the same by itself."""

    help = "Send released payment orders that were never sent."

    def handle(self, **options: Any) -> None:
        """Send what waits."""
        for order, problem in orders_resend(actor=Actor.system("payments")):
            self.stdout.write(f"{order.end_to_end_id}: {problem or 'sent'}")
