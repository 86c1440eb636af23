"""``manage.py first_terms``: the first terms of an installation that was founded without them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.access.services.founding import first_terms_lay_down
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError


class Command(BaseCommand):
    """Adds what a first start lays down and this installation lacks; a second run finds nothing left to add."""

    help = "Lay down the first credit policy, conditions, products and reasons where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Lay them down, or say in one sentence why not."""
        try:
            first_terms_lay_down(actor=Actor.system("init"))
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS("Credit policy, conditions, products and reasons are there."))
