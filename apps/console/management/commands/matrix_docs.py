"""Writes docs/matrix.md from the table of who reaches what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.console.reach_docs import as_markdown


class Command(BaseCommand):
    """Writes the matrix for docs/."""

    help = "Write docs/matrix.md from apps/console/reach.json, which make matrix walks."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        (Path(settings.BASE_DIR) / "docs" / "matrix.md").write_text(as_markdown())
        self.stdout.write("docs/matrix.md")
