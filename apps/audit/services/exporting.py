"""Exports: written to a temporary file, recorded with their manifest, and only then handed out."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Collection, Iterator
from typing import IO, Any

from apps.audit.archives import Entry, archive_pieces, json_entry
from apps.audit.body import Purpose
from apps.audit.export import FORMATS, Tally, dictionary_of, written
from apps.audit.manifest import Order, manifest_of
from apps.audit.models import AuditEvent, AuditHead
from apps.audit.recipients import enveloped, pieces_of
from apps.audit.sampling import drawn
from apps.audit.selectors import EventFilter, Scope, last_number, walk
from apps.audit.services.bundling import bundle_made
from apps.audit.services.recording import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor

SPOOLED = 1 << 20
BUNDLE = "bundle"
FORMS = (*FORMATS, BUNDLE)
NOT_RECORDED = {"head"}
"""The log need not hold its own heads; each export's file does."""
OUTSIDE = ("format", "requester", "made_at", "second_person", "in_clear")
"""What the outer record of an encrypted export says besides its recipient: neither filter nor purpose."""
Progress = Callable[[int], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Export:
    """A finished export: a ZIP file with the events and ``manifest.json``, open at its start; closing it removes it."""

    file: IO[bytes]
    name: str
    manifest: dict[str, Any]


def log_export(
    *, actor: Actor, asked: EventFilter, scope: Scope, form: str, purpose: Purpose, zone: str = "UTC"
) -> Export:
    """Export events as ``csv``, ``jsonl``, ``xlsx`` or ``bundle``; the caller has checked permission and the factor's age.

    The export holds everything up to the last event at its beginning. Raises ``BadInput`` for an unknown format or zone,
    or without a purpose. Written outside any transaction, which a long export would hold open against all writers.
    """
    return export_made(Order(asked, scope, form, purpose, zone), actor=actor)


def export_made(order: Order, *, actor: Actor, since: Collection[int] = (), progress: Progress | None = None) -> Export:
    """Make and record an export; ``since``: see ``bundle_made``; ``progress`` is told how many more events are written."""
    made = export_written(order, actor=actor, since=since, progress=progress)
    export_noted(order, made, actor=actor)
    return made


def export_written(
    order: Order, *, actor: Actor, since: Collection[int] = (), progress: Progress | None = None
) -> Export:
    """Write an export that nobody may have before ``export_noted`` has put it on record; encrypted where it has a recipient."""
    order.refuse_nonsense(FORMS)
    stem = f"audit-{clock.now():%Y%m%d-%H%M%S}"
    if order.form == BUNDLE:
        stem = f"{stem}-evidence"
        file, manifest = bundle_made(order, actor, since=since, progress=progress)
        pieces = pieces_of(file)
    else:
        manifest = manifest_of(order, actor, AuditHead.objects.order_by("-pk").first())
        pieces = archive_pieces(_entries(order, manifest, stem, progress))
        file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the caller closes it
    if order.recipient:
        said = {name: manifest[name] for name in OUTSIDE if name in manifest}
        file, record = enveloped(order.recipient, f"{stem}.zip", pieces, said)
        return Export(file, f"{stem}-encrypted.zip", {**manifest, "encrypted": record})
    if order.form != BUNDLE:
        file.writelines(pieces)
        file.seek(0)
    return Export(file, f"{stem}.zip", manifest)


def export_noted(order: Order, made: Export, *, actor: Actor) -> None:
    """Put an export on record."""
    note = {name: value for name, value in made.manifest.items() if name not in NOT_RECORDED}
    record_read(Tag.LOG_EXPORTED, actor=actor, purpose=order.purpose, note=note)


def _entries(order: Order, manifest: dict[str, Any], stem: str, progress: Progress | None) -> Iterator[Entry]:
    """The files of a sheet's archive; ``manifest`` is whole when they are all taken."""
    tally = Tally(progress)
    events = _events(order, manifest)
    yield f"{stem}.{order.form}", written(events, form=order.form, zone=order.zone, tally=tally)
    manifest |= {"file": f"{stem}.{order.form}", **tally.as_json()}
    yield json_entry("manifest.json", manifest)
    yield json_entry("dictionary.json", dictionary_of(order.form))


def _events(order: Order, manifest: dict[str, Any]) -> Iterator[AuditEvent]:
    """The events of an order, a sample's where it asks for one, which the manifest then tells of."""
    last = last_number()
    events = walk(order.asked, scope=order.scope, upto=last)
    if order.sample is None:
        return events
    picked = drawn(order.sample, (event.pk for event in events))
    manifest["sample"] = picked.as_json()
    again = walk(order.asked, scope=order.scope, upto=last)
    return (event for event in again if event.pk in picked.numbers)
