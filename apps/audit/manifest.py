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
from apps.audit.recipients import recipient_of, told_of
from apps.audit.sampling import Sample
from apps.audit.selectors import EventFilter, Scope
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput

CLEAR_FORMS = ("csv", "jsonl", "xlsx")


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """An export to be made: which events (all that fit, or a sample), in which form, for what, in whose zone and language.

    ``recipient`` is the age recipient to whom alone the export can be opened; ``""``: it is not encrypted. ``in_clear`` asks for
    the values behind the commitments as well, which needs a recipient and a second person. ``upto`` is the number of the last
    event that it holds: in clear nothing comes in that was not there when it was asked for; 0: all there are when it is made.
    ``since`` are the sizes of heads that whoever asks has kept: a bundle shows that the log continues them.
    """

    asked: EventFilter
    scope: Scope
    form: str
    purpose: Purpose
    zone: str = "UTC"
    language: str = "en"
    institution: str = "LoanFlow"
    sample: Sample | None = None
    recipient: str = ""
    in_clear: bool = False
    upto: int = 0
    since: tuple[int, ...] = ()

    def refuse_nonsense(self, forms: tuple[str, ...]) -> None:
        """Raise ``BadInput`` for an unknown format or zone, or without a purpose."""
        if self.form not in forms:
            raise BadInput({"format": [_("Choose a format from the list.")]})
        if self.zone not in zoneinfo.available_timezones():
            raise BadInput({"zone": [_("Choose a time zone from the list.")]})
        if not self.purpose.code:
            raise BadInput({"purpose": [_("Say what the export is for.")]})
        if self.recipient and recipient_of(self.recipient) != self.recipient:
            raise BadInput({"recipient": [_("Write the recipient in small letters, with nothing around it.")]})
        if self.since and self.form != "bundle":
            raise BadInput(
                {"heads": [_("Only an evidence bundle continues heads: choose that format, or leave them out.")]}
            )
        if self.in_clear and not self.recipient:
            raise BadInput({"recipient": [_("An export in clear is encrypted: say to whom.")]})
        if self.in_clear and self.form not in CLEAR_FORMS:
            raise BadInput(
                {"format": [_("A bundle proves the log as it is, which holds no values: choose a sheet or lines.")]}
            )


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
        **({"in_clear": True, "upto": order.upto} if order.in_clear else {}),
        **({"recipient": told_of(order.recipient)} if order.recipient else {}),
        **({"head": head.note} if head is not None else {}),
    }


def scope_told(scope: Scope) -> dict[str, Any]:
    """The bounds of a scope as manifests and events hold them; none for the whole log."""
    return scope.told()
