"""How every page of intake begins, and the parts its forms share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, TypeVar

from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from apps.applications.kinds import kinds_known
from apps.applications.models import Document
from apps.applications.services import document_add
from apps.applications.uploads import Inspected, inspect
from apps.borrowers.models import Party
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get

FORM_METHODS = ("GET", "HEAD", "POST")
RowT = TypeVar("RowT", bound=models.Model)


def found_case(request: HttpRequest, number: str, permission: Permission) -> tuple[Actor, LoanCase]:
    """The actor and the case, if the actor may use the permission on it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor, case_get(actor, number, permission)


def stage_url(case: LoanCase, place: str = "") -> str:
    """Address of the stage page, at a section."""
    return reverse("applications:stage", args=[case.number]) + (f"#{place}" if place else "")


def row_of(rows: models.QuerySet[RowT], pk: int, case: LoanCase) -> RowT:
    """A row that hangs on the case; raises ``NotVisible``."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotVisible(subject=case)
    return found


def uploads_of(case: LoanCase, after: str = "", *, field: str = "") -> dict[str, str]:
    """Where a form's files may go in pieces, and where the reader goes ``after`` they are handed in.

    A form with a file among its other fields names the ``field`` and is sent with what has come (``pieces.takes_pieces``).
    """
    return {
        "uploads_url": reverse("applications:uploads", args=[case.number]), "uploads_next": after, "uploads_field": field,
    }  # fmt: skip


def party_of(case: LoanCase, pk: int | None) -> Party:
    """A person behind the case's business; raises ``NotVisible``."""
    return row_of(Party.objects.filter(borrower_id=case.borrower_id).select_related("key_owner"), pk or 0, case)


def document_of(case: LoanCase, pk: int) -> Document:
    """A document of the case; raises ``NotVisible``."""
    return row_of(Document.objects.filter(case=case).select_related("file__owner", "case__borrower"), pk, case)


def label_of(document: Document) -> str:
    """What a document is, in words."""
    return str(kinds_known().get(document.code, document.code))


def paper_of(actor: Actor, case: LoanCase, cleaned: Mapping[str, Any], code: str) -> Document | None:
    """The paper that a form names: a new scan is taken in first, else the one chosen, else none."""
    upload = cleaned.get("file")
    if upload:
        return document_add(actor=actor, case=case, code=code, stream=upload.file, name=upload.name)
    if cleaned.get("document"):
        return row_of(Document.objects.filter(case=case), cleaned["document"], case)
    return None


def scan_of(cleaned: Mapping[str, Any]) -> tuple[BinaryIO, Inspected] | None:
    """A new scan, looked through; for services that take it in themselves."""
    upload = cleaned.get("file")
    return (upload.file, inspect(upload.file, name=upload.name)) if upload else None
