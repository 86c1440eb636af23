"""Keeps the application as it stands, whole and encrypted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from apps.applications.models import Application, ApplicationVersion, Document
from apps.applications.snapshot import snapshot_of
from apps.borrowers.models import Party
from apps.workflow.models import LoanCase


def version_write(
    case: LoanCase, application: Application, *, why: str, made_by_id: int | None, confirmed_by: Party | None = None,
    confirmed_how: str = "", confirmed_on: dt.date | None = None, document: Document | None = None,
) -> ApplicationVersion:  # fmt: skip
    """Write the next version of a locked case's application."""
    last = (
        ApplicationVersion.objects.filter(case=case).order_by("-number").values_list("number", flat=True).first() or 0
    )
    return ApplicationVersion.objects.create(
        case=case, key_owner_id=application.key_owner_id, number=last + 1, revision=application.revision,
        content=snapshot_of(case, application), made_by_id=made_by_id, why=why, confirmed_by=confirmed_by,
        confirmed_how=confirmed_how, confirmed_on=confirmed_on, document=document,
    )  # fmt: skip


def newest_version(case: LoanCase) -> ApplicationVersion | None:
    """The last version kept."""
    return ApplicationVersion.objects.filter(case=case).order_by("-number").first()


def differences_between(older: dict[str, Any], newer: dict[str, Any]) -> list[str]:
    """Paths at which two snapshots differ, such as ``business.industry`` or ``facilities.1.amount``; never a value."""
    return sorted(_paths(older, newer, ""))


def _paths(older: Any, newer: Any, place: str) -> set[str]:
    if isinstance(older, dict) and isinstance(newer, dict):
        return {path for key in older.keys() | newer.keys()
                for path in _paths(older.get(key), newer.get(key), f"{place}.{key}".lstrip("."))}  # fmt: skip
    return set() if older == newer else {place}
