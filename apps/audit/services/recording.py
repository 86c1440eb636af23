"""Events of services: what was done, and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from apps.audit import acts
from apps.audit.acts import Step
from apps.audit.body import Facts, Purpose
from apps.audit.models import AuditEvent
from apps.audit.services.act import act
from apps.audit.tags import Tag
from apps.audit.touched import Op, Touched
from apps.audit.writing import write
from apps.core.actor import Actor


def record(
    tag: Tag,
    *,
    actor: Actor,
    subject: Model | None = None,
    touched: Iterable[Model | Touched] = (),
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    purpose: Purpose | str | None = None,
    note: Mapping[str, Any] | None = None,
    case: Model | str | None = None,
    stage: str = "",
    guard: str = "",
    outcome: str = "done",
    policy: str = "",
    model: str = "",
) -> AuditEvent:
    """Write one event in the open act; raises ``OutsideAct`` where there is none.

    Governed rows saved through the ORM since the last event are attached by themselves. ``touched`` adds rows written
    behind its back (``update()``, raw SQL); ``changes`` adds ``{field: (before, after)}`` to the subject's difference.
    """
    opened = acts.required()
    facts = Facts(
        str(tag),
        outcome,
        guard=guard,
        subject=subject,
        case=case,
        stage=stage,
        purpose=_purpose(purpose),
        note=dict(note or {}),
        policy=policy,
        model=model,
    )
    return write(opened, actor, facts, [*_given(touched), *_changed(subject, changes)])


def record_read(
    tag: Tag,
    *,
    actor: Actor,
    subject: Model | None = None,
    purpose: Purpose | str = "",
    fields: Iterable[str] = (),
    note: Mapping[str, Any] | None = None,
    case: Model | str | None = None,
) -> AuditEvent:
    """Record a look and commit it, before its data are handed out.

    Inside an open act the look commits with the act, or by itself when the act rolls back: it was a look all the same.
    """
    details = {**(note or {}), **({"fields": sorted(fields)} if fields else {})}
    facts = Facts(str(tag), kind="read", subject=subject, case=case, purpose=_purpose(purpose), note=details)

    def look() -> AuditEvent:
        return write(acts.required(), actor, facts)

    with act(actor=actor, tag=str(tag)) as opened:
        event = look()
        opened.looks.append((look, opened.steps[-1]))
    return event


def written(rows: Iterable[Model], op: Op = Op.UPDATE) -> None:
    """Tell the open act of rows written behind the ORM's signals, such as by ``bulk_create`` (``Op.CREATE``)."""
    opened = acts.required()
    for row in rows:
        opened.add(Step(opened, wrote=Touched.of(row, op)))


def _given(rows: Iterable[Model | Touched]) -> list[Touched]:
    return [row if isinstance(row, Touched) else Touched.of(row, Op.UPDATE) for row in rows]


def _changed(subject: Model | None, changes: Mapping[str, tuple[Any, Any]] | None) -> list[Touched]:
    return [Touched.of(subject, Op.NAME, changes)] if subject is not None and changes else []


def _purpose(given: Purpose | str | None) -> Purpose | None:
    return Purpose("stated", given) if isinstance(given, str) and given else given or None  # type: ignore[return-value]
