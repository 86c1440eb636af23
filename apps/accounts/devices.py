"""Words for a browser's own description of itself, enough to recognise one's devices. Nothing is decided by it but whether its owner is told."""

from __future__ import annotations

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def described(agent: str) -> str:
    """Turn a user agent into words such as ``Firefox · Windows``; its first 40 characters when it is unknown."""
    found = [_first(agent, BROWSERS), _first(agent, SYSTEMS)]
    return " · ".join(filter(None, found)) or agent[:40]


def _first(agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((words for mark, words in known if mark in agent), "")
