"""Visits: reported by one of two visitors, confirmed by the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.access.selectors import accounts_who_can
from apps.applications.kinds import PHOTOGRAPH
from apps.applications.models import VisitReport
from apps.applications.services.documents import document_write
from apps.applications.services.locking import case_locked
from apps.applications.uploads import Inspected, UploadRefused, inspect
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch
from apps.workflow.states import BEFORE_MONEY, State

REPORTABLE = frozenset(BEFORE_MONEY) - {State.DRAFT}
LIMITS = {"place": 400, "stock": 1000, "differences": 2000, "narrative": 4000}
MOST_PHOTOGRAPHS = 20
MOST_STAFF = 100_000
Photograph = tuple[BinaryIO, Inspected]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitData:
    """What was seen at the business, by whom besides the reporter, and when (aware)."""

    second_visitor_id: int
    visited_at: dt.datetime
    place: str
    staff_seen: int
    stock: str
    narrative: str
    differences: str = ""


def visit_report_file(
    *, actor: Actor, case: LoanCase, data: VisitData, photographs: Sequence[tuple[BinaryIO, str]]
) -> VisitReport:
    """File a report with its photographs; it counts once the second visitor has confirmed it."""
    if not 1 <= len(photographs) <= MOST_PHOTOGRAPHS:
        raise BadInput({"photographs": [_("Add 1 to %(most)s photographs.") % {"most": MOST_PHOTOGRAPHS}]})
    seen = [(stream, _photograph(stream, name)) for stream, name in photographs]
    return _visit_keep(actor=actor, case=case, data=data, seen=seen)


def _photograph(stream: BinaryIO, name: str) -> Inspected:
    try:
        found = inspect(stream, name=name)
    except UploadRefused as refusal:
        raise BadInput({"photographs": [f"{name[:60]}: {refusal}"]}) from refusal
    if not found.content_type.startswith("image/"):
        raise BadInput({"photographs": [_("Photographs are JPEG or PNG images.")]})
    return found


@act(tag="applications.visit_report_file")
def _visit_keep(*, actor: Actor, case: LoanCase, data: VisitData, seen: Sequence[Photograph]) -> VisitReport:
    locked = case_locked(case, actor=actor, permission=Permission.VISIT_REPORT, states=REPORTABLE)
    _check(data, locked, actor)
    reporter = actor.person_id or 0  # a report without a person was refused just above
    visit = VisitReport.objects.create(
        case=locked, key_owner=locked.borrower.key_owner, first_visitor_id=reporter, filed_by_id=reporter,
        **{field.name: getattr(data, field.name) for field in fields(data)},
    )  # fmt: skip
    for stream, found in seen:
        document_write(locked, actor, code=PHOTOGRAPH, stream=stream, seen=found, visit=visit)
    case_touch(locked, actor=actor)
    record(
        Tag.VISIT_REPORTED, actor=actor, subject=visit, case=locked, stage=locked.stage, note={"photographs": len(seen)}
    )
    return visit


def _check(data: VisitData, case: LoanCase, actor: Actor) -> None:
    errors = {**_visitors(data, case, actor), **_figures(data), **_texts(data)}
    if errors:
        raise BadInput(errors)


def _visitors(data: VisitData, case: LoanCase, actor: Actor) -> dict[str, list[Any]]:
    if actor.person_id is None or data.second_visitor_id in actor.persons:
        return {"second_visitor": [_("Two different people visit: choose who went with you.")]}
    if not accounts_who_can(Permission.VISIT_REPORT, case.branch_id).filter(person_id=data.second_visitor_id).exists():
        return {"second_visitor": [_("Choose a person of this branch who may report visits.")]}
    return {}


def _figures(data: VisitData) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    if not clock.now() - dt.timedelta(days=366) <= data.visited_at <= clock.now():
        errors["visited_at"] = [_("Enter when the visit took place, within the last twelve months.")]
    if not 0 <= data.staff_seen <= MOST_STAFF:
        errors["staff_seen"] = [_("Enter how many people were at work.")]
    return errors


def _texts(data: VisitData) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    for name, limit in LIMITS.items():
        text = getattr(data, name).strip()
        if not text and name != "differences":
            errors[name] = [_("Write what you saw.")]
        elif len(text) > limit:
            errors[name] = [_("Use at most %(limit)s characters.") % {"limit": limit}]
    return errors


@act
def visit_confirm(*, actor: Actor, visit: VisitReport) -> VisitReport:
    """Confirm a report as the second visitor: four eyes were there."""
    locked = case_locked(visit.case, actor=actor, permission=Permission.VISIT_REPORT, states=REPORTABLE)
    current = VisitReport.objects.get(pk=visit.pk)
    if current.second_visitor_id != actor.person_id:
        raise Refused("second_visitor", _("Only the second visitor confirms the report."), subject=current)
    if current.confirmed_at is None:
        current.confirmed_at = clock.now()
        current.save(update_fields=["confirmed_at"])
        case_touch(locked, actor=actor)
        record(Tag.VISIT_CONFIRMED, actor=actor, subject=current, case=locked, stage=locked.stage)
    return current
