"""The manifest of an export: what was asked for, by whom, why, and what was handed out."""

from __future__ import annotations

import dataclasses
import zoneinfo
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.audit.body import Purpose
from apps.audit.canonical import moment
from apps.audit.models import AuditHead
from apps.audit.sampling import Sample
from apps.audit.selectors import EventFilter, Scope
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """An export to be made: which events (all that fit, or a sample), in which form, for what, in whose zone and language."""

    asked: EventFilter
    scope: Scope
    form: str
    purpose: Purpose
    zone: str = "UTC"
    language: str = "en"
    institution: str = "LoanFlow"
    sample: Sample | None = None

    def refuse_nonsense(self, forms: tuple[str, ...]) -> None:
        """Raise ``BadInput`` for an unknown format or zone, or without a purpose."""
        if self.form not in forms:
            raise BadInput({"format": [_("Choose a format from the list.")]})
        if self.zone not in zoneinfo.available_timezones():
            raise BadInput({"zone": [_("Choose a time zone from the list.")]})
        if not self.purpose.code:
            raise BadInput({"purpose": [_("Say what the export is for.")]})


def manifest_of(order: Order, actor: Actor, head: AuditHead | None) -> dict[str, Any]:
    """The part of a manifest that is known before anything is written."""
    return {
        "format": order.form,
        "filter": order.asked.asked(),
        "requester": actor.on_behalf_name or actor.name,
        "made_at": moment(clock.now()),
        "purpose": {"code": order.purpose.code, "text": order.purpose.text},
        "time_zone": order.zone,
        "scope": scope_told(order.scope),
        "build": getattr(settings, "LOANFLOW_BUILD", ""),
        **({"head": head.note} if head is not None else {}),
    }


def scope_told(scope: Scope) -> dict[str, Any]:
    """The bounds of a scope as manifests and events hold them; none for the whole log."""
    return scope.told()
