"""Exports: written to a temporary file, recorded with their manifest, and only then handed out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import zipfile
import zoneinfo
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.audit.body import Purpose
from apps.audit.canonical import moment
from apps.audit.export import FORMATS, Tally, written
from apps.audit.selectors import EventFilter, Scope, last_number, walk
from apps.audit.services.recording import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput

SPOOLED = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Export:
    """A finished export: a ZIP file with the events and ``manifest.json``, open at its start; closing it removes it."""

    file: IO[bytes]
    name: str
    manifest: dict[str, Any]


def log_export(
    *, actor: Actor, asked: EventFilter, scope: Scope, form: str, purpose: Purpose, zone: str = "UTC"
) -> Export:
    """Export events as ``csv`` or ``jsonl``; the caller has checked the permission and the factor's age.

    The export holds everything up to the last event at its beginning. Raises ``BadInput`` for an unknown format or zone,
    or without a purpose. Written outside any transaction, which a long export would hold open against all writers.
    """
    if form not in FORMATS:
        raise BadInput({"format": [_("Choose CSV or JSON lines.")]})
    if zone not in zoneinfo.available_timezones():
        raise BadInput({"zone": [_("Choose a time zone from the list.")]})
    if not purpose.code:
        raise BadInput({"purpose": [_("Say what the export is for.")]})
    stem = f"audit-{clock.now():%Y%m%d-%H%M%S}"
    file, tally = tempfile.SpooledTemporaryFile(max_size=SPOOLED), Tally()  # noqa: SIM115 - the caller closes it
    manifest = _manifest(actor, asked, scope, form, purpose, zone)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(f"{stem}.{form}", "w", force_zip64=True) as entry:
            for piece in written(walk(asked, scope=scope, upto=last_number()), form=form, zone=zone, tally=tally):
                entry.write(piece)
        manifest |= {"file": f"{stem}.{form}", **tally.as_json()}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
    file.seek(0)
    record_read(Tag.LOG_EXPORTED, actor=actor, purpose=purpose, note=manifest)
    return Export(file, f"{stem}.zip", manifest)


def _manifest(actor: Actor, asked: EventFilter, scope: Scope, form: str, purpose: Purpose, zone: str) -> dict[str, Any]:
    bounds = {field.name: getattr(scope, field.name) for field in dataclasses.fields(scope)}
    return {
        "format": form,
        "filter": asked.asked(),
        "requester": actor.name,
        "made_at": moment(clock.now()),
        "purpose": {"code": purpose.code, "text": purpose.text},
        "time_zone": zone,
        "scope": {name: _bound(value) for name, value in bounds.items() if value is not None},
        "build": getattr(settings, "LOANFLOW_BUILD", ""),
    }


def _bound(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else moment(value)
