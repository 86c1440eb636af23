"""Names told one after another, and labels before what they say, parted as the reader's language parts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext


def listed(names: Iterable[Any]) -> str:
    """Part names by the comma of the language: ``A, B`` and ``甲、乙``."""
    return pgettext("between the names of a list", ", ").join(str(name) for name in names)


def parted(parts: Iterable[Any]) -> str:
    """Part what may hold commas itself by the semicolon of the language."""
    return pgettext("between the parts of a sentence", "; ").join(str(part) for part in parts)


def labelled(label: Any, words: Any) -> str:
    """A label and what it says, with the colon of the language."""
    return pgettext("a label before what it says", "%(label)s: %(words)s") % {"label": label, "words": words}
