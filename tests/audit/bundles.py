"""Bundles for tests: a log with a case-like object, rotated keys and pins, and what an attacker would do to a bundle."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from apps.audit.body import Purpose
from apps.audit.bundle.container import Container
from apps.audit.canonical import canonical
from apps.audit.manifest import Order
from apps.audit.models import AuditSigningKey
from apps.audit.selectors import NO_FILTER, WHOLE_LOG, EventFilter, Scope
from apps.audit.services import act, record
from apps.audit.services.exporting import export_made
from apps.audit.services.signing import sealer_actor, signing_key_rotate
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core.actor import Actor, ActorKind
from tests.audit.factories import SYSTEM, branch, person, rename
from tests.audit.sealing import newest_head, seal_all

AUDITOR = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3)
WHY = Purpose("audit", "yearly review")


def log_made() -> tuple[str, str]:
    """Make a log of some twenty events under four heads and two keys; returns an object with four events and the first head."""
    row = branch()
    with act(actor=SYSTEM):
        record(Tag.SIGNED_IN, actor=SYSTEM, note={"words": "中文 and \U0001f600"})
    seal_all()
    first = newest_head().note
    rename(row, "Two")
    person()
    seal_all()
    signing_key_rotate(actor=sealer_actor())
    rename(row, "Three")
    seal_all()
    rename(row, "Four")
    for _each in range(8):
        branch()
    seal_all()
    return object_key(row), first


def bundle_bytes(asked: EventFilter = NO_FILTER, scope: Scope = WHOLE_LOG, **given: Any) -> bytes:
    """Make a bundle and return its bytes."""
    made = export_made(Order(asked, scope, "bundle", WHY), actor=AUDITOR, **given)
    with made.file:
        return made.file.read()


def files_of(bundle: bytes) -> dict[str, bytes]:
    """The files in a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed_again(files: dict[str, bytes], key: AuditSigningKey | None = None) -> bytes:
    """Put changed files together as the bank itself could: with a manifest that fits and the log's own key."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"
    }
    file = io.BytesIO()
    container = Container(file, key or AuditSigningKey.objects.order_by("-pk")[0])
    for name, data in files.items():
        container.put(name, [canonical(manifest).encode() if name == "manifest.json" else data])
    container.seal()
    return file.getvalue()


def stored(folder: Path, bundle: bytes, name: str = "bundle.zip") -> Path:
    """Write a bundle into a folder."""
    path = folder / name
    path.write_bytes(bundle)
    return path
