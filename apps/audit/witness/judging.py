"""What a witness cosigns: heads signed by a log's own key that continue what it has seen; nothing else, ever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence

from django.utils import timezone

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.notes import COSIGNATURE, BadNote, Key, Note
from apps.audit.tree.checking import WrongProof, verify_consistency
from apps.audit.witness.state import State

logger = logging.getLogger(__name__)


class Declined(Exception):
    """A head that is not cosigned, with the status of c2sp.org/tlog-witness and what to answer."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Witness:
    """Judges heads of the logs whose keys it was given; one at a time."""

    def __init__(self, name: str, state: State, logs: Iterable[Key]) -> None:
        self._name, self._state, self._logs = name, state, list(logs)
        self._private = state.private_key()
        self._lock = threading.Lock()

    @property
    def key(self) -> Key:
        """The key under which it cosigns."""
        return Key(self._name, notes.public_of(self._private), COSIGNATURE)

    def newest(self, origin: str) -> str | None:
        """The newest head of a log as it was cosigned."""
        with self._lock:
            known = self._state.newest(origin)
        return None if known is None else _whole(known[0])

    def cosign(self, old: int, proof: Sequence[bytes], text: str) -> str:
        """Return a cosignature line; raises ``Declined``.

        ``old`` is the size that the log believes to be the newest here, ``proof`` shows that its head continues it.
        """
        note, head = self._read(text)
        with self._lock:
            known = self._state.newest(head.origin)
            size = known[1].size if known else 0
            if known is not None:
                self._compare(note, head, *known)
            if old > head.size:
                raise Declined(400, "the old size is above that of the head")
            if old != size:
                raise Declined(409, f"{size}\n")
            if known is not None:
                self._continues(head, proof, text, *known)
            return self._cosigned(note, head)

    def _read(self, text: str) -> tuple[Note, Head]:
        try:
            note = notes.parse(text)
            head = Head.parsed(note.text)
        except BadNote as problem:
            raise Declined(400, str(problem)) from None
        keys = [key for key in self._logs if key.name == head.origin]
        if not keys:
            raise Declined(404, "this witness does not know the log")
        if not any(note.signed_by(key) for key in keys):
            raise Declined(403, "the head is not signed by a key of the log")
        return note, head

    def _compare(self, note: Note, head: Head, known: Note, before: Head) -> None:
        """Raise the alarm where the head contradicts what was cosigned, whatever the sender says of it."""
        if head.size == before.size and note.text != known.text:
            self._alarm(409, f"SPLIT VIEW of {head.origin}: two heads of {head.size} events", note, known)
        if head.size < before.size and head.at > before.at:
            self._alarm(409, f"ROLL-BACK of {head.origin}: from {before.size} to {head.size} events", note, known)

    def _continues(self, head: Head, proof: Sequence[bytes], text: str, known: Note, before: Head) -> None:
        if before.size == 0 or head.size == before.size:
            return
        try:
            verify_consistency(before.size, head.size, proof, before.root, head.root)
        except WrongProof:
            words = (
                f"NOT A CONTINUATION of {head.origin}: {head.size} events are not proved to begin with {before.size}"
            )
            self._alarm(422, words, notes.parse(text), known)

    def _alarm(self, status: int, words: str, *evidence: Note) -> None:
        logger.error(words)
        said = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ} {words}"
        self._state.alarm(said, *map(_whole, evidence))
        raise Declined(status, words)

    def _cosigned(self, note: Note, head: Head) -> str:
        line = notes.cosignature_line(note.text, self._name, self._private, int(timezone.now().timestamp()))
        self._state.keep(head.origin, _whole(note, line))
        return line


def _whole(note: Note, *more: str) -> str:
    return notes.written(note.text, [*map(notes.line_of, note.signatures), *more])
