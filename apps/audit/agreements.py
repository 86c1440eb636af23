"""A second person's agreement to an export in clear, as the log holds it: the job believes the log, not its own table.

So whoever can only write the database's tables can neither make a job of what nobody agreed to nor turn a refusal round.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.audit.canonical import JSON
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.overview import CodeState, code_state
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.errors import Refused, Unavailable


@dataclasses.dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed, when, in which event; and the numbers of all persons whom the export concerns as readers."""

    event: int
    name: str
    at: str
    people: tuple[int, ...]

    def as_json(self) -> dict[str, JSON]:
        """The manifest's share."""
        return {"name": self.name, "agreed_at": self.at, "event": self.event}


def askers_of(asked: AuditEvent) -> frozenset[int]:
    """Persons behind a request: who asked, and for whom they acted."""
    body = asked.data
    found = {body.get("person"), body.get("on_behalf_of", {}).get("person")}
    return frozenset(person for person in found if isinstance(person, int))


def agreement_of(row: AuditExport) -> Agreement:
    """Return the agreement that a row speaks of; raises ``Refused`` unless the log proves it, ``Unavailable`` while it cannot."""
    asked = AuditEvent.objects.filter(pk=row.event, action=Tag.CLEAR_ASKED, outcome="done").first()
    agreed = AuditEvent.objects.filter(pk=row.answer or 0, action=Tag.CLEAR_AGREED, outcome="done").first()
    if asked is None or agreed is None or not _belongs(asked, agreed):
        raise Refused("second_person", _("Nobody else has agreed to this export."))
    if _is_used(agreed):
        raise Refused("second_person", _("This agreement has led to an export already."))
    if clock.now() - dt.timedelta(hours=settings.LOANFLOW_CLEAR_HOURS) > dt.datetime.fromisoformat(agreed.data["at"]):
        raise Refused("second_person", _("This agreement is too old. The export has to be asked for anew."))
    states = {code_state(asked), code_state(agreed)}
    if CodeState.AWAY in states:
        raise Unavailable(_("The key service is away: the agreement cannot be checked."))
    if states != {CodeState.FITS}:
        raise Refused("second_person", _("The agreement to this export is not as LoanFlow wrote it."))
    person = agreed.data["person"]
    return Agreement(agreed.pk, str(agreed.data["name"]), str(agreed.data["at"]), (*sorted(askers_of(asked)), person))


def _is_used(agreed: AuditEvent) -> bool:
    """Tell whether an export on record rests on this agreement: it is good for one."""
    made = AuditEvent.objects.filter(action=Tag.LOG_EXPORTED, outcome="done", pk__gt=agreed.pk).iterator()
    return any(each.data.get("note", {}).get("second_person", {}).get("event") == agreed.pk for each in made)


def _belongs(asked: AuditEvent, agreed: AuditEvent) -> bool:
    """Tell whether the agreement is to this request, by another person, and in time."""
    person, note = agreed.data.get("person"), agreed.data.get("note", {})
    in_time = dt.datetime.fromisoformat(agreed.data["at"]) <= dt.datetime.fromisoformat(asked.data["note"]["answer_by"])
    return note.get("asked") == asked.pk and isinstance(person, int) and person not in askers_of(asked) and in_time
