"""The witnesses that the settings name, as the log sees them: which heads they have cosigned."""

from __future__ import annotations

import dataclasses
import datetime as dt
import urllib.parse

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from apps.audit import notes
from apps.audit.models import AuditCosignature, AuditHead
from apps.audit.notes import COSIGNATURE, BadNote, Key

LOOKED_AT = 50
"""Newest lines among which a sound one is looked for: the application may add rows, and they must not keep us busy."""

LAST_SECOND = int(dt.datetime(9999, 12, 31, tzinfo=dt.UTC).timestamp())  # a witness that names a later one names none


@dataclasses.dataclass(frozen=True, slots=True)
class WitnessPlace:
    """A witness's key and where it is asked."""

    key: Key
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Witnessed:
    """How far a witness has cosigned: size of the newest head it vouches for (0: none) and when."""

    name: str
    size: int
    at: dt.datetime | None


def witnesses() -> list[WitnessPlace]:
    """Return the witnesses of ``LOANFLOW_WITNESSES`` (``KEY@URL``); raises ``ImproperlyConfigured``."""
    return [_place(text) for text in getattr(settings, "LOANFLOW_WITNESSES", ())]


def _place(text: str) -> WitnessPlace:
    encoded, _at, url = text.partition("@")
    try:
        key = Key.parsed(encoded)
    except BadNote as problem:
        raise ImproperlyConfigured(f"LOANFLOW_WITNESSES: {problem}.") from None
    if key.kind != COSIGNATURE or urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured(
            "LOANFLOW_WITNESSES holds KEY@URL with a witness's key and an http or https address."
        )
    return WitnessPlace(key, url.rstrip("/"))


def cosigned_at(key: Key, note: str, line: str) -> int | None:
    """Second (since 1970) at which a line says that a witness has cosigned a head's note; ``None`` where it does not."""
    try:
        at = notes.parse(notes.written(notes.parse(note).text, [line])).cosigned_at(key)
    except BadNote:
        return None
    return at if at is not None and at <= LAST_SECOND else None


def vouched(key: Key) -> Witnessed:
    """How far a witness has cosigned, by its own signature under a head that the log holds; one query.

    The application may add rows to the table: that one is there says nothing.
    """
    heads = AuditHead.objects.filter(pk=OuterRef("head"))
    rows = AuditCosignature.objects.filter(witness=key.name, head__in=AuditHead.objects.values("pk"))
    lines = rows.annotate(note=Subquery(heads.values("note"))).order_by("-head").values_list("head", "note", "line")
    for size, note, line in lines[:LOOKED_AT]:
        at = cosigned_at(key, note, line)
        if at is not None:
            return Witnessed(key.name, size, dt.datetime.fromtimestamp(at, dt.UTC))
    return Witnessed(key.name, 0, None)


def witnessed() -> list[Witnessed]:
    """Return how far each witness of the settings has cosigned; one query each."""
    return [vouched(place.key) for place in witnesses()]


def are_late(patience: float) -> bool:
    """Tell whether a head older than ``patience`` seconds is still without some witness's word."""
    sizes = [one.size for one in witnessed()]
    if not sizes:
        return False
    before = timezone.now() - dt.timedelta(seconds=patience)
    return AuditHead.objects.filter(pk__gt=min(sizes), at__lt=before).exists()
