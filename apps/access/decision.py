"""The answer of ``can()``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not; if not, which guard refused, why in a sentence, and which roles could."""

    allowed: bool
    guard: str = ""
    message: Any = ""
    who_can: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(True)
