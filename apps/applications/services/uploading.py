"""Files in pieces: announced, taken piece by piece in any order, finished once into a document, or given up.

An upload belongs to one account and one case; to everybody else it is not there. What is announced bounds what is taken;
what came is looked through like any file before it becomes a document.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from pathlib import PurePosixPath
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.applications.kinds import kinds_handed_in, kinds_known
from apps.applications.models import Document, Upload, UploadPiece
from apps.applications.services.documents import document_write
from apps.applications.services.locking import UNSETTLED, case_locked
from apps.applications.uploads import LARGEST, Inspected, UploadRefused, inspect
from apps.applications.uploads.inspecting import ALLOWED, ENDINGS, plain_name
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.vault.pieces import piece_open, piece_seal
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

PIECE = 512 * 1024
LIFE = dt.timedelta(hours=24)
MOST_OPEN, MOST_BYTES = 12, 120 * 1024 * 1024
"""What one account may have on its way at a time, over all cases."""
DIGEST = re.compile(r"[0-9a-f]{64}")
ADD = Permission.DOCUMENT_ADD
AGAIN = _("What arrived is not the file that was announced. Choose it again.")


@act(tag="applications.upload_begin")
def upload_begin(*, actor: Actor, case: LoanCase, name: str, size: int, sha256: str) -> Upload:
    """Announce a file; the one that is on its way already goes on. Raises ``UploadRefused`` or ``Refused``."""
    case_locked(case, actor=actor, permission=ADD, states=UNSETTLED)
    if actor.account_id is None:
        raise NotVisible(subject=case, action="upload")
    _check_announced(name, size, sha256)
    _drop(Q(expires_at__lte=clock.now()))
    if found := _on_its_way(actor, case).filter(sha256=sha256, size=size).first():
        return found
    _check_room(actor, size)
    try:
        with transaction.atomic():
            return Upload.objects.create(
                account_id=actor.account_id, case=case, sha256=sha256, key_owner=case.borrower.key_owner, name=plain_name(name), size=size, piece=PIECE,
                expires_at=clock.now() + LIFE,
            )  # fmt: skip
    except IntegrityError:  # announced twice in the same moment, or with another size under the same digest
        raise Refused("upload_known", AGAIN, subject=case) from None


def _on_its_way(actor: Actor, case: LoanCase | None = None) -> QuerySet[Upload]:
    """Uploads of the actor's account that are not finished, of one case or of all."""
    rows = Upload.objects.filter(account_id=actor.account_id or 0, document=None)
    return rows if case is None else rows.filter(case=case)


def _check_announced(name: str, size: int, sha256: str) -> None:
    if size <= 0:
        raise UploadRefused(_("The file is empty. Choose another one."))
    if size > LARGEST:
        raise UploadRefused(
            _("The file is larger than %(limit)s MB. Make it smaller or split it.") % {"limit": LARGEST // 2**20}
        )
    if not DIGEST.fullmatch(sha256):
        raise UploadRefused(AGAIN)
    if PurePosixPath(plain_name(name)).suffix.lower() not in frozenset().union(*ENDINGS.values()):
        raise UploadRefused(_("Files of this type are not taken. Take %(allowed)s.") % {"allowed": ALLOWED})


def _check_room(actor: Actor, size: int) -> None:
    held = _on_its_way(actor).aggregate(n=Count("pk"), b=Sum("size"))
    if held["n"] >= MOST_OPEN or (held["b"] or 0) + size > MOST_BYTES:
        raise Refused("upload_room", _("Too many files are on their way already. Finish or cancel some of them first."))


def upload_get(actor: Actor, case: LoanCase, uuid: UUID) -> Upload:
    """An upload of the actor's own on this case that has not expired; raises ``NotVisible``."""
    rows = Upload.objects.select_related("case__borrower", "key_owner", "document")
    found = rows.filter(uuid=uuid, account_id=actor.account_id or 0, case=case, expires_at__gt=clock.now()).first()
    if found is None:
        raise NotVisible(subject=case, action="upload")
    return found


def pieces_missing(upload: Upload) -> list[int]:
    """Numbers of the pieces that have not come yet."""
    if upload.document_id is not None:
        return []
    have = set(UploadPiece.objects.filter(upload=upload).values_list("number", flat=True))
    return [number for number in range(upload.pieces) if number not in have]


@act(tag="applications.upload_piece")
def piece_take(*, actor: Actor, upload: Upload, number: int, content: bytes) -> None:
    """Keep a piece, sealed. One that is there already stays as it is; its length is the announced one, exactly."""
    authorize(actor, ADD, upload.case)
    if upload.document_id is not None:
        return
    if not 0 <= number < upload.pieces or len(content) != upload.length_of(number):
        raise UploadRefused(_("A piece of the file did not come whole. It is sent again."))
    sealed = piece_seal(upload.key_owner, upload.uuid, number, content)
    UploadPiece.objects.get_or_create(upload=upload, number=number, defaults={"content": sealed})


def content_of(*, actor: Actor, upload: Upload) -> bytes:
    """The whole file as its sender has sent it; raises ``Refused`` while a piece is missing, ``UploadRefused`` for another file.

    To look at before it is handed in: nobody but its sender sees it, so the look is no event.
    """
    authorize(actor, ADD, upload.case)
    rows = UploadPiece.objects.filter(upload=upload).order_by("number").values_list("number", "content")
    content = b"".join(piece_open(upload.uuid, number, bytes(sealed)) for number, sealed in rows)
    if len(content) != upload.size:
        raise Refused("upload_whole", _("The file has not come whole yet."), subject=upload.case)
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        _drop(Q(pk=upload.pk, document=None))
        raise UploadRefused(AGAIN)
    return content


def upload_finish(*, actor: Actor, upload: Upload, code: str) -> Document:
    """Hand the file in as a document; finished again, it is the same document. Raises ``UploadRefused`` or ``BadInput``."""
    if upload.document is not None:
        return upload.document
    allowed = kinds_handed_in() if actor.is_borrower else kinds_known()
    if code not in allowed:
        raise BadInput({"code": [_("Choose what the document is.")]})
    content = content_of(actor=actor, upload=upload)
    try:
        seen = inspect(io.BytesIO(content), name=str(upload.name.reveal()))
    except UploadRefused:
        _drop(Q(pk=upload.pk, document=None))
        raise
    return _hand_in(actor=actor, upload=upload, code=code, content=content, seen=seen)


@act(tag="applications.document_add")
def _hand_in(*, actor: Actor, upload: Upload, code: str, content: bytes, seen: Inspected) -> Document:
    locked = case_locked(upload.case, actor=actor, permission=ADD, states=UNSETTLED)
    current = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if current is None:
        raise NotVisible(subject=locked, action="upload")
    known = current.document or _twin(locked, actor, code, upload.sha256)
    document = known or document_write(locked, actor, code=code, stream=io.BytesIO(content), seen=seen)
    Upload.objects.filter(pk=current.pk).update(document=document)
    UploadPiece.objects.filter(upload=current).delete()
    if known is None:
        case_touch(locked, actor=actor)
        record(Tag.DOCUMENT_ADDED, actor=actor, subject=document, case=locked, stage=locked.stage,
               note={"code": code, "sha256": document.sha256, "pieces": current.pieces})  # fmt: skip
    return document


def _twin(case: LoanCase, actor: Actor, code: str, sha256: str) -> Document | None:
    """The same file of the same sender on the case already, not rejected: handed in twice it is there once."""
    rows = Document.objects.filter(case=case, code=code, rejected_at=None, uploaded_by_id=actor.person_id or 0)
    return rows.filter(file__sha256=sha256).order_by("id").first()


def was_there_before(upload: Upload) -> bool:
    """Tell whether the document of a finished upload is older than it: the same file had been handed in before."""
    return upload.document is not None and upload.document.created_at < upload.created_at


@act(tag="applications.upload_cancel")
def upload_cancel(*, actor: Actor, upload: Upload) -> None:
    """Give up a file on its way; a document that came of it stays."""
    authorize(actor, ADD, upload.case)
    _drop(Q(pk=upload.pk, document=None))


def uploads_expire(actor: Actor) -> int:
    """Forget what was not finished within a day, and that what is finished was ever on its way. Returns how many."""
    return _drop(Q(expires_at__lte=clock.now()))


def _drop(which: Q) -> int:
    """Delete uploads with their pieces."""
    gone = list(Upload.objects.filter(which).values_list("pk", flat=True))
    UploadPiece.objects.filter(upload__in=gone).delete()
    return Upload.objects.filter(pk__in=gone).delete()[0]
