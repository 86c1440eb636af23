"""Documents of a case: looked through, encrypted, opened with a purpose, accepted or rejected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.applications.kinds import kinds_known
from apps.applications.models import Document, DocumentOpening, VisitReport
from apps.applications.selectors.reading import task_of
from apps.applications.services.locking import UNSETTLED, case_locked, take_part
from apps.applications.uploads import LARGEST, Inspected, inspect
from apps.audit.services import act, record, record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.vault import files
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch


def document_add(*, actor: Actor, case: LoanCase, code: str, stream: BinaryIO, name: str) -> Document:
    """Take a file in. It is looked through before the transaction begins; raises ``UploadRefused`` or ``BadInput``."""
    authorize(actor, Permission.DOCUMENT_ADD, case)
    return _document_keep(actor=actor, case=case, code=code, stream=stream, seen=inspect(stream, name=name))


@act(tag="applications.document_add")
def _document_keep(*, actor: Actor, case: LoanCase, code: str, stream: BinaryIO, seen: Inspected) -> Document:
    locked = case_locked(case, actor=actor, permission=Permission.DOCUMENT_ADD, states=UNSETTLED)
    document = document_write(locked, actor, code=code, stream=stream, seen=seen)
    case_touch(locked, actor=actor)
    record(Tag.DOCUMENT_ADDED, actor=actor, subject=document, case=locked, stage=locked.stage,
           note={"code": code, "sha256": document.sha256})  # fmt: skip
    return document


def document_write(
    case: LoanCase, actor: Actor, *, code: str, stream: BinaryIO, seen: Inspected, visit: VisitReport | None = None
) -> Document:
    """Encrypt an inspected file and hang it on a locked case, inside an open act."""
    if code not in kinds_known():
        raise BadInput({"code": [_("Choose what the document is.")]})
    owner = case.borrower.key_owner
    kept = files.store(owner, stream, name=seen.name, content_type=seen.content_type, max_bytes=LARGEST)
    return Document.objects.create(
        case=case, key_owner=owner, code=code, file=kept, pages=seen.pages, visit=visit, uploaded_by_id=actor.person_id,
        uploaded_as=actor.name,
    )  # fmt: skip


def document_open(*, actor: Actor, document: Document) -> Iterator[bytes]:
    """Return a document's content to be taken away; the look is on record first, with the purpose that follows from the task."""
    _look(actor=actor, document=document, how="taken")
    _count(actor, document)
    return files.open_stream(document.file)


def document_look(*, actor: Actor, document: Document) -> bytes:
    """Return a document's content for the page that shows it. The look is on record; it counts once a page was drawn."""
    _look(actor=actor, document=document, how="shown")
    return b"".join(files.open_stream(document.file))


def document_draw(*, actor: Actor, document: Document) -> bytes:
    """Return a document's content to draw a page of it, for a look that is on record already."""
    authorize(actor, Permission.DOCUMENT_VIEW, document)
    return b"".join(files.open_stream(document.file))


def document_drawn(*, actor: Actor, document: Document) -> None:
    """Count a document as opened by who has been shown a page of it."""
    authorize(actor, Permission.DOCUMENT_VIEW, document)
    _count(actor, document)


def _count(actor: Actor, document: Document) -> None:
    if actor.person_id is not None:
        DocumentOpening.objects.get_or_create(document=document, person_id=actor.person_id)


@act(tag="applications.document_open")
def _look(*, actor: Actor, document: Document, how: str) -> None:
    authorize(actor, Permission.DOCUMENT_VIEW, document)
    record_read(
        Tag.DOCUMENT_OPENED, actor=actor, subject=document, purpose=task_of(document.case), case=document.case,
        note={"sha256": document.sha256, "how": how},
    )  # fmt: skip


@act
def document_verify(*, actor: Actor, document: Document) -> Document:
    """Accept a document: it is what it should be, legible and in force. Who accepts must have opened it."""
    current = _judged(actor, document)
    if not DocumentOpening.objects.filter(document=current, person_id=actor.person_id or 0).exists():
        raise Refused("unopened", _("Open the document before you accept it."), subject=current)
    current.verified_by_id, current.verified_at, current.rejected_at = actor.person_id, clock.now(), None
    return _judge(current, actor, Tag.DOCUMENT_ACCEPTED)


@act
def document_reject(*, actor: Actor, document: Document, why: str) -> Document:
    """Reject a document and say what is wrong with it; the checklist then asks for a better one."""
    current = _judged(actor, document)
    words = why.strip()
    if not words or len(words) > 400:
        raise BadInput({"why": [_("Say in at most 400 characters what is wrong with the document.")]})
    current.verified_by, current.verified_at = None, None
    current.rejected_at, current.rejected_why = clock.now(), words
    return _judge(current, actor, Tag.DOCUMENT_REJECTED)


def _judged(actor: Actor, document: Document) -> Document:
    locked = case_locked(document.case, actor=actor, permission=Permission.APPLICATION_ACCEPT, states=UNSETTLED)
    take_part(locked, actor)
    current = Document.objects.select_related("key_owner").get(pk=document.pk)
    current.case = locked
    if current.state != "added":
        raise Refused("judged", _("Somebody has judged this document already."), subject=current)
    return current


def _judge(document: Document, actor: Actor, tag: Tag) -> Document:
    document.save(update_fields=["verified_by", "verified_at", "rejected_at", "rejected_why"])
    case_touch(document.case, actor=actor)
    record(
        tag, actor=actor, subject=document, case=document.case, stage=document.case.stage, note={"code": document.code}
    )
    return document
