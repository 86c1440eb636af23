"""What stands outside the tree and speaks of it: signing keys and the events that tell of them, pinned heads."""

from __future__ import annotations

import json

from django.db.models import OuterRef, Subquery

from apps.audit.cosigners import cosigned_at, witnesses
from apps.audit.heads import Head
from apps.audit.models import AuditCosignature, AuditEvent, AuditHead, AuditSigningKey
from apps.audit.notes import BadNote, Key, parse, written
from apps.audit.pins import pin_path, pinned
from apps.audit.signing import forget_keys, is_ours, verifier_key
from apps.audit.tags import KEY_TAGS
from apps.audit.verify.report import Report

CHUNK = 1000


def check_keys(report: Report) -> None:
    """Report signing keys that are not ours, of which no event tells, or that are gone."""
    forget_keys()
    told = {}
    for event, body in AuditEvent.objects.filter(action__in=KEY_TAGS, outcome="done").values_list("pk", "body"):
        told[_key_in(body)] = event
    stored = {verifier_key(row).text(): row for row in AuditSigningKey.objects.order_by("pk")}
    for text, row in stored.items():
        if not is_ours(row):
            report.fault(0, "key", f"signing key {row.pk} was not made here")
        elif text not in told:
            report.fault(0, "key", f"no event tells of signing key {row.pk}")
    for text in told.keys() - stored.keys():
        report.fault(told[text], "key", f"the signing key that event {told[text]} tells of is gone")


def _key_in(body: str) -> str:
    """The key that an event tells of; a body of another shape, which is reported elsewhere, tells of none."""
    try:
        return str(json.loads(body)["note"]["key"])
    except (ValueError, KeyError, TypeError):
        return ""


def check_pins(report: Report) -> None:
    """Report pinned heads that the log does not hold: it was rolled back, or is another."""
    path = pin_path()
    if path is None or not path.exists():
        return
    try:
        pins = [Head.parsed(note.text) for note in pinned(path)]
    except BadNote as problem:
        report.fault(0, "pin", f"the pin file cannot be read: {problem}")
        return
    held = dict(AuditHead.objects.filter(pk__in={pin.size for pin in pins}).values_list("pk", "note"))
    for pin in pins:
        report.pins += 1
        if pin.size not in held:
            report.fault(0, "pin", f"a head of {pin.size} events is pinned, and the log does not hold it")
        elif parse(held[pin.size]).text != pin.text():
            report.fault(0, "pin", f"another head of {pin.size} events is pinned than the log holds")


def check_cosignatures(report: Report) -> None:
    """Report witnesses' lines under heads that the log does not hold, and those that their witness has not signed.

    A line under a key that the settings do not name is passed over: it vouches for nothing.
    """
    keys = {place.key.name: place.key for place in witnesses()}
    note = Subquery(AuditHead.objects.filter(pk=OuterRef("head")).values("note"))
    rows = AuditCosignature.objects.annotate(note=note).order_by("pk").values_list("head", "witness", "line", "note")
    for size, name, line, held in rows.iterator(CHUNK):
        if held is None:
            report.fault(0, "cosignature", f"{name} is said to vouch for {size} events, and the log holds no such head")
        elif not _is_line_of(name, keys.get(name), held, line):
            report.fault(0, "cosignature", f"the line of {name} under the head of {size} events is not by {name}")


def _is_line_of(name: str, key: Key | None, note: str, line: str) -> bool:
    try:
        [signature] = parse(written("-\n", [line])).signatures
    except ValueError:  # BadNote, or more lines than one
        return False
    if key is None or signature.hash != key.hash():
        return signature.name == name
    return cosigned_at(key, note, line) is not None
