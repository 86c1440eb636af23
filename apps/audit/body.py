"""An event's body in its final form; what is empty is left out, and nothing is ever renamed (docs/audit.md lists it).

Labels are references and handles, never names; anything personal is a commitment.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Model

from apps.audit.acts import Number
from apps.audit.canonical import JSON, moment, plain
from apps.audit.images import commitments, image, made_of
from apps.audit.touched import Op, Touched, object_key, reference
from apps.core import clock
from apps.core.actor import Actor

VERSION = 1
DEVICE_LENGTH = 200
TEXT_LENGTH = 500
UUID_HEX = re.compile("[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody looked or acted: a code from a list and, where given, their own words."""

    code: str
    text: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What a service says about an event."""

    action: str
    outcome: str = "done"
    kind: str = "act"
    guard: str = ""
    subject: Model | None = None
    case: Model | str | None = None
    stage: str = ""
    purpose: Purpose | None = None
    note: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    policy: str = ""
    model: str = ""


def build(facts: Facts, actor: Actor, touched: list[JSON]) -> dict[str, JSON]:
    """Assemble a body from what is known of the act, the actor and the objects."""
    now = clock.now()
    subject = facts.subject
    body: dict[str, Any] = {
        "v": VERSION,
        "at": moment(now),
        "action": str(facts.action),
        "outcome": facts.outcome,
        "kind": facts.kind,
        "guard": facts.guard,
        **who(actor, now),
        "case": case_label(facts),
        "stage": facts.stage or _stage(facts),
        "branch": _branch(facts),
        "subject": subject and _subject(subject),
        "touched": touched,
        "purpose": facts.purpose and _filled(dataclasses.asdict(facts.purpose)),
        "note": plain(facts.note),
        "policy": facts.policy,
        "model": facts.model,
        "build": getattr(settings, "LOANFLOW_BUILD", ""),
        "simulated": clock.is_simulated(),
    }
    return {name: value if name in {"touched", "note"} else plain(value) for name, value in _filled(body).items()}


def who(actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """Who acts, with what was held and proved at that moment."""
    age = actor.factor_age(now)
    return {
        "actor": actor.kind.value,
        "name": actor.name,
        "person": actor.person_id,
        "account": actor.account_id,
        "roles": sorted(actor.role_names),
        "branches": "all" if actor.everywhere else sorted(actor.branch_ids),
        "borrowers": sorted(actor.borrower_ids),
        "on_behalf_of": _filled({"person": actor.on_behalf_of, "name": actor.on_behalf_name}),
        "session": session_label(actor.session),
        "factor": actor.factor.value,
        "factor_age_s": None if age is None else int(age.total_seconds()),
        "address": actor.address,
        "device": actor.device[:DEVICE_LENGTH],
        "channel": actor.channel,
        "request": actor.request_id,
    }


def session_label(session: str) -> str:
    """A session by its record's uuid; anything else might be the key that opens it, and stands as a digest."""
    return session if not session or UUID_HEX.fullmatch(session) else hashlib.sha256(session.encode()).hexdigest()[:16]


def touched_entries(touched: Iterable[Touched], numbers: Mapping[str, Number], rows: Mapping[str, Model]) -> list[JSON]:
    """Write what happened to each object, in the order of their keys."""
    return [_entry(one, numbers[one.key], rows.get(one.key)) for one in sorted(touched, key=lambda one: one.key)]


def _entry(one: Touched, number: Number, row: Model | None) -> JSON:
    if one.op in {Op.CREATE, Op.UPDATE} and row is None:
        raise LookupError(f"{one.key} was written in this act but is not in the database")
    changes = {**made_of(row), **one.changes} if row is not None and one.op is Op.CREATE else one.changes
    entry: dict[str, Any] = {
        "object": one.key,
        "ref": one.ref,
        "op": one.op.value,
        "n": number.n,
        "prev": number.digest,
        "after": row and image(row),
        "changes": {name: _short(pair) for name, pair in changes.items()},
        "commitments": row and commitments(row),
    }
    return _filled(entry)


def _short(value: JSON) -> JSON:
    """Long texts stand as their digest and length: the log is not a second store of documents."""
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, str) and len(value) > TEXT_LENGTH:
        return {"sha256": hashlib.sha256(value.encode()).hexdigest(), "length": len(value)}
    return value


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, False)}


def _subject(subject: Model) -> dict[str, Any]:
    return _filled(
        {"object": object_key(subject), "ref": reference(subject), "version": getattr(subject, "version", None)}
    )


def case_of(facts: Facts) -> Model | str | None:
    """The case that an event belongs to: the one given, else the subject's own."""
    return facts.case if facts.case is not None else getattr(facts.subject, "case", None)


def case_label(facts: Facts) -> str:
    """The case's reference."""
    case = case_of(facts)
    return case if isinstance(case, str) else reference(case) if isinstance(case, Model) else ""


def _stage(facts: Facts) -> str:
    return str(getattr(case_of(facts), "stage", "") or "")


def _branch(facts: Facts) -> int | None:
    for holder in (case_of(facts), facts.subject):
        branch = getattr(holder, "branch_id", None)
        if isinstance(branch, int):
            return branch
    return None
