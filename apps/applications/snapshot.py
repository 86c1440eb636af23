"""The whole application as one JSON value: for versions, fingerprints and comparison. Holds personal data in clear."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.applications.models import Application
from apps.borrowers.models import Interest, Party
from apps.borrowers.writing import business_of, party_of
from apps.workflow.models import Facility, LoanCase


def snapshot_of(case: LoanCase, application: Application) -> dict[str, Any]:
    """Business, people with their parts, facilities and words; keys are stable, figures are text."""
    parties = Party.objects.filter(borrower_id=case.borrower_id).select_related("key_owner").order_by("id")
    return {
        "business": _plain(dataclasses.asdict(business_of(case.borrower))),
        "people": {str(party.pk): _person(party) for party in parties},
        "facilities": {str(row["position"]): _plain(row) for row in _facilities(case)},
        "words": {name: getattr(application, name).reveal() if getattr(application, name) else ""
                  for name in ("purpose", "repayment_source", "narrative")},
        "product": case.product.code,
        "currency": case.currency,
    }  # fmt: skip


def _person(party: Party) -> dict[str, Any]:
    parts = Interest.objects.filter(party=party, ended_on=None).order_by("id")
    rows = parts.values("kind", "share", "authority", "authority_until")
    return _plain(dataclasses.asdict(party_of(party))) | {"parts": {row["kind"]: _plain(row) for row in rows}}


def _facilities(case: LoanCase) -> list[Mapping[str, Any]]:
    rows = Facility.objects.filter(case=case).order_by("position")
    return list(rows.values("position", "kind", "amount", "term_months", "repayment", "replaces_id"))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, dt.date) else value
