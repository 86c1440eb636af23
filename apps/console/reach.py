"""Who reaches what: the table of every address × role × class of object, as a walk through the whole product found it.

``make matrix`` walks and writes ``reach.json``; tests walk a part of it at each run and compare. Nothing is worked out while
somebody waits for a page. A cell holds two letters, for looking (GET) and for sending (POST).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

FILE = Path(__file__).with_name("reach.json")
MADE_UP = re.compile(r"(?<=[/.])(?:nothing-[^/.]*|9{6,}|0{8}-[-0-9]+)(?=[/.]|$)")
"""Arguments of a walked path that name nothing."""
CLASSES: dict[str, Any] = {
    "page": _("no object"), "own": _("own branch"), "other": _("another branch"), "assigned": _("assigned"), "shared": _("shared"),
    "delegated": _("delegated"), "frozen": _("frozen"), "business": _("own business"), "blocked": _("kept off"),
}  # fmt: skip
"""How somebody stands to the object that an address is about; ``page`` for addresses about none."""
ANSWERS: dict[str, Any] = {
    "o": _("the page opens, or what is sent is done"), "a": _("asks for more, or says what stands in the way"),
    "f": _("says that the person may not"), "h": _("as if it were not there"),
    "n": _("no such request"), "-": _("cannot be"),
}  # fmt: skip
"""What a letter of a cell says."""


SHORT: dict[str, Any] = {
    "o": _("opens"), "a": _("asks"),
    "f": _("refused"), "h": _("hidden"),
    "n": _("none"), "-": "–",
}  # fmt: skip
"""The same in a word, for the cells of the page."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address: its name, its path with made-up arguments, what it demands, and its cells: role → class → letters."""

    name: str
    path: str
    demands: tuple[str, ...]
    step_up: bool
    cells: Mapping[str, Mapping[str, str]]

    @property
    def shown(self) -> str:
        """The path for people: ``/applications/…/accept/``."""
        return MADE_UP.sub("…", self.path)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of objects that it is about."""
        found = {name for cells in self.cells.values() for name in cells}
        return tuple(name for name in CLASSES if name in found)


def as_json(found: Mapping[str, Address]) -> str:
    """Write addresses, a line each, so that a change shows as what it is."""
    lines = [
        json.dumps([name, each.path, list(each.demands), each.step_up, packed(each)], ensure_ascii=False)
        for name, each in sorted(found.items())
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def packed(address: Address) -> dict[str, str]:
    """Cells of an address by role, as one text: ``own:oo other:hh``."""
    return {
        role: " ".join(f"{name}:{text}" for name, text in cells.items())
        for role, cells in sorted(address.cells.items())
    }


def read(file: Path = FILE) -> dict[str, Address]:
    """Read the kept table, by name of the address."""
    rows = json.loads(file.read_text()) if file.exists() else []
    return {
        row[0]: Address(row[0], row[1], tuple(row[2]), row[3], {role: _cells(text) for role, text in row[4].items()})
        for row in rows
    }


@functools.cache
def kept() -> dict[str, Address]:
    """The table that came with this program; read once."""
    return read()


def _cells(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


def matching(*, words: str = "", role: str = "", kind: str = "", reached: bool = False) -> Iterator[Address]:
    """Addresses whose name, path or demands hold some words, that are about a class of objects, and that a role reaches if wanted."""
    wanted = words.casefold()
    for each in kept().values():
        text = f"{each.name} {each.path} {' '.join(each.demands)}".casefold()
        if wanted in text and (not kind or kind in each.classes) and (not reached or _reaches(each, role, kind)):
            yield each


def _reaches(address: Address, role: str, kind: str) -> bool:
    cells = address.cells.get(role, {})
    return any("o" in text or "a" in text for name, text in cells.items() if not kind or name == kind)
