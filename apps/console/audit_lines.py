"""Events put into a table's words. A body may have been tampered with: whatever it holds, its row can still be drawn."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.models import AuditEvent
from apps.audit.selectors import OUTCOMES
from apps.audit.tags import label_of
from apps.console.audit_fields import name_words, parted, short, value_words
from apps.console.audit_purposes import purpose_words
from apps.core import times
from apps.core.labels import labelled
from apps.workflow.chart import guard_words

MOST = 2
ALWAYS = frozenset({"changed_at", "created_at", "id", "key_owner", "uuid", "version"})
"""What changes with every act, and is not what it was about."""
FACTORS = {
    "totp": gettext_lazy("TOTP"), "passkey": gettext_lazy("passkey"), "recovery": gettext_lazy("recovery code"),
    "email": gettext_lazy("e-mail code"),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One row of the explorer."""

    number: int
    at: dt.datetime | None
    who: str
    behalf: str
    what: str
    outcome: str
    outcome_words: Any
    about: str
    change: str
    address: str
    factor: str


def line_of(event: AuditEvent) -> Line:
    """Put an event into words."""
    body = body_of(event)
    outcome = event.outcome or ""
    return Line(
        event.pk, event.at, event.actor or "", str(_part(body, "on_behalf_of").get("name", "")),
        label_of(event.action or ""), outcome, OUTCOMES.get(outcome, outcome),
        _about(body), change_of(body), event.address or "", factor_of(body),
    )  # fmt: skip


def body_of(event: AuditEvent) -> dict[str, Any]:
    """Return the body; an unreadable one is empty."""
    try:
        body = event.data
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def pretty(event: AuditEvent) -> str:
    """Write the body over several lines; an unreadable one as it stands."""
    body = body_of(event)
    return json.dumps(body, indent=2, ensure_ascii=False) if body else event.body


def factor_of(body: dict[str, Any]) -> str:
    """Say which factor was proved, and how long before."""
    name, age = str(body.get("factor", "")), body.get("factor_age_s", 0)
    if not name:
        return ""
    seconds = min(max(age, 0), 10**9) if isinstance(age, int) else 0
    return f"{FACTORS.get(name, name)} {times.span(dt.timedelta(seconds=seconds))}"


def change_of(body: dict[str, Any]) -> str:
    """Say what changed; else what kept it from happening, or what a look was for."""
    if body.get("guard"):
        return _("guard: %(name)s") % {"name": guard_words(str(body["guard"]))}
    changes = [
        (str(one.get("object", "")), str(name), pair)
        for one in _touched(body)
        for name, pair in _part(one, "changes").items()
    ]
    changes = [change for change in changes if change[1] not in ALWAYS and not _is_hollow(change[2])] or changes
    words = [labelled(name_words(key, name), _arrow(key, name, pair)) for key, name, pair in changes[:MOST]]
    if words:
        return parted(words) + (" …" if len(changes) > MOST else "")
    return short(purpose_of(body))


def purpose_of(body: dict[str, Any]) -> str:
    """Say what the act was for; empty where no purpose is on record."""
    purpose = _part(body, "purpose")
    return purpose_words(str(purpose.get("code") or ""), str(purpose.get("text") or ""))


def _about(body: dict[str, Any]) -> str:
    subject = _part(body, "subject")
    names = [str(body.get("case", "")), reference_words(str(subject.get("ref") or subject.get("object") or ""))]
    return " · ".join(dict.fromkeys(name for name in names if name))


def reference_words(reference: str) -> str:
    """Say a reference of the log in the reader's language: its kind, where it is one of kind and number, is a word of the catalogue."""
    kind, _space, number = reference.rpartition(" ")
    return f"{_(kind)} {number}" if kind and number.isdecimal() else reference


def _touched(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects that were touched, the subject before the others."""
    touched, subject = body.get("touched"), _part(body, "subject").get("object")
    found = [one for one in touched if isinstance(one, dict)] if isinstance(touched, list) else []
    return sorted(found, key=lambda one: one.get("object") != subject)


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _is_hollow(pair: Any) -> bool:
    """Tell whether nothing became nothing, as what is left empty when a row is made."""
    return isinstance(pair, list) and all(value in (None, "", [], {}) for value in pair)


def _arrow(key: str, name: str, pair: Any) -> str:
    values = pair if isinstance(pair, list) else [pair]
    return " → ".join(value_words(key, name, value) for value in values)
