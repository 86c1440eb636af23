"""What a head says (c2sp.org/tlog-checkpoint, with lines of our own): pure; docs/audit.md describes each line."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Iterable

from apps.audit.canonical import moment
from apps.audit.notes import BadNote
from apps.audit.tree.hashing import EMPTY_ROOT, HASH_BYTES
from apps.audit.tree.objects import EMPTY

NO_NUMBERS = bytes(HASH_BYTES)
UNKNOWN = "unknown"
SHAPE = re.compile(
    r"(?P<origin>[^\n+\s]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[^\n]+)\nmap (?P<map>[^\n]+)\n"
    r"numbers (?P<numbers>[^\n]+)\ntime (?P<time>[^\n]+)\nclock (?P<clock>unknown|[+-][0-9]+\.[0-9]{6})\n"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """A head: ``offset`` is how far the host's clock was from the synchronised time, in microseconds; ``None``: unknown."""

    origin: str
    size: int
    root: bytes
    map_root: bytes
    numbers: bytes
    at: dt.datetime
    offset: int | None = None

    def text(self) -> str:
        """The text that is signed."""
        return (
            f"{self.origin}\n{self.size}\n{_encoded(self.root)}\nmap {_encoded(self.map_root)}\n"
            f"numbers {_encoded(self.numbers)}\ntime {moment(self.at)}\nclock {seconds_text(self.offset)}\n"
        )

    @classmethod
    def parsed(cls, text: str) -> Head:
        """Read a head's text; raises ``BadNote`` unless it is spelled as ``text`` spells it."""
        found = SHAPE.fullmatch(text)
        if found is None:
            raise BadNote("this is not the text of a head")
        head = cls(
            found["origin"],
            int(found["size"]),
            _decoded(found["root"]),
            _decoded(found["map"]),
            _decoded(found["numbers"]),
            _moment(found["time"]),
            None if found["clock"] == UNKNOWN else round(float(found["clock"]) * 1_000_000),
        )
        if head.text() != text:
            raise BadNote("a head is spelled in one way")
        return head


def first(origin: str, at: dt.datetime) -> Head:
    """The head of nothing, from which the first sealing goes on."""
    return Head(origin, 0, EMPTY_ROOT, EMPTY, NO_NUMBERS, at)


def origin_of(public: bytes) -> str:
    """Name of a log by the first key that ever signed for it."""
    return f"loanflow/{hashlib.sha256(b'loanflow/log-origin/v1' + bytes(1) + public).hexdigest()[:16]}"


def numbered(numbers: bytes, event: int) -> bytes:
    """Carry the digest of event numbers on by one: SHA-256 of the digest before and the number in eight bytes."""
    return numbered_on(numbers, (event,))


def numbered_on(numbers: bytes, events: Iterable[int]) -> bytes:
    """Carry it on by several."""
    sha256 = hashlib.sha256
    for event in events:
        numbers = sha256(numbers + event.to_bytes(8)).digest()
    return numbers


def seconds_text(offset: int | None) -> str:
    """An offset in seconds with its sign."""
    return UNKNOWN if offset is None else f"{'-' if offset < 0 else '+'}{abs(offset) // 10**6}.{abs(offset) % 10**6:06}"


def _moment(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadNote("this is not a moment") from None


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("this is not base64") from None
    if len(value) != HASH_BYTES:
        raise BadNote(f"a hash has {HASH_BYTES} bytes")
    return value
