"""`manage.py bank_answers FILE`: takes the bank's answers to payment orders from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.disbursement.services.answering import LineResult, Outcome, bank_answers_take


class Command(BaseCommand):
    """Ends with 1 when a line was not taken, naming each; the same file may be given again."""

    help = "Take the bank's answers from a CSV file (end_to_end_id,status,value_on,bank_reference)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        """Take the lines and say what became of them."""
        try:
            results = bank_answers_take(actor=Actor.system("bank"), content=file.read_bytes())
        except (OSError, BadInput) as error:
            raise CommandError(str(error)) from error
        refused = [each for each in results if each.outcome is Outcome.REFUSED]
        for each in refused:
            self.stderr.write(_line(each))
        counts = {outcome: sum(each.outcome is outcome for each in results) for outcome in Outcome}
        self.stdout.write(", ".join(f"{count} {outcome.value}" for outcome, count in counts.items()))
        if refused:
            raise CommandError(f"{len(refused)} lines were not taken.")


def _line(result: LineResult) -> str:
    return f"line {result.answer.line}, order {result.answer.end_to_end_id or '–'}: {result.words}"
