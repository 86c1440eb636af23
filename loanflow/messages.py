"""Gathers the words to translate, by Babel: bare machines have no GNU gettext. `make messages` calls it."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.extract import extract_javascript
from babel.messages.frontend import CommandLineInterface
from django.conf import settings
from django.utils.translation.template import templatize

LOCALE = Path(__file__).resolve().parent.parent / "locale"
LANGUAGE = "zh_Hans"
KEYWORDS = ("_t", "gettext_lazy", "gettext_noop", "ngettext_lazy:1,2", "pgettext_lazy:1c,2", "npgettext_lazy:1c,2,3")
PREFIX = re.compile(r"\bu(?=['\"])")


def extract_django(
    fileobj: IO[bytes], keywords: Any, comment_tags: list[str], options: dict[str, Any]
) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """Yield line, message, comments and context of every translated text of a template.

    Django turns a template into calls with quoted texts; a lexer that knows no indentation reads them.
    """
    if not settings.configured:
        settings.configure(USE_I18N=True)
    calls = PREFIX.sub("", templatize(fileobj.read().decode()))
    yield from extract_javascript(BytesIO(calls.encode()), keywords, comment_tags, {"parse_template_string": False})


def gather(template: Path) -> None:
    """Write every text of pages and code that is to be translated into a catalogue template."""
    keywords = [word for keyword in KEYWORDS for word in ("-k", keyword)]
    mapping = ["-F", str(LOCALE / "babel.cfg"), "--no-location", "--sort-output", "--no-wrap"]
    _babel("extract", *mapping, *keywords, "-o", str(template), str(LOCALE.parent))


def update(template: Path) -> None:
    """Bring the catalogue up to a template: new texts come in untranslated, texts no longer used go."""
    files = ["-D", "django", "-d", str(LOCALE), "-i", str(template), "-l", LANGUAGE]
    _babel("update", "--init-missing", "--no-wrap", "--no-fuzzy-matching", "--ignore-obsolete", *files)


def _babel(*words: str) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *words])  # type: ignore[no-untyped-call]


def main() -> int:
    """Gather and update."""
    template = LOCALE / "django.pot"
    gather(template)
    update(template)
    return 0


if __name__ == "__main__":
    sys.exit(main())
