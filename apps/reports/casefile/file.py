"""Gathers the file in the reader's sight and takes it out: recorded with its purpose before a word is handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.access.services import authorize, can
from apps.accounts.selectors import institution
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Unavailable
from apps.core.memory import remembering
from apps.core.pdf import render_pdf
from apps.core.permissions import Permission
from apps.core.showing.paper import mark_for
from apps.reports.casefile import early, late
from apps.reports.casefile.blocks import Note, Section
from apps.workflow.models import LoanCase

TEMPLATE = "reports/case_file.typ"
PDF, PRINT = "pdf", "print"
Builder = Callable[[Actor, LoanCase], Section | None]
PARTS: tuple[tuple[Permission, Builder], ...] = (
    (Permission.CASE_VIEW, early.cover),
    (Permission.BORROWER_VIEW, early.business),
    (Permission.CASE_VIEW, early.request),
    (Permission.CASE_VIEW, early.visit),
    (Permission.CREDIT_VIEW, late.narrative),
    (Permission.CREDIT_VIEW, late.ratios),
    (Permission.APPROVAL_VIEW, late.memo),
    (Permission.COLLATERAL_VIEW, late.collateral),
    (Permission.APPROVAL_VIEW, late.conditions),
    (Permission.APPROVAL_VIEW, late.approvers),
    (Permission.PAYMENT_VIEW, late.signers),
    (Permission.DOCUMENT_VIEW, early.documents),
    (Permission.CASE_VIEW, early.timeline),
)
"""Sections in their order, each with the permission on the case that its reader needs; who has it not gets none of it."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The file as taken out: its sections, who took it and when, and what for."""

    title: str
    institution: str
    mark: str
    purpose: str
    taken_at: dt.datetime
    sections: tuple[Section, ...]


def case_file_take(*, actor: Actor, case: LoanCase, form: str, purpose: Purpose, purpose_label: str) -> CaseFile:
    """Take the file out as ``pdf`` or ``print``. On record first; raises ``BadInput`` without a purpose."""
    authorize(actor, Permission.CASE_VIEW, case)
    if form not in {PDF, PRINT} or not purpose.code or not purpose.text.strip():
        raise BadInput({"words": [_("Say what the file is for.")]})
    parts = [build for permission, build in PARTS if can(actor, permission, case)]
    sections = [build.__name__ for build in parts]
    record_read(
        Tag.CASE_FILE_TAKEN, actor=actor, subject=case, case=case, purpose=purpose,
        note={"form": form, "language": _language(), "sections": sections},
    )  # fmt: skip
    found = institution()
    with remembering(), clock.at_home():
        made = [section for build in parts if (section := _built(build, actor, case)) is not None]
        return CaseFile(
            _("File of case %(number)s") % {"number": case.number}, found.name if found else "", mark_for(actor, case.number),
            f"{purpose_label}: {purpose.text}", timezone.localtime(clock.now()), tuple(made),
        )  # fmt: skip


def _built(build: Builder, actor: Actor, case: LoanCase) -> Section | None:
    """A section; where the keys are away, the file says so in its place."""
    try:
        return build(actor, case)
    except Unavailable as away:
        return Section(_("A part is away"), [Note(str(away))])


def case_file_pdf(file: CaseFile, case: LoanCase) -> bytes:
    """The file as PDF in the reader's language."""
    data: dict[str, Any] = {
        "title": file.title, "institution": file.institution, "reference": case.number, "footer": file.mark,
        "lead": [file.mark, f"{_('Purpose')}: {file.purpose}"], "sections": [section.as_json() for section in file.sections],
    }  # fmt: skip
    return render_pdf(TEMPLATE, data, _language(), made_at=file.taken_at)


def _language() -> str:
    return translation.get_language() or "en"
