"""``manage.py signoffs_verify [--json]``: check every signature under an approval or a release again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.approval.selectors.signoffs import signoffs_checked


class Command(BaseCommand):
    """Says how many signatures of each class hold, and names those that do not; then it fails."""

    help = "Check every stored signature: its words, its proof, and what the log says of both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--json``."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check all, print what was found, and raise where one does not hold."""
        held, broken = Counter[str](), dict[str, list[str]]()
        for checked in tqdm(signoffs_checked(), unit=" signatures", disable=options["json"], leave=False):
            if checked.flaws:
                broken[checked.reference] = list(checked.flaws)
            else:
                held[checked.factor_class] += 1
        if options["json"]:
            self.stdout.write(json.dumps({"hold": dict(held), "broken": broken}, sort_keys=True))
        else:
            self.stdout.write(f"{held['A']} signatures of class A (passkey) hold, {held['B']} of class B (code).")
        if broken:
            names = "; ".join(f"{name}: {', '.join(flaws)}" for name, flaws in broken.items())
            raise CommandError(f"{len(broken)} signatures do not hold: {names}")
