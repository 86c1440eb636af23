"""Writes one event: numbers the objects, builds the body, signs it, inserts it and notes it for the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Model

from apps.audit import mac
from apps.audit.acts import Number, OpenAct, Step
from apps.audit.body import Facts, build, case_of, touched_entries
from apps.audit.canonical import canonical, digest
from apps.audit.images import read_back
from apps.audit.models import AuditEvent
from apps.audit.numbering import last_numbers, next_numbers
from apps.audit.touched import Op, Touched
from apps.core.actor import Actor

INSERT = "INSERT INTO audit_event (txid, body, mac_key, mac) VALUES {} RETURNING id, txid"
ROW = "(0, %s, %s, %s)"
GIVEN = ("id", "txid", "body", "mac_key", "mac")


def write(opened: OpenAct, actor: Actor, facts: Facts, given: Iterable[Touched] = ()) -> AuditEvent:
    """Write an event about everything pending in the act, what is ``given``, and its subject."""
    touched = dict(opened.pending)
    for one in (*given, *_named(facts)):
        touched[one.key] = touched[one.key].then(one) if one.key in touched else one
    fresh = {key for key, one in touched.items() if one.starts_fresh}
    numbers = next_numbers(fresh, touched.keys() - fresh, opened.numbers)
    body = canonical(build(facts, actor, touched_entries(touched.values(), numbers, read_back(touched.values()))))
    [event] = _insert(opened, [body])
    _took(opened, event, numbers, facts)
    return event


def write_looks(opened: OpenAct, actor: Actor, looks: Sequence[Facts]) -> list[AuditEvent]:
    """Write several looks with one question for the numbers and one insert, unless something waits to be attached."""
    if len(looks) == 1 or opened.pending:
        return [write(opened, actor, facts) for facts in looks]
    named = [_named(facts) for facts in looks]
    keys = {one.key for ones in named for one in ones}
    held = {**opened.numbers, **last_numbers(keys - opened.numbers.keys())}
    bodies, taken = [], []
    for facts, ones in zip(looks, named, strict=True):
        numbers = next_numbers((), {one.key for one in ones}, held)
        bodies.append(
            canonical(build(facts, actor, touched_entries({one.key: one for one in ones}.values(), numbers, {})))
        )
        held |= {key: Number(number.n, digest(bodies[-1])) for key, number in numbers.items()}
        taken.append(numbers)
    events = _insert(opened, bodies)
    for event, numbers, facts in zip(events, taken, looks, strict=True):
        _took(opened, event, numbers, facts)
    return events


def _took(opened: OpenAct, event: AuditEvent, numbers: Mapping[str, Number], facts: Facts) -> None:
    taken = {key: Number(number.n, digest(event.body)) for key, number in numbers.items()}
    opened.add(Step(opened, line=f"{event.pk} {event.mac}", numbers=taken, outcome=facts.outcome))


def _insert(opened: OpenAct, bodies: Sequence[str]) -> list[AuditEvent]:
    key = mac.mac_key()
    if not opened.keyed:
        mac.ensure_stored(key)
        opened.add(Step(opened, keyed=True))
    codes = [key.coder.code(body) for body in bodies]
    values = [value for body, code in zip(bodies, codes, strict=True) for value in (body, key.id, code)]
    with connection.cursor() as cursor:  # the ORM's way takes four times as long
        cursor.execute(INSERT.format(", ".join([ROW] * len(bodies))), values)
        given = sorted(cursor.fetchall())  # ids are given in the order of the rows; they need not come back in it
    return [
        _event(number, txid, body, key.id, code)
        for (number, txid), body, code in zip(given, bodies, codes, strict=True)
    ]


def _event(number: int, txid: int, body: str, key_id: str, code: str) -> AuditEvent:
    return AuditEvent.from_db(connection.alias, GIVEN, (number, txid, body, key_id, code))


def _named(facts: Facts) -> list[Touched]:
    """The subject and its case take a number even when they are only spoken of: looks can't be withheld either."""
    named = (row for row in (facts.subject, case_of(facts)) if isinstance(row, Model) and row.pk is not None)
    return [Touched.of(row, Op.NAME) for row in named]
