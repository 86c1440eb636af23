"""Exports: written to a temporary file, recorded with their manifest, and only then handed out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from apps.audit.agreements import Agreement
from apps.audit.archives import archive_pieces, spooled
from apps.audit.body import Purpose
from apps.audit.export import FORMATS, Tally
from apps.audit.manifest import Order, manifest_of
from apps.audit.models import AuditHead
from apps.audit.opening_port import Readers
from apps.audit.openings import Openings
from apps.audit.recipients import enveloped, pieces_of
from apps.audit.selectors import EventFilter, Scope
from apps.audit.services.bundling import bundle_made
from apps.audit.services.recording import Look, record_looks, record_read
from apps.audit.sheets import sheet_entries
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

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
    openings: Openings | None = None


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
    order: Order, *, actor: Actor, since: Collection[int] = (), progress: Progress | None = None,
    agreed: Agreement | None = None,
) -> Export:  # fmt: skip
    """Write an export that nobody may have before ``export_noted`` has put it on record; encrypted where it has a recipient.

    One in clear is refused without an agreement.
    """
    order.refuse_nonsense(FORMS)
    if order.in_clear and agreed is None:
        raise Refused("second_person", _("Nobody else has agreed to this export."), action=Tag.LOG_EXPORTED)
    stem = f"audit-{clock.now():%Y%m%d-%H%M%S}"
    if order.form == BUNDLE:
        file, manifest = bundle_made(order, actor, since={*since, *order.since}, progress=progress)
        stem = f"{stem}-evidence"
        return _sealed(order, stem, pieces_of(file), manifest) if order.recipient else _plain(file, stem, manifest)
    manifest = manifest_of(order, actor, AuditHead.objects.order_by("-pk").first())
    openings = None
    if order.in_clear and agreed is not None:
        openings, manifest["second_person"] = Openings(Readers(agreed.people, order.scope)), agreed.as_json()
    pieces = archive_pieces(sheet_entries(order, manifest, stem, Tally(progress), openings))
    if order.recipient:
        return dataclasses.replace(_sealed(order, stem, pieces, manifest), openings=openings)
    return _plain(spooled(pieces), stem, manifest)


def _plain(file: IO[bytes], stem: str, manifest: dict[str, Any]) -> Export:
    return Export(file, f"{stem}.zip", manifest)


def _sealed(order: Order, stem: str, pieces: Iterable[bytes], manifest: dict[str, Any]) -> Export:
    """Encrypt to the recipient; the manifest is whole when the pieces have been taken."""
    said = {name: manifest[name] for name in OUTSIDE if name in manifest}
    file, record = enveloped(order.recipient, f"{stem}.zip", pieces, said)
    return Export(file, f"{stem}-encrypted.zip", {**manifest, "encrypted": record})


def export_noted(order: Order, made: Export, *, actor: Actor, making: Mapping[str, Any] | None = None) -> None:
    """Put an export on record, and of one in clear whose values were opened: a look at each, with the fields and how many.

    ``making``: for which request, and into which file.
    """
    note = {name: value for name, value in made.manifest.items() if name not in NOT_RECORDED}
    file = {"made": dict(making)} if making else {}
    note |= file
    record_read(Tag.LOG_EXPORTED, actor=actor, purpose=order.purpose, note=note)
    if made.openings is None:
        return
    agreed = made.manifest["second_person"]["event"]
    looks = [
        Look(Tag.VALUES_OPENED, row, order.purpose, tuple(fields), {"agreed": agreed, "values": fields.total(), **file})
        for row, fields in made.openings.opened.values()
    ]
    record_looks(looks, actor=actor)
