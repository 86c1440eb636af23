"""Every address of the URL table: its name, its view, and its path with made-up or real arguments."""

from __future__ import annotations

import collections
import functools
import itertools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import get_converters
from django.urls.resolvers import RegexPattern
from django.utils.regex_helper import normalize

from apps.access.gate import mark_of
from apps.access.roles import ROLE_TABLE, Role
from apps.core.permissions import Permission

EXAMPLES = {
    "int": "999999999",
    "uuid": str(uuid.UUID(int=7)),
    "slug": "nothing-1",
    "str": "nothing-1",
    "path": "no/thing",
}
MACHINES = {"api"}  # answer for themselves, with 401


@dataclass(frozen=True)
class Page:
    """One address with its view; ``path`` has made-up arguments, ``names`` are what they are called."""

    name: str
    path: str
    view: Any
    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.name or self.path

    @property
    def key(self) -> str:
        """The name, with the arguments where one name has several addresses."""
        twice = _names_used()[self.name] > 1
        return f"{self.name}({', '.join(self.names)})" if twice else str(self)

    def at(self, arguments: Mapping[str, Any]) -> str:
        """The path with real arguments."""
        return reverse(self.name, kwargs=dict(arguments))


@functools.cache
def pages() -> tuple[Page, ...]:
    """Every address of the URL table, each once, without those of machines."""
    found = {page.path: page for page in _walk(get_resolver(), "", "", ())}
    return tuple(found[path] for path in sorted(found) if path.split("/")[1] not in MACHINES)


@functools.cache
def _names_used() -> collections.Counter[str]:
    return collections.Counter(page.name for page in pages())


def _walk(resolver: URLResolver, prefix: str, space: str, above: tuple[str, ...]) -> Iterator[Page]:
    for entry in resolver.url_patterns:
        path = prefix + _filled(entry)
        names = (*above, *_names(entry))
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space, names)
        elif isinstance(entry, URLPattern):
            yield Page(f"{space}{entry.name or ''}", f"/{path}", entry.callback, names)


def _names(entry: URLPattern | URLResolver) -> tuple[str, ...]:
    return tuple(entry.pattern.regex.groupindex) if hasattr(entry.pattern, "regex") else ()


def _filled(entry: URLPattern | URLResolver) -> str:
    if isinstance(entry.pattern, RegexPattern):
        return _matching(entry.pattern)
    text = str(entry.pattern)
    known = {type(converter): name for name, converter in get_converters().items()}
    for name, converter in entry.pattern.converters.items():
        kind = known.get(type(converter), "str")
        for shape in (f"<{kind}:{name}>", f"<{name}>"):
            text = text.replace(shape, EXAMPLES.get(kind, "nothing-1"))
    return text


def _matching(pattern: RegexPattern) -> str:
    """Find made-up arguments that an expression takes."""
    for shape, names in normalize(pattern.regex.pattern):
        for values in itertools.product([*EXAMPLES.values(), "post", "reject"], repeat=len(names)):
            text = shape % dict(zip(names, values, strict=True))
            if pattern.regex.search(text):
                return text
    raise AssertionError(f"no example fits {pattern}")


def open_to(page: Page, role: Role) -> bool:
    """Tell what the role table says about a page."""
    mark = mark_of(page.view)
    if isinstance(mark, str):
        return True
    borrower_outside = role == Role.BORROWER and Permission.PORTAL_USE not in mark
    return bool(ROLE_TABLE[role] & frozenset(mark)) and not borrower_outside
