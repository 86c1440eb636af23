"""Plain stand-ins for objects of upper floors, as far as ``can()`` looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar


@dataclass
class Thing:
    """Something that belongs to a branch and a borrower, or to a case that does."""

    branch_id: int | None = None
    borrower_id: int | None = None
    case: Any = None
    _meta: ClassVar[Any] = SimpleNamespace(label="tests.Thing")


@dataclass
class Business:
    """Something that passes for a borrower."""

    pk: int
    branch_id: int
    _meta: ClassVar[Any] = SimpleNamespace(label="borrowers.Borrower")
