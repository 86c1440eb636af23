"""Finds the few files of the front-end packages that pages load, and leaves the rest of node_modules alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core import checks
from django.core.files.storage import FileSystemStorage

# what a page asks for under STATIC_URL -> where the package keeps it under node_modules
PUBLISHED = {
    "tabler/tabler.min.css": ".pruned/tabler.min.css",  # what pages use of it: purgecss.config.cjs
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "tabler/tabler.min.js.map": "@tabler/core/dist/js/tabler.min.js.map",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "chart/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "chart/chart.umd.min.js.map": "chart.js/dist/chart.umd.min.js.map",
}


class FrontEndFinder(BaseFinder):
    """Offers the published files of node_modules to `collectstatic` and to the development server."""

    def __init__(self, app_names: list[str] | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.root = Path(settings.NODE_MODULES)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Report front-end files that set-up has not installed."""
        missing = [source for source in PUBLISHED.values() if not (self.root / source).exists()]
        if not missing:
            return []
        return [
            checks.Warning(
                "Front-end packages are missing.", hint="Run `make setup`.", obj=missing[0], id="loanflow.W001"
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the file behind a static path; an empty list where this finder has none."""
        source = PUBLISHED.get(path)
        if source is None or not (self.root / source).exists():
            return []
        found = str(self.root / source)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, "PublishedStorage"]]:
        """Yield every published file that is installed, with the storage that opens it."""
        storage = PublishedStorage(location=self.root)
        for path, source in PUBLISHED.items():
            if (self.root / source).exists():
                yield path, storage


class PublishedStorage(FileSystemStorage):
    """Opens a published file by the name a page uses for it."""

    def path(self, name: str) -> str:
        """Return the place of the published file on disk."""
        return super().path(PUBLISHED.get(name, name))
