"""The transaction of evidence: refused while the journal is away, never committed with something unrecorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import transaction

from apps.audit import acts, journal, mac
from apps.audit.acts import OpenAct, Unrecorded


@contextlib.contextmanager
def committed(opened: OpenAct) -> Iterator[None]:
    """Run the block as an outermost act; raises ``Unavailable`` before anything happens when it could not be proved."""
    key = mac.mac_key()
    journal.ensure_writable(key.id)
    token = acts.enter(opened)
    try:
        with transaction.atomic(durable=True):
            # the first hook of the transaction: whatever a later one does (mail, tasks), the journal has its lines
            transaction.on_commit(lambda: journal.append(key.id, opened.lines))
            yield
            _finish(opened)
    finally:
        acts.leave(token)


def _finish(opened: OpenAct) -> None:
    opened.settle()
    for look in opened.lost_looks():
        look()
    if opened.pending:
        raise Unrecorded(
            f"{opened.service} wrote {', '.join(sorted(opened.pending))} after its last event: record last"
        )
    opened.lines = [step.line for step in opened.steps if step.line]
