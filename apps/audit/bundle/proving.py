"""What a bundle proves with: heads that continue each other, signing keys with the events that tell of them, objects."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from apps.audit import notes
from apps.audit.bundle.choosing import Chosen, Sealed, Stretch
from apps.audit.canonical import JSON, canonical
from apps.audit.heads import Head
from apps.audit.models import AuditEvent, AuditHead, AuditSigningKey, AuditTimestamp, AuditTouch
from apps.audit.notes import BadNote
from apps.audit.pins import pin_path, pinned
from apps.audit.proofs import NotSealed, leaf_of, newest_head
from apps.audit.seals.objects import proof_of
from apps.audit.seals.store import StoredTree
from apps.audit.selectors import CHUNK
from apps.audit.signing import verifier_key
from apps.audit.tags import KEY_TAGS
from apps.audit.tree.frontier import Frontier
from apps.audit.tree.objects import Proof, verify_object
from apps.audit.tree.proofs import consistency_proof, inclusion_proof

TRIES = 10
FIRST_HEADS = 100  # after a rotation, among which one is signed by the new key
MOST_PINS = 400


def objects_proved(objects: Collection[str]) -> tuple[AuditHead, dict[str, Proof]]:
    """Return the newest head and the proofs of objects under it; raises ``NotSealed``."""
    for _try in range(TRIES):
        head = newest_head()
        proofs = {name: proof_of(name) for name in objects}
        if newest_head().pk == head.pk:
            return head, proofs
    raise NotSealed("the log is being sealed faster than proofs are made")


@dataclasses.dataclass(slots=True)
class Tally:
    """What goes into the bundle, counted on its way: events, their numbers, those of the objects in question, and the
    passkeys that have signed what they tell of."""

    objects: dict[str, list[int]]
    progress: Callable[[int], object] | None = None
    rows: int = 0
    first: int = 0
    last: int = 0
    actions: dict[str, int] = dataclasses.field(default_factory=dict)
    passkeys: set[str] = dataclasses.field(default_factory=set)

    def counted(self, event: Sealed) -> None:
        """Count an event."""
        body = json.loads(event.body)
        self.rows += 1
        self.first, self.last = min(self.first or event.number, event.number), max(self.last, event.number)
        action = str(body["action"])  # of an event that was tampered with it may be anything
        self.actions[action] = self.actions.get(action, 0) + 1
        if passkey := body.get("note", {}).get("signoff", {}).get("passkey"):
            self.passkeys.add(passkey)
        for touch in body.get("touched", ()):
            if touch["object"] in self.objects:
                self.objects[touch["object"]].append(touch["n"])


def event_lines(source: Stretch | Chosen, tally: Tally, size: int) -> Iterator[bytes]:
    """Yield the events as lines; single ones with the proof of their place in the tree of ``size`` events."""
    events = source.events()
    while chunk := list(itertools.islice(events, CHUNK)):
        tree = StoredTree()  # remembers what it reads: a new one for each chunk keeps memory flat
        if tally.progress is not None:
            tally.progress(len(chunk))
        for event in chunk:
            tally.counted(event)
            line = _plain(event) if isinstance(source, Stretch) else proved(event, size, tree)
            yield f"{canonical(line)}\n".encode()


def _plain(event: Sealed) -> dict[str, JSON]:
    return {"body": event.body, "number": event.number}


def proved(event: Sealed, size: int, tree: StoredTree) -> dict[str, JSON]:
    """An event with the proof of its place."""
    return {**_plain(event), "index": event.place, "proof": _hexed(inclusion_proof(event.place, size, tree))}


def object_lines(proofs: Mapping[str, Proof], tally: Tally, head: AuditHead) -> list[dict[str, JSON]]:
    """The objects of which the bundle holds a run of events without gaps, with how many they have in all.

    Of one that has events, none of them in the bundle, nothing is told: they may be beyond what the requester may see.
    """
    lines: list[dict[str, JSON]] = []
    for name, proof in proofs.items():
        numbers = sorted(tally.objects[name])
        first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
        held = verify_object(name, proof, bytes(head.map_root))
        count = held[0] if held else 0
        if (numbers == list(range(first, last + 1)) and last <= count) if numbers else not count:
            lines.append(_object(name, proof, first, last))
    return lines


def _object(name: str, proof: Proof, first: int, last: int) -> dict[str, JSON]:
    entry: JSON = None
    if proof.entry is not None:
        entry = {"key": proof.entry.key.hex(), "events": proof.entry.events, "last": proof.entry.last.hex()}
    return {"object": name, "first": first, "last": last, "siblings": _hexed(proof.siblings), "entry": entry}


def stretch_line(source: Stretch | Chosen) -> JSON:
    """A stretch with the peaks of the tree that it begins with; ``None`` for single events."""
    if not isinstance(source, Stretch):
        return None
    peaks: list[JSON] = []
    if source.start:
        row = AuditHead.objects.get(pk=source.start)
        peaks = _hexed(Frontier.unpacked(row.pk, bytes(row.frontier)).peaks)
    return {"from": source.start, "to": source.end, "peaks": peaks}


def signing_keys(newest: AuditHead) -> list[AuditSigningKey]:
    """The keys that have signed heads, in the order in which they came, up to the newest head's."""
    rows = list(AuditSigningKey.objects.order_by("pk"))
    signed = {row.pk for row in rows if _first_signed(row) is not None or _signs(row, newest)}
    return [row for row in rows if row.pk in signed]


def signer_of(newest: AuditHead, keys: list[AuditSigningKey]) -> AuditSigningKey:
    """The newest of the keys that signed a head."""
    return [key for key in keys if _signs(key, newest)][-1]


def key_lines(keys: list[AuditSigningKey], newest: AuditHead) -> list[dict[str, JSON]]:
    """The keys, each with the event that tells of it and the proof of that event's place."""
    told = {
        event.data["note"]["key"]: event for event in AuditEvent.objects.filter(action__in=KEY_TAGS, outcome="done")
    }
    tree = StoredTree()
    texts = [verifier_key(row).text() for row in keys]
    return [{"key": text, "event": _told(told.get(text), newest, tree)} for text in texts]


def signer_lines(passkeys: Collection[str], newest: AuditHead) -> list[dict[str, JSON]]:
    """The passkeys that have signed, each with the event by which it was added and the proof of that event's place."""
    first = dict(AuditTouch.objects.filter(object__in=passkeys, n=1).values_list("object", "event_id"))
    added, tree = AuditEvent.objects.in_bulk(first.values()), StoredTree()
    return [{"passkey": name, "event": _told(added.get(first.get(name, 0)), newest, tree)} for name in sorted(passkeys)]


def _told(event: AuditEvent | None, newest: AuditHead, tree: StoredTree) -> JSON:
    """An event with the proof of its place, without its number, which nothing proves; ``None`` before it is sealed."""
    leaf = leaf_of(event.pk) if event is not None else None
    if event is None or leaf is None or leaf.pk >= newest.pk:
        return None
    line = proved(Sealed(leaf.event_id, event.body, leaf.pk), newest.pk, tree)
    return {name: value for name, value in line.items() if name != "number"}


def head_lines(
    newest: AuditHead, keys: list[AuditSigningKey], sizes: Collection[int]
) -> list[tuple[int, dict[str, JSON]]]:
    """Earlier heads by size, each with the proof that the newest continues it.

    They are those of the sizes asked for, those by which keys took over from each other, and those that were pinned.
    """
    handovers = {head.pk for key in keys[1:] if (head := _first_signed(key)) is not None}
    wanted = {*sizes, *handovers, *_pinned_sizes()} - {0, newest.pk}
    tree = StoredTree()
    return [
        (row.pk, {"note": row.note, "growth": _hexed(consistency_proof(row.pk, newest.pk, tree))})
        for row in AuditHead.objects.filter(pk__in=wanted, pk__lt=newest.pk).order_by("pk")
    ]


def time_stamped(newest: AuditHead) -> tuple[AuditHead, bytes] | None:
    """The newest head up to this one that an authority has time-stamped, and its answer (RFC 3161, DER)."""
    stamp = AuditTimestamp.objects.filter(head__lte=newest.pk).order_by("-head").first()
    head = AuditHead.objects.filter(pk=stamp.head).first() if stamp else None
    return (head, bytes(stamp.answer)) if stamp and head else None


def _first_signed(key: AuditSigningKey) -> AuditHead | None:
    since = key.created - dt.timedelta(seconds=1)
    rows = AuditHead.objects.filter(at__gte=since).order_by("pk")[:FIRST_HEADS]
    return next((row for row in rows if _signs(key, row)), None)


def _signs(key: AuditSigningKey, row: AuditHead) -> bool:
    return notes.parse(row.note).signed_by(verifier_key(key))


def _pinned_sizes() -> list[int]:
    """Sizes of the heads in the pin file, thinned evenly, the newest always among them."""
    path = pin_path()
    try:
        sizes = sorted({Head.parsed(note.text).size for note in pinned(path)}) if path and path.exists() else []
    except (OSError, BadNote):  # audit_verify reports it
        return []
    return sizes[:: -max(1, -(-len(sizes) // MOST_PINS))]


def _hexed(hashes: Any) -> list[JSON]:
    return [value.hex() for value in hashes]
