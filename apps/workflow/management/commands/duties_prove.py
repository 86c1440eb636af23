"""Proves how few people who work together bring a case to payout, on the tables that the product itself obeys."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from apps.core import clock
from apps.workflow.proof.kept import keep
from apps.workflow.proof.report import DELEGATIONS, GOAL, GOAL_WITH_DELEGATION, Figure, Proof, prove


class Command(BaseCommand):
    """Searches every way of the process, with what administration and delegation add; needs no database."""

    help = "Prove the least number of colluding people who reach payout. Fails where it is below the goal."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the format."""
        parser.add_argument("--keep", action="store_true", help="write the result where its page reads it")
        parser.add_argument("--json", action="store_true", help="print the result for machines, in a stable format")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures and the ways; exit with 1 where a goal is missed."""
        proof = prove()
        if options["keep"]:
            keep(proof, clock.now().date())
        with override("en"):
            self.stdout.write(json.dumps(proof.plain(), indent=2) if options["json"] else _text(proof))
        if not proof.holds:
            raise CommandError(
                f"Too few people reach payout: the goal is {GOAL}, and {GOAL_WITH_DELEGATION} with a delegation."
            )


def _text(proof: Proof) -> str:
    least, with_delegation = proof.least, proof.least_with_delegation
    lines = [
        f"least_people: {least.people} (goal {GOAL})",
        f"least_people_with_delegation: {with_delegation.people} (goal {GOAL_WITH_DELEGATION})",
        f"tables: {proof.tables}", "",
        *map(_figure, proof.figures), "",
        f"The shortest way of {least.people} people:", *_numbered(least), "",
        f"The shortest way of {with_delegation.people} people with a delegation:", *_numbered(with_delegation),
    ]  # fmt: skip
    return "\n".join(lines)


def _figure(figure: Figure) -> str:
    setting = figure.setting
    words = [
        "secured" if setting.secured else "unsecured",
        "verifier may review" if setting.verifier_reviews else "all duties apart",
        str(DELEGATIONS[setting.delegation]),
        *([] if setting.administration else ["nobody is invited or empowered"]),
    ]
    return f"  {figure.people}  {'' if figure.holds else 'MISSED  '}{', '.join(words)}"


def _numbered(figure: Figure) -> list[str]:
    return [f"  {number:2}. {line}" for number, line in enumerate(figure.path, start=1)]
