"""What a document may be: the checklist of the jurisdiction pack, and what stages attach beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.borrowers.writing import pack_in_use

CONSENT, DECLARATION, CONFIRMATION, PHOTOGRAPH = "consent", "declaration", "confirmation", "visit_photo"
EXTRA: dict[str, Any] = {
    CONSENT: _("Signed consent"),
    DECLARATION: _("Signed declaration"),
    CONFIRMATION: _("Signed confirmation of a correction"),
    "identity_evidence": _("Evidence of an identity check"),
    PHOTOGRAPH: _("Photograph of a visit"),
    "letter": _("Letter of the borrower"),
    "other": _("Other document"),
}


def add_kinds(kinds: Mapping[str, Any]) -> None:
    """Let a later stage attach documents of its own; called in ``AppConfig.ready()``."""
    EXTRA.update(kinds)


def kinds_known() -> dict[str, Any]:
    """Codes and words of all kinds of documents, the checklist's first."""
    return {document.code: document.label for document in pack_in_use().documents} | EXTRA


def kinds_handed_in() -> dict[str, Any]:
    """Codes and words of what a borrower hands in: the checklist's documents, a letter, anything else."""
    known = kinds_known()
    codes = [document.code for document in pack_in_use().documents]
    return {code: known[code] for code in (*codes, "letter", "other")}
