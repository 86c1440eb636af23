"""Where a session is used from: a network and a kind of device, and what follows when they change while it is open.

A factor proves that its owner was at one place with one browser. From elsewhere it counts for nothing that asks for a
fresh one until it is proved there (``step_up``), or the session ends (``sign_in``), as the institution has set it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.accounts.devices import described

WIDTHS = {4: 24, 6: 48}
"""Bits of an address that name a network: a telephone that changes its address there stays where it is."""
KIND_LENGTH = 40


class Answer(StrEnum):
    """What follows from a change: it is recorded, asks for a factor before anything powerful, or ends the session."""

    NOTE = "note"
    STEP_UP = "step_up"
    SIGN_IN = "sign_in"


SEVERITY = tuple(Answer)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A network such as ``192.0.2.0/24`` and a kind of device such as ``Firefox · Windows``; empty where unknown."""

    network: str = ""
    device: str = ""

    @classmethod
    def of(cls, address: str, agent: str) -> Whereabouts:
        """Whereabouts of a request, by its address and the browser's description of itself."""
        return cls(network_of(address), described(agent)[:KIND_LENGTH])

    def changes(self, before: Whereabouts) -> tuple[str, ...]:
        """What differs from ``before``: ``network``, ``device``; what was not known then cannot differ."""
        return tuple(
            name for name in ("network", "device")
            if getattr(before, name) and getattr(before, name) != getattr(self, name)
        )  # fmt: skip


def network_of(address: str) -> str:
    """Network of an address; ``""`` for what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((found, WIDTHS[found.version]), strict=False))


def answer_to(changes: Iterable[str], policy: Mapping[str, str]) -> Answer | None:
    """The strictest answer that a policy, by what has changed, gives; ``None`` where nothing has."""
    answers = [Answer(policy[each]) for each in changes]
    return max(answers, key=SEVERITY.index) if answers else None
