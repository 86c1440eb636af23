"""Photographs every page in every variant: `python -m tests.walks.screenshots [part of a page's name, or states …]`."""

from __future__ import annotations

import html
import logging
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from tests import databases, parts  # noqa: E402
from tests.conftest import CHROMIUM_FLAGS  # noqa: E402
from tests.walks.states import STATES, staged  # noqa: E402
from tests.walks.visits import VARIANTS, Place, Variant, Visit, context_of, furnished_site, visits  # noqa: E402

FOLDER = parts.ROOT / "var" / "screenshots"


def file_of(name: str) -> str:
    """File name of a page: ``disbursement:payments(number)`` is ``disbursement.payments-number.png``."""
    return re.sub(r"\W*\((.*)\)", r"-\1", name).replace(":", ".").replace(", ", "-").rstrip("-") + ".png"


def main(wanted: list[str]) -> int:
    """Take the pictures and write a page that shows them side by side."""
    if not parts.browser():
        sys.stderr.write(f"{parts.missing()['browser']}\n")
        return 1
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    logging.disable(logging.ERROR)  # each address that takes posts only would say so
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=parts.browser(), args=list(CHROMIUM_FLAGS))
        with furnished_site() as place:
            chosen = [stop for stop in place.stops if not wanted or any(part in stop.name for part in wanted)]
            for variant in VARIANTS:
                taken = photographed(visits(chromium, place, variant, chosen), FOLDER / variant.name)
                taken += photographed_states(chromium, place, variant, wanted)
                sys.stdout.write(f"{(FOLDER / variant.name).relative_to(parts.ROOT)}: {taken} pages\n")
        chromium.close()
    databases.remove_run()
    _side_by_side()
    return 0


def photographed(visited: Iterable[Visit], folder: Path) -> int:
    """Take a picture of each page as it stands open, whole; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for visit in visited:
        visit.page.screenshot(path=folder / file_of(visit.stop.name), full_page=True)
        names.append(visit.stop.name)
    return len(names)


def photographed_states(chromium: Browser, place: Place, variant: Variant, wanted: list[str]) -> int:
    """Take a picture of each state that a page can be in: `states` names all of them, `state-stale` one."""
    folder, taken = FOLDER / variant.name, 0
    context = context_of(chromium, place, variant)
    for state in STATES:
        name = f"state-{state.name}"
        if wanted and "states" not in wanted and not any(part in name for part in wanted):
            continue
        with staged(context, place, state) as page:
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        taken += 1
    context.close()
    return taken


def _side_by_side() -> None:
    names = sorted({file.name for variant in VARIANTS for file in (FOLDER / variant.name).glob("*.png")})
    (FOLDER / "index.html").write_text(
        "\n".join(["<!doctype html><meta charset=utf-8><title>Pages</title>", *map(_row, names)])
    )


def _row(name: str) -> str:
    pictures = [f'<img loading=lazy height=600 src="{variant.name}/{html.escape(name)}">' for variant in VARIANTS]
    return f"<h2>{html.escape(Path(name).stem)}</h2>{''.join(pictures)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
