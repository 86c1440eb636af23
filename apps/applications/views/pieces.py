"""A form's one file that has come in pieces: it stands where the form looks for it, and is forgotten when the form is done."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse

from apps.applications.models import Upload
from apps.applications.services import uploading
from apps.applications.views.finding import found_case
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.core.permissions import Permission

SENT = "upload"
"""The hidden field that names what was sent before the form was."""
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent and stands ready, for a form that comes back with something else wrong: nobody sends it again."""

    upload: Upload
    file: SimpleUploadedFile


def takes_pieces(field: str) -> Callable[[View], View]:
    """Let a view of a case take its file ``field`` in pieces too; the gate and the method are asked before.

    What has expired, is not whole or is somebody else's is an empty file to the form, which says so beside the field.
    """

    def dress(view: View) -> View:
        @functools.wraps(view)
        def take(request: HttpRequest, number: str, *args: Any, **kwargs: Any) -> HttpResponse:
            sent = request.POST.get(SENT, "") if request.method == "POST" else ""
            if not sent or field in request.FILES:
                return view(request, number, *args, **kwargs)
            actor, case = found_case(request, number, Permission.DOCUMENT_ADD)
            kept = _kept(actor, case, sent)
            request.FILES[field] = kept.file if kept else SimpleUploadedFile("lost", b"")
            request.upload_kept = kept  # type: ignore[attr-defined]  # for the page, should it come back
            answer = view(request, number, *args, **kwargs)
            if kept and answer.status_code == 302:
                uploading.upload_cancel(actor=actor, upload=kept.upload)
            return answer

        return take

    return dress


def _kept(actor: Actor, case: Any, sent: str) -> Kept | None:
    try:
        upload = uploading.upload_get(actor, case, uuid.UUID(sent))
        content = uploading.content_of(actor=actor, upload=upload)
    except (ValueError, LoanFlowError):
        return None
    return Kept(upload, SimpleUploadedFile(str(upload.name.reveal()), content))
