"""The transaction of evidence: refused while the journal is away, never committed with something unrecorded."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from django.db import transaction

from apps.audit import acts, journal, mac
from apps.audit.acts import OpenAct, Unrecorded

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def committed(opened: OpenAct) -> Iterator[None]:
    """Run the block as an outermost act; raises ``Unavailable`` before anything happens when it could not be proved."""
    key = mac.mac_key()
    journal.ensure_writable(key.id)
    token = acts.enter(opened)
    try:
        with transaction.atomic(durable=True):
            # the first hook of the transaction: whatever a later one does (mail, tasks), the journal has its lines
            transaction.on_commit(lambda: _committed(opened, key.id))
            yield
            _finish(opened)
        opened.committed = True
    finally:
        acts.leave(token)
        _undo(opened)


def _committed(opened: OpenAct, key: str) -> None:
    opened.committed = True
    journal.append(key, opened.lines)


def _undo(opened: OpenAct) -> None:
    """Undo what was done beside the database and is not in it now; the act's own exception is what its caller sees."""
    for undo in opened.undone():
        try:
            undo()
        except Exception:
            logger.exception("what an act did beside the database could not be undone")


def _finish(opened: OpenAct) -> None:
    opened.settle()
    for look in opened.lost_looks():
        look()
    if opened.pending:
        raise Unrecorded(
            f"{opened.service} wrote {', '.join(sorted(opened.pending))} after its last event: record last"
        )
    opened.lines = [step.line for step in opened.steps if step.line]
