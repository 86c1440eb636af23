"""A system check: the tables in use are those that were proved."""

from __future__ import annotations

from typing import Any

from django.core import checks

from apps.workflow.proof.kept import kept
from apps.workflow.proof.report import digest

HINT = "Run manage.py duties_prove --keep, and read what it says before you keep the change."


def check_proved(**_more: Any) -> list[checks.CheckMessage]:
    """Warn where a table was changed and nobody has counted since how few people reach payout, or a goal is missed."""
    found = kept()
    if found.tables == digest() and found.holds:
        return []
    return [checks.Warning("Separation of duties is not proved for the tables in use.", hint=HINT, id="workflow.W001")]
