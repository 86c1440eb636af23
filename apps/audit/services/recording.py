"""Events of services: what was done, and what was looked at."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from apps.audit import acts
from apps.audit.acts import Step
from apps.audit.body import Facts, Purpose
from apps.audit.models import AuditEvent
from apps.audit.services.act import act
from apps.audit.tags import Tag
from apps.audit.touched import Op, Touched
from apps.audit.writing import write, write_looks
from apps.core import memory
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


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at and why: the arguments of ``record_read`` as a value."""

    tag: Tag
    subject: Model | None = None
    purpose: Purpose | str = ""
    fields: tuple[str, ...] = ()
    note: Mapping[str, Any] = field(default_factory=dict)
    case: Model | str | None = None

    def facts(self) -> Facts:
        """The look as the log takes it."""
        details = {**self.note, **({"fields": sorted(self.fields)} if self.fields else {})}
        return Facts(
            str(self.tag),
            kind="read",
            subject=self.subject,
            case=self.case,
            purpose=_purpose(self.purpose),
            note=details,
        )

    def name(self, actor: Actor) -> Hashable:
        """What tells it from every other look of the same request."""
        about = (self.subject._meta.label, self.subject.pk) if self.subject is not None else None
        return (
            "look",
            actor.name,
            str(self.tag),
            about,
            repr(self.purpose),
            tuple(sorted(self.fields)),
            repr(sorted(self.note.items())),
        )


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
    return record_looks([Look(tag, subject, purpose, tuple(fields), note or {}, case)], actor=actor)[0]


def record_looks(looks: Sequence[Look], *, actor: Actor) -> list[AuditEvent]:
    """Record several looks of one page at once, before any of it is opened.

    While a page is read, a look that was recorded so is not recorded again by whoever opens the part it speaks of.
    """
    known: dict[Hashable, AuditEvent | None] = {look.name(actor): memory.kept(look.name(actor)) for look in looks}
    fresh = [look for look in looks if known[look.name(actor)] is None]
    for look, made in zip(fresh, _recorded(fresh, actor), strict=True):
        known[look.name(actor)] = made
        memory.keep(look.name(actor), made)
    return [event for look in looks if (event := known[look.name(actor)]) is not None]


def _recorded(looks: Sequence[Look], actor: Actor) -> list[AuditEvent]:
    if not looks:
        return []
    facts = [look.facts() for look in looks]
    with act(actor=actor, tag=str(looks[0].tag)) as opened:
        before = len(opened.steps)
        events = write_looks(opened, actor, facts)
        steps = [step for step in opened.steps[before:] if step.line]
        for one, step in zip(facts, steps, strict=True):
            opened.looks.append((functools.partial(_again, actor, one), step))
    return events


def _again(actor: Actor, facts: Facts) -> AuditEvent:
    return write(acts.required(), actor, facts)


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
