"""Keyset paging: pages by the last row's key, never by counting and offsetting."""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from apps.core.text import parsed

RowType = TypeVar("RowType")


@dataclass(frozen=True, slots=True)
class Page(Generic[RowType]):
    """One page of rows with the cursor of the next page (``""`` when this is the last) and whether it is the first."""

    rows: Sequence[RowType]
    next_cursor: str = ""
    is_first: bool = True


def encode(key: Sequence[Any]) -> str:
    """Pack a row's sort key (JSON values) into a cursor for a URL."""
    return base64.urlsafe_b64encode(json.dumps(list(key), default=str).encode()).decode().rstrip("=")


def decode(cursor: str) -> list[Any] | None:
    """Unpack a cursor; ``None`` for an empty or damaged one, which then shows the first page."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        return None
    value = parsed(text)
    return value if isinstance(value, list) and value and all(map(_storable, value)) else None


def _storable(value: Any) -> bool:
    """Tell whether a database can compare with it: NUL and halves of characters are errors there."""
    return not isinstance(value, str) or not any(unicodedata.category(char) in {"Cc", "Cs"} for char in value)
