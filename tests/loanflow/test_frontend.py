"""The published files of the front-end packages, and nothing else of them, can be found."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from loanflow.frontend import PUBLISHED, FrontEndFinder


@pytest.mark.parametrize("path", PUBLISHED)
def test_every_published_file_is_installed(path: str) -> None:
    assert finders.find(path) == str(Path(settings.NODE_MODULES) / PUBLISHED[path])


def test_collecting_opens_each_file_under_its_page_name() -> None:
    found = dict(FrontEndFinder().list(None))
    assert set(found) == set(PUBLISHED)
    for path, storage in found.items():
        with storage.open(path) as file:
            assert file.read(1)


@pytest.mark.parametrize("path", ["@tabler/core/package.json", "tabler/../../package.json", "axe-core/axe.min.js"])
def test_the_rest_of_node_modules_is_out_of_reach(path: str) -> None:
    assert FrontEndFinder().find(path) == []


def test_every_tone_and_level_of_a_page_has_kept_its_colours() -> None:
    sheet = Path(str(finders.find("tabler/tabler.min.css"))).read_text()
    tones = [f"bg-{tone}-lt" for tone in ("green", "red", "orange", "yellow", "blue", "azure", "secondary")]
    levels = [f"alert-{level}" for level in ("info", "success", "warning", "danger")]
    assert [name for name in (*tones, *levels) if f".{name}" not in sheet] == []


def test_missing_packages_are_reported_with_the_remedy(tmp_path: Path) -> None:
    finder = FrontEndFinder()
    assert finder.check() == []
    finder.root = tmp_path
    [message] = finder.check()
    assert message.hint == "Run `make setup`."
    assert finder.find("htmx/htmx.min.js") == []
    assert list(finder.list(None)) == []


def test_find_all_returns_a_list() -> None:
    assert len(FrontEndFinder().find("htmx/htmx.min.js", find_all=True)) == 1
