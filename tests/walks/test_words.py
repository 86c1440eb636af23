"""Every word of every page goes through the catalogue: pages are drawn in a made-up language, and what is not of it stands out.

The made-up language puts brackets around each translated text. What remains outside of brackets must be data of the database
or one of the few names that are the same in every language; anything else is a string that no translator will ever see.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import caches
from django.test import Client
from django.utils import translation

from apps.core.permissions import Permission
from apps.vault.errors import CannotOpen
from apps.vault.fields.base import EncryptedField
from apps.workflow.process import Event
from tests.walks.test_queries import clients, looks
from tests.walks.world import World

__all__ = ["clients"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.unrecorded, pytest.mark.once]

OPEN, SHUT = "⟦", "⟧"
WORD = re.compile(r"[A-Za-z]*[a-z][A-Za-z]*[a-z][A-Za-z]*")
NO_WORDS = re.compile(r"\S*••\S*|\b[0-9a-f]{16,}(?:\.[a-z]+)?\b|\S+…")
"""What is masked, a fingerprint or a file named by one, or cut short."""
PIECEWISE = {"applications:versions"}
"""Pages that take data apart, word by word, to show what differs."""
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-kept", "data-away")
SILENT = {"script", "style", "code", "kbd", "svg", "pre", "samp", "time", "option"}
SAME = {
    "LoanFlow", "English", "CSV", "JSON", "PDF", "Ctrl", "Esc", "Tab", "kB", "MB", "Merkle", "SHA", "TOTP", "OCSF", "Fineract",
}  # fmt: skip
"""Names that are the same in every language; languages are named in their own."""


CODES = {each.value for each in (*Permission, *Event)} | {f"task:{name}" for name in ("decision_review", "list")}
"""Codes that stand beside their words, for those who read the process or the log closely."""


class Words(HTMLParser):
    """Gathers what a page shows outside of the made-up language's brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bare: list[str] = []
        self._depth = 0
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the texts among an element's attributes."""
        if tag in SILENT:
            self._silent.append(tag)
        named = dict(attrs)
        if tag == "input" and named.get("type") in {"submit", "button"}:
            self._look(named.get("value") or "")
        for name in SHOWN:
            self._look(named.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        """Look at a text; brackets may open in one and shut in another."""
        outside, self._depth = outside_of(data, self._depth)
        if not self._silent and outside.strip():
            self.bare.append(outside.strip())

    def _look(self, text: str) -> None:
        outside, _depth = outside_of(text, 0)
        if outside.strip():
            self.bare.append(outside.strip())


def outside_of(text: str, depth: int) -> tuple[str, int]:
    """What of a text stands outside of brackets, and how deep it ends."""
    kept = []
    for char in text:
        if char == SHUT:
            depth = max(0, depth - 1)
        elif char == OPEN:
            depth += 1
        elif depth == 0:
            kept.append(char)
    return "".join(kept), depth


def strange(bare: str, data: list[str], known: set[str]) -> list[str]:
    """Words that are neither data nor the same in every language."""
    bare = NO_WORDS.sub(" ", bare).strip()
    if bare in known or not WORD.search(bare):
        return []
    for text in data:
        if text in bare:
            bare = bare.replace(text, " ")
    return [word for word in WORD.findall(bare) if word not in SAME]


def data_of() -> Iterator[str]:
    """Every text in the database, opened where it is sealed."""
    for model in apps.get_models():
        if model.__module__.startswith(("apps.", "django.contrib.auth")) and model._meta.managed:
            for row in model._default_manager.all()[:2000]:
                for field in model._meta.concrete_fields:
                    yield from _texts(_value(row, field))


def _value(row: Any, field: Any) -> Any:
    value = getattr(row, field.attname)
    if not isinstance(field, EncryptedField):
        return value
    try:
        return value.reveal() if value else ""
    except CannotOpen:
        return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (value, *value.split("\n"))
        if value.startswith(("{", "[")):
            yield from _inside(value)
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(_texts(each) for each in (*value.keys(), *value.values()))
    elif isinstance(value, (list, tuple)):
        yield from itertools.chain.from_iterable(_texts(each) for each in value)


def _inside(text: str) -> Iterator[str]:
    try:
        yield from _texts(json.loads(text))
    except ValueError:
        return


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak the made-up language; what was drawn in another is forgotten, and what is drawn now as well."""
    with translation.override("en"):
        translation.gettext("")
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(translation._trans, name, _bracketed(getattr(translation._trans, name)))
    caches["template_fragments"].clear()
    yield
    caches["template_fragments"].clear()


def _bracketed(plain: Callable[..., str]) -> Callable[..., str]:
    def told(*args: Any) -> str:
        text = plain(*args)
        return f"{OPEN}{text}{SHUT}" if text.strip() else text

    return told


def test_every_word_of_every_page_goes_through_the_catalogue(
    world: World, clients: dict[tuple[str, str], Client], made_up: None
) -> None:
    known = {text.strip() for text in data_of() if len(text.strip()) > 1} | CODES
    pieces = {word for text in known for word in WORD.findall(text)}
    data = sorted((text for text in known if len(text) > 3), key=len, reverse=True)
    found: dict[str, set[str]] = {}
    for look in looks(world):
        answer = clients[look.seat].get(look.address)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        reader = Words()
        reader.feed(answer.content.decode())
        for bare in reader.bare:
            words = strange(bare, data, known)
            if words and not (look.page.key in PIECEWISE and pieces.issuperset(WORD.findall(bare))):
                found.setdefault(f"{' '.join(words)} in {bare[:80]!r}", set()).add(look.page.key)
    assert found == {}


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        ("<p>⟦Told⟧</p>", []),
        ("<p>Not told</p>", ["Not told"]),
        ("<p>⟦See <a>the list</a> first⟧ here</p>", ["here"]),
        ('<a title="Left out">⟦Go⟧</a>', ["Left out"]),
        ("<p>⟦Hello ⟦you⟧ there⟧</p>", []),
        ("<script>let word = 1</script>", []),
    ],
)
def test_what_stands_outside_of_brackets_is_found(html: str, bare: list[str]) -> None:
    reader = Words()
    reader.feed(html)
    assert reader.bare == bare
