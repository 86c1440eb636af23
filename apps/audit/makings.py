"""Which file an export is, as the log holds it: nothing is opened or destroyed because a row of the exports' table says so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.audit.models import AuditEvent, AuditExport, AuditTouch
from apps.audit.overview import CodeState, code_state
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.core.errors import Unavailable
from apps.vault.models import EncryptedFile
from apps.vault.services import installation_owner

ASKED = (Tag.EXPORT_ASKED, Tag.CLEAR_ASKED, Tag.JOB_STARTED)
"""The last is what a request was called before it had a tag of its own."""


def making(row: AuditExport, file: EncryptedFile) -> dict[str, Any]:
    """What the event of a finished export notes of its file."""
    return {"asked": row.event, "file": file.uuid.hex, "sha256": file.sha256}


def file_of(row: AuditExport, *, unnamed: bool = False) -> EncryptedFile | None:
    """The file of an export, where the log tells that it was made for this very request; ``Unavailable`` while nobody can tell.

    ``unnamed`` takes a file as well whose making says no more than that it is some export: so older ones still go in time.
    """
    file = row.file
    if file is None or file.owner_id != installation_owner().pk:
        return None
    told = AuditTouch.objects.filter(object=object_key(file)).order_by().values("event_id")
    made = AuditEvent.objects.filter(pk__in=told, action=Tag.LOG_EXPORTED, outcome="done")
    wanted = (making(row, file), None) if unnamed else (making(row, file),)
    fitting = (event for event in made if event.data["note"].get("made") in wanted)
    return file if any(_is_genuine(event) for event in fitting) else None


def files_about(row: Model) -> list[EncryptedFile]:
    """Files of exports in clear that show anything of somebody and are not erased yet, as the log tells."""
    told = AuditTouch.objects.filter(object=object_key(row)).order_by().values("event_id")
    looks = AuditEvent.objects.filter(pk__in=told, action=Tag.VALUES_OPENED, outcome="done")
    genuine = [look.data["note"] for look in looks if _is_genuine(look)]
    named = [UUID(note["made"]["file"]) for note in genuine if "made" in note]
    return list(EncryptedFile.objects.filter(owner=installation_owner(), erased_at=None, uuid__in=named))


def asked_by(row: AuditExport) -> int | None:
    """The account that asked for an export, as the log holds it."""
    asked = AuditEvent.objects.filter(pk=row.event, action__in=ASKED, outcome="done").first()
    return asked.data.get("account") if asked is not None and _is_genuine(asked) else None


def _is_genuine(event: AuditEvent) -> bool:
    state = code_state(event)
    if state is CodeState.AWAY:
        raise Unavailable(_("The key service is away: what the log holds cannot be checked."))
    return state is CodeState.FITS
