"""Files in pieces, for the browser's script: JSON in words; the plain form does the same in one go."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.applications.models import Upload
from apps.applications.services import uploading as services
from apps.applications.uploads import UploadRefused
from apps.applications.uploads.inspecting import sniff
from apps.applications.views.finding import found_case
from apps.core.actor import Actor
from apps.core.errors import BadInput, LoanFlowError, NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.showing.drawing import draw
from apps.core.showing.paper import mark_for
from apps.workflow.models import LoanCase

PREVIEW_WIDTH = 640
MOST_DIGITS = 12
View = Callable[..., HttpResponse]
open_to = requires(Permission.DOCUMENT_ADD, Permission.PORTAL_USE)


def answering(view: View) -> View:
    """Let a view say what is wrong as JSON; what is not there is a 404 like everywhere."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotVisible:
            raise
        except BadInput as bad:
            lines = [str(line) for errors in bad.errors.values() for line in errors]
            return JsonResponse({"errors": lines, "fields": list(bad.errors)}, status=bad.status)
        except LoanFlowError as error:
            return JsonResponse({"errors": [str(error)], "fields": []}, status=error.status)

    return answer


def taking(view: View) -> View:
    """A view that takes something of a file, for who may add documents."""
    return open_to(never_cache(require_POST(answering(view))))


def showing(view: View) -> View:
    """A view that shows something of a file to who may add documents."""
    return open_to(never_cache(require_safe(answering(view))))


@taking
def begin(request: HttpRequest, number: str) -> HttpResponse:
    """Announce a file; says which pieces are wanted, those that came before a break left out."""
    actor, case = found_case(request, number, Permission.DOCUMENT_ADD)
    size = request.POST.get("size", "")
    known = services.upload_begin(
        actor=actor, case=case, name=request.POST.get("name", "")[:1000], sha256=request.POST.get("sha256", ""),
        size=int(size) if size.isascii() and size.isdigit() and len(size) <= MOST_DIGITS else 0,
    )  # fmt: skip
    return JsonResponse(_told(case, known), status=201)


@showing
def state(request: HttpRequest, number: str, upload: uuid.UUID) -> HttpResponse:
    """How far a file has come."""
    _actor, case, found = _found(request, number, upload)
    return JsonResponse(_told(case, found))


@taking
def piece(request: HttpRequest, number: str, upload: uuid.UUID, piece: int) -> HttpResponse:
    """Take one piece: the body, as it is."""
    actor, case, found = _found(request, number, upload)
    try:
        content = request.body
    except UnreadablePostError as broken:
        raise UploadRefused("") from broken
    services.piece_take(actor=actor, upload=found, number=piece, content=content)
    return JsonResponse(_told(case, found))


@showing
def preview(request: HttpRequest, number: str, upload: uuid.UUID) -> HttpResponse:
    """The first page of a file that has come whole, before it is handed in; for its sender only."""
    actor, case, found = _found(request, number, upload)
    content = services.content_of(actor=actor, upload=found)
    kind = sniff(content[:8192], "") or ""
    drawn = draw(content, kind, page=1, width=PREVIEW_WIDTH, words=mark_for(actor, case.number))
    return HttpResponse(drawn, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


@taking
def finish(request: HttpRequest, number: str, upload: uuid.UUID) -> HttpResponse:
    """Hand the file in; ``last`` says how many files that makes and ``known`` how many of those before were there already."""
    actor, case, found = _found(request, number, upload)
    found.document = services.upload_finish(actor=actor, upload=found, code=request.POST.get("code", ""))
    is_known = services.was_there_before(found)
    if last := _count(request, "last"):
        known = min(last, _count(request, "known") + is_known)
        _say(request, added=last - known, known=known)
    return JsonResponse({**_told(case, found), "known": is_known})


def _count(request: HttpRequest, name: str) -> int:
    """A small number that the script tells; 0 for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0


def _say(request: HttpRequest, *, added: int, known: int) -> None:
    """Say on the next page how many files were added, and how many were there already."""
    if added:
        words = ngettext("One document was added.", "%(count)s documents were added.", added)
        messages.success(request, words % {"count": added})
    if known:
        words = ngettext(
            "One file is there already; it was not added again.",
            "%(count)s files are there already; they were not added again.",
            known,
        )
        messages.info(request, words % {"count": known})


@taking
def cancel(request: HttpRequest, number: str, upload: uuid.UUID) -> HttpResponse:
    """Give a file up."""
    actor, _case, found = _found(request, number, upload)
    services.upload_cancel(actor=actor, upload=found)
    return JsonResponse({})


def _found(request: HttpRequest, number: str, upload: uuid.UUID) -> tuple[Actor, LoanCase, Upload]:
    actor, case = found_case(request, number, Permission.DOCUMENT_ADD)
    return actor, case, services.upload_get(actor, case, upload)


def _told(case: LoanCase, upload: Upload) -> dict[str, Any]:
    """What the script needs to go on."""
    return {
        "id": str(upload.uuid), "url": reverse("applications:upload", args=[case.number, upload.uuid]), "piece": upload.piece, "pieces": upload.pieces,
        "missing": services.pieces_missing(upload), "done": upload.document_id is not None,
    }  # fmt: skip
