"""Labels and lists with the marks of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext


def colon() -> str:
    """What stands between a label and its words: ``": "``, and ``"："`` in Chinese."""
    return pgettext("after a label", ": ")


def labelled(label: Any, words: Any) -> str:
    """``Phone: 0531``."""
    return f"{label}{colon()}{words}"


def listed(words: Iterable[Any]) -> str:
    """``Purpose, Amount``; in Chinese with ``、``."""
    return pgettext("between the words of a list", ", ").join(str(word) for word in words)
