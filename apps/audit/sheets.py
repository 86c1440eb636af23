"""The files of a sheet's archive: the events, for an export in clear what was opened, the manifest, the dictionary."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apps.audit.archives import Entry, json_entry
from apps.audit.canonical import canonical
from apps.audit.dictionary import of_openings
from apps.audit.export import BOM, Tally, dictionary_of, written
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent
from apps.audit.openings import HEADINGS, Opening, Openings
from apps.audit.sampling import drawn
from apps.audit.selectors import last_number, numbers, picked, walk
from apps.core.text import sheet_cell

Events = Callable[[], Iterator[AuditEvent]]


def sheet_entries(
    order: Order, manifest: dict[str, Any], stem: str, tally: Tally, openings: Openings | None
) -> Iterator[Entry]:
    """Yield the files; ``manifest`` is whole when they are all taken."""
    events = _events(order, manifest)
    yield f"{stem}.{order.form}", written(events(), form=order.form, zone=order.zone, tally=tally)
    manifest |= {"file": f"{stem}.{order.form}", **tally.as_json()}
    if openings is not None:
        yield from _opened_entry(order, manifest, stem, openings, events)
    yield json_entry("manifest.json", manifest)
    meanings = dictionary_of(order.form) | ({"openings": of_openings(HEADINGS)} if openings is not None else {})
    yield json_entry("dictionary.json", meanings)


def _events(order: Order, manifest: dict[str, Any]) -> Events:
    """The events of an order, as often as one asks; a sample's where it wants one, which the manifest then tells of."""
    last = order.upto or last_number()
    if order.sample is None:
        return lambda: walk(order.asked, scope=order.scope, upto=last)
    sample = drawn(order.sample, numbers(order.asked, scope=order.scope, upto=order.sample.upto or last))
    manifest["sample"] = sample.as_json()
    return lambda: picked(sample.numbers, scope=order.scope)


def _opened_entry(
    order: Order, manifest: dict[str, Any], stem: str, openings: Openings, events: Events
) -> Iterator[Entry]:
    """What was opened, as a sheet beside a sheet and as lines beside lines: a workbook would lie on a disk meanwhile."""
    form, digest = ("jsonl", hashlib.sha256()) if order.form == "jsonl" else ("csv", hashlib.sha256())
    lines = openings.of(events())
    name = f"{stem}-openings.{form}"
    yield name, _hashed(_json_lines(lines) if form == "jsonl" else _sheet_lines(lines), digest)
    told = {"file": name, "sha256": digest.hexdigest(), "states": dict(openings.states), "of": len(openings.opened)}
    manifest["openings"] = told


def _hashed(pieces: Iterable[str], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in pieces:
        data = piece.encode()
        digest.update(data)
        yield data


def _json_lines(lines: Iterable[Opening]) -> Iterator[str]:
    for line in lines:
        yield canonical(dict(zip(HEADINGS, line.values(), strict=True))) + "\n"


def _sheet_lines(lines: Iterable[Opening]) -> Iterator[str]:
    yield BOM + _row(HEADINGS)
    for line in lines:
        yield _row([sheet_cell(str(value)) for value in line.values()])


def _row(values: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
