"""``manage.py demo_book``: makes the demo book once, in demo mode only."""

from __future__ import annotations

import contextlib
import gc
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from apps.accounts.models import Institution
from apps.console.demo_book.book import book_make
from apps.core.errors import LoanFlowError
from apps.vault.errors import KeyFileExists
from apps.vault.keyservice.keyfile import keyfile_create


class Command(BaseCommand):
    """Fills an empty demo installation with a bank, its people and about 300 cases."""

    help = "Make the demo book: a bank, its people and about 300 cases, through the real services under a moved clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size and seed of the book."""
        parser.add_argument(
            "--share", type=Decimal, default=Decimal(1), help="1 is the whole book; 0.1 a tenth of its cases"
        )
        parser.add_argument("--seed", type=int, default=2026, help="equal seeds make equal books")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the book, with a progress bar."""
        if Institution.objects.exists():
            raise CommandError("There is an institution already; the demo book needs an empty installation.")
        with contextlib.suppress(KeyFileExists):
            keyfile_create(settings.LOANFLOW_KEY_FILE)
        _hurry()
        with tqdm(desc="Demo book", unit=" acts", disable=None) as bar:
            try:
                cases = book_make(seed=options["seed"], share=options["share"], progress=bar.update)
            except LoanFlowError as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"The demo book holds {cases} cases.")


def _hurry() -> None:
    """Let the disk lag behind and leave the collector of cycles out: whoever interrupts this begins anew."""
    gc.disable()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
