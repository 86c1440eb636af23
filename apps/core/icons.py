"""Line icons of the front-end packages, read once and drawn inline: no font to load, nothing for a strict CSP to refuse."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = Path("@tabler/icons/icons/outline")
NAME = re.compile(r"[a-z0-9-]+")
GROUND = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


@cache
def paths_of(name: str) -> str:
    """Return what stands inside the ``svg`` element of an icon; ``""`` where set-up has installed no icons.

    Raises ``ValueError`` for a name that could leave the folder.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an icon")
    file = Path(settings.NODE_MODULES) / FOLDER / f"{name}.svg"
    if not file.exists():
        return ""
    inside = file.read_text().partition(">")[2].rpartition("</svg>")[0]
    return " ".join(inside.replace(GROUND, "").split())
