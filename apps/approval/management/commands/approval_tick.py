"""Does what time does to approvals: offers that are over lapse, memos that no longer fit their case are frozen anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.approval.services import memos_refresh, offers_lapse
from apps.core.actor import Actor


class Command(BaseCommand):
    """Run it once a day or oftener; a second run finds nothing left to do."""

    help = "Lapse offers that are over, and freeze memos anew whose case has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do both and say how many."""
        actor = Actor.system("clock")
        self.stdout.write(f"offers lapsed: {offers_lapse(actor)}")
        self.stdout.write(f"memos frozen anew: {memos_refresh(actor)}")
