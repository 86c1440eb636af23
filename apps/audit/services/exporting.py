"""Exports: written to a temporary file, recorded with their manifest, and only then handed out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import zipfile
from collections.abc import Callable, Collection
from typing import IO, Any

from apps.audit.body import Purpose
from apps.audit.export import FORMATS, Tally, dictionary_of, written
from apps.audit.manifest import Order, manifest_of
from apps.audit.models import AuditHead
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
    """Write an export that nobody may have before ``export_noted`` has put it on record."""
    order.refuse_nonsense(FORMS)
    stem = f"audit-{clock.now():%Y%m%d-%H%M%S}"
    if order.form == BUNDLE:
        file, manifest = bundle_made(order, actor, since=since, progress=progress)
    else:
        file, manifest = _archived(order, actor, stem, progress)
    return Export(file, f"{stem}-evidence.zip" if order.form == BUNDLE else f"{stem}.zip", manifest)


def export_noted(order: Order, made: Export, *, actor: Actor) -> None:
    """Put an export on record."""
    note = {name: value for name, value in made.manifest.items() if name not in NOT_RECORDED}
    record_read(Tag.LOG_EXPORTED, actor=actor, purpose=order.purpose, note=note)


def _archived(order: Order, actor: Actor, stem: str, progress: Progress | None) -> tuple[IO[bytes], dict[str, Any]]:
    file, tally = tempfile.SpooledTemporaryFile(max_size=SPOOLED), Tally(progress)  # noqa: SIM115 - the caller closes it
    manifest = manifest_of(order, actor, AuditHead.objects.order_by("-pk").first())
    last = last_number()
    events = walk(order.asked, scope=order.scope, upto=last)
    if order.sample is not None:
        picked = drawn(order.sample, (event.pk for event in events))
        manifest["sample"] = picked.as_json()
        again = walk(order.asked, scope=order.scope, upto=last)
        events = (event for event in again if event.pk in picked.numbers)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(f"{stem}.{order.form}", "w", force_zip64=True) as entry:
            for piece in written(events, form=order.form, zone=order.zone, tally=tally):
                entry.write(piece)
        manifest |= {"file": f"{stem}.{order.form}", **tally.as_json()}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr("dictionary.json", json.dumps(dictionary_of(order.form), indent=1, ensure_ascii=False))
    file.seek(0)
    return file, manifest
