"""Writes docs/process.svg and docs/process.md from the process table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.console.process_docs import as_markdown, as_svg


class Command(BaseCommand):
    """Draws the process for docs/."""

    help = "Draw docs/process.svg and docs/process.md from the process table."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both files."""
        folder = Path(settings.BASE_DIR) / "docs"
        for name, text in {"process.svg": as_svg(), "process.md": as_markdown()}.items():
            (folder / name).write_text(text)
            self.stdout.write(f"docs/{name}")
